#include "cli/context.h"

#include <charconv>
#include <cstdlib>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr std::string_view kRfc3339 = "2026-11-22T10:42:25Z";  // as the verifier writes times

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

Result<client::HttpsClient> connect(const Context& context, Warnings warnings) {
    const auto path = config_path(context);
    auto text = read_file(path, limits::kTextFile);
    if (!text) {
        return fail(ErrorCode::usage, fmt::format("no configuration at {}: copy the folder operator/ of the "
                                                  "verifier's state there, or name it with "
                                                  "--config or ASSAY_CONFIG",
                                                  path.string()));
    }
    auto config = TRY(client_config(path.string(), as_text(*text)));
    if (warnings == Warnings::on_stderr)
        config.warn = [](const std::string& warning) { fmt::print(stderr, "assay: warning: {}\n", warning); };
    return client::HttpsClient::make(std::move(config));
}

Result<std::string> get(const Context& context, const std::string& path) {
    auto client = TRY(connect(context));
    return client.get_json(path);
}

Result<std::string> post(const Context& context, const std::string& path, const std::string& body) {
    auto client = TRY(connect(context));
    return client.post_json(path, body);
}

Result<std::string> post(const Context& context, const std::string& path, const Json& body) {
    return post(context, path, body.dump());
}

Result<> print_answer(std::string_view answer) {
    JsonReader reader(answer, kAnswer);
    TRY_VOID(reader.finish());
    fmt::print("{}\n", indented_json(answer, 2));
    return {};
}

Result<command_line::ExitCode> show_answer(const Context& context, std::string_view answer,
                                           const std::function<void(JsonReader&)>& print) {
    if (context.json) {
        TRY_VOID(print_answer(answer));
    } else {
        JsonReader reader(answer, kAnswer);
        print(reader);
        TRY_VOID(reader.finish());
    }
    return command_line::ExitCode::done;
}

std::string cell(std::string_view text) {
    return text.empty() ? "-" : printable(text);
}

std::string kept_cell(std::string_view text) {
    return text.empty() ? "-" : kept_printable(text);
}

std::int64_t number_of(const JsonReader& object, std::string_view key) {
    const auto text = object.text_at(key);
    std::int64_t value = 0;
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() ? value : 0;
}

std::string time_of(const JsonReader& object, std::string_view key) {
    auto text = object.text_at(key);
    if (text.size() == kRfc3339.size() && text[kRfc3339.find('T')] == 'T' && text.back() == 'Z') {
        text[kRfc3339.find('T')] = ' ';
        return printable(text);
    }
    const auto time_s = number_of(object, key);
    return time_s != 0 || text == "0" ? utc_text(time_s) : "-";
}

std::string joined(JsonReader& object, std::string_view key, std::string_view between) {
    std::string out;
    object.each(key, [&](JsonReader& item) {
        out += fmt::format("{}{}", out.empty() ? "" : between, cell(item.peek("")));
    });
    return out.empty() ? "-" : out;
}

void print_json(const Json& value) {
    fmt::print("{}\n", value.dump(2));
}

}  // namespace assay::cli
