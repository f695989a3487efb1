#include <fmt/core.h>
#include <toml++/toml.h>

#include "cli/context.h"
#include "evidence/base/text.h"

namespace assay::cli {

Result<ClientConfig> client_config(std::string_view file_name, std::string_view text) {
    try {
        const auto table = toml::parse(text, file_name);
        const auto folder = std::filesystem::path(file_name).parent_path();
        const auto file = [&](const char* key) -> std::filesystem::path {
            const auto value = table[key].value_or(std::string());
            return value.empty() ? std::filesystem::path() : folder / value;
        };
        ClientConfig config;
        for (const auto& [key, value] : table) {
            const std::string_view name = key.str();
            if (name != "server" && name != "ca" && name != "cert" && name != "key") {
                return fail(ErrorCode::usage,
                            fmt::format("{}:{}: unknown setting '{}': server, ca, cert, key are known",
                                        file_name, key.source().begin.line, printable(name)));
            }
            if (!value.is_string()) {
                return fail(ErrorCode::usage, fmt::format("{}:{}: '{}' must be a text", file_name,
                                                          key.source().begin.line, name));
            }
        }
        config.server = table["server"].value_or(std::string());
        config.ca_file = file("ca");
        config.cert_file = file("cert");
        config.key_file = file("key");
        if (config.server.empty() || config.ca_file.empty()) {
            return fail(ErrorCode::usage, fmt::format("{}: 'server' and 'ca' must be set", file_name));
        }
        return config;
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::usage, fmt::format("{}:{}: {}", file_name, error.source().begin.line,
                                                  printable(error.description())));
    }
}

}  // namespace assay::cli
