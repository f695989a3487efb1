#include "cli/context.h"

#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"

namespace assay::cli {
namespace {

constexpr JsonLimits kAnswer{.bytes = 64U << 20U, .depth = 32, .values = 4'000'000};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::filesystem::path config_path(const Context& context) {
    if (!context.config_file.empty()) return context.config_file;
    if (const auto named = environment("ASSAY_CONFIG"); !named.empty()) return named;
    if (const auto base = environment("XDG_CONFIG_HOME"); !base.empty()) {
        return std::filesystem::path(base) / "assay" / "config.toml";
    }
    return std::filesystem::path(environment("HOME")) / ".config" / "assay" / "config.toml";
}

}  // namespace

Result<client::HttpsClient> connect(const Context& context) {
    const auto path = config_path(context);
    auto text = read_file(path, limits::kTextFile);
    if (!text) {
        return fail(ErrorCode::usage, fmt::format("no configuration at {}: copy the folder operator/ of the "
                                                  "verifier's state there, or name it with "
                                                  "--config or ASSAY_CONFIG",
                                                  path.string()));
    }
    return client::HttpsClient::make(TRY(client_config(path.string(), as_text(*text))));
}

Result<nlohmann::json> parse_answer(std::string_view text) {
    return with_context(parse_json(text, kAnswer), "the verifier's answer");
}

Result<nlohmann::json> get(const Context& context, const std::string& path) {
    auto client = TRY(connect(context));
    return parse_answer(TRY(client.get_json(path)));
}

Result<nlohmann::json> post(const Context& context, const std::string& path, const nlohmann::json& body) {
    auto client = TRY(connect(context));
    return parse_answer(TRY(client.post_json(path, body.dump())));
}

std::string cell(std::string_view text) {
    return text.empty() ? "-" : printable(text);
}

std::string text_of(const nlohmann::json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string time_of(const nlohmann::json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? utc_text(found->get<std::int64_t>()) : "-";
}

void print_json(const nlohmann::json& value) {
    fmt::print("{}\n", value.dump(2));
}

}  // namespace assay::cli
