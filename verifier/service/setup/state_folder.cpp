#include "verifier/service/setup/state_folder.h"

#include <cerrno>
#include <charconv>
#include <set>
#include <system_error>

#include <fmt/core.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::setup {
namespace {

Result<std::string> text_field(const toml::table& table, const char* name, std::string otherwise) {
    const auto* node = table.get(name);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty())
        return fail(ErrorCode::usage, fmt::format("verifier.toml: '{}' must be text", name));
    return *value;
}

Result<std::size_t> count_field(const toml::table& table, const char* name, std::size_t otherwise) {
    constexpr std::int64_t kMost = 32;
    const auto* node = table.get(name);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > kMost)
        return fail(ErrorCode::usage,
                    fmt::format("verifier.toml: '{}' must be a number from 1 to {}", name, kMost));
    return static_cast<std::size_t>(*value);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "\"";
}

}  // namespace

std::string StateFolder::connection(const Config& config) const {
    if (config.database == "sqlite") return "sqlite:" + (root / "assay.db").string();
    return config.database;
}

Result<> make_private_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) != 0) {
        const std::error_code why(errno, std::generic_category());
        if (why == std::errc::file_exists) {
            return fail(ErrorCode::conflict,
                        fmt::format("{} exists and is not overwritten; remove it or choose another",
                                    printable(folder.string())));
        }
        return fail(ErrorCode::io, fmt::format("making {}: {}", printable(folder.string()), why.message()));
    }
    return {};
}

Result<> parse_listen(const std::string& text, Config& config) {
    const auto bad = [&] {
        return fail(ErrorCode::usage,
                    fmt::format("listen: expected ADDRESS:PORT, got \"{}\"; give one as 127.0.0.1:8443 or "
                                "[::1]:8443",
                                printable(shortened(text, 64))));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return bad();
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end || address.empty()) return bad();
    config.address = address;
    config.port = port;
    return {};
}

std::string listen_text(const Config& config) {
    const bool v6 = config.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", config.address, v6 ? "]" : "", config.port);
}

std::string encode_config(const Config& config) {
    return fmt::format(
        "# The verifier's configuration. Paths are relative to this folder.\n"
        "listen = {}\n"
        "database = {}  # \"sqlite\" (assay.db here) or \"postgresql://user@host/name\"\n"
        "policy = {}\n"
        "vendors = {}\n"
        "vendor_keys = {}  # the signers' public keys, *.pem; old ones in its folder 'retired'\n"
        "vendor_signatures = {}  # how many of them must have signed\n"
        "roots = {}  # a folder: root certificates of TPM makers, their revocation lists (*.crl), pins.toml\n"
        "platform_roots = {}  # certificates of makers whose platform certificates are believed\n",
        quoted(listen_text(config)), quoted(config.database), quoted(config.policy), quoted(config.vendors),
        quoted(config.vendor_keys), config.vendor_signatures, quoted(config.tpm_roots),
        quoted(config.platform_roots));
}

Result<Config> read_config(const StateFolder& state) {
    const auto bytes = inputs::read_file(state.config(), limits::kTextFile);
    if (!bytes) {
        return fail(ErrorCode::not_found, fmt::format("{}; 'assay-verifier init --state {}' makes it",
                                                      bytes.error().context, printable(state.root.string())));
    }
    try {
        const auto table = toml::parse(as_text(*bytes), state.config().string());
        static const std::set<std::string_view> known{"listen",  "database",      "policy",
                                                      "vendors", "vendor_keys",   "vendor_signatures",
                                                      "roots",   "platform_roots"};
        for (const auto& [key, value] : table) {
            if (known.contains(key.str())) continue;
            return fail(ErrorCode::usage, fmt::format("verifier.toml, line {}: unknown key '{}'",
                                                      value.source().begin.line, printable(key.str())));
        }
        Config config;
        TRY_VOID(parse_listen(TRY(text_field(table, "listen", listen_text(config))), config));
        config.database = TRY(text_field(table, "database", config.database));
        config.policy = TRY(text_field(table, "policy", config.policy));
        config.vendors = TRY(text_field(table, "vendors", config.vendors));
        config.vendor_keys = TRY(text_field(table, "vendor_keys", config.vendor_keys));
        config.vendor_signatures = TRY(count_field(table, "vendor_signatures", config.vendor_signatures));
        config.tpm_roots = TRY(text_field(table, "roots", config.tpm_roots));
        config.platform_roots = TRY(text_field(table, "platform_roots", config.platform_roots));
        return config;
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::usage, fmt::format("verifier.toml, line {}: {}", error.source().begin.line,
                                                  printable(error.description())));
    }
}

}  // namespace assay::setup
