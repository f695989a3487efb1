#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "client/command_line/command_line.h"
#include "client/https_client.h"
#include "client/url.h"
#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "files/output.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::cli {

using files::write_output;
using inputs::read_file;

/// The options that every command of `assay` has, and what commands need from outside: the verifier, files,
/// standard output.
struct Context {
    std::string config_file;  ///< --config; empty: $ASSAY_CONFIG, then $XDG_CONFIG_HOME/assay/config.toml
    bool json = false;        ///< --json
};

/// A client for the verifier that the configuration names. `usage` where there is no configuration, with
/// where it was looked for.
/// A certificate near its end is told on standard error, unless the caller tells it.
enum class Warnings { on_stderr, none };
Result<client::HttpsClient> connect(const Context& context, Warnings warnings = Warnings::on_stderr);

/// How an answer of our own verifier is read: larger than a request, and with members that are newer than
/// this.
inline constexpr JsonForm kAnswer{.name = "the verifier's answer",
                                  .limits = {.bytes = 64U << 20U, .depth = 32, .values = 4'000'000},
                                  .nulls = true,
                                  .open = true};

/// The text of the answer, JSON.
Result<std::string> get(const Context& context, const std::string& path);
/// Likewise, `body` is JSON.
Result<std::string> post(const Context& context, const std::string& path, const std::string& body);
Result<std::string> post(const Context& context, const std::string& path, const Json& body);

/// With --json the answer as it came, else what `print` makes of it.
Result<command_line::ExitCode> show_answer(const Context& context, std::string_view answer,
                                           const std::function<void(JsonReader& answer)>& print);
/// The answer as it came, laid out.
Result<> print_answer(std::string_view answer);

/// The configuration file's settings; paths in it are relative to its own folder.
Result<client::ClientConfig> client_config(std::string_view file_name, std::string_view text);

/// Text for a table cell or a line of the terminal: made printable; "-" for an empty one.
std::string cell(std::string_view text);
/// Likewise for text that was made printable before it was sent, as that of findings: its backslashes stay.
std::string kept_cell(std::string_view text);
/// The integer under `key`, 0 where it is absent or of another type.
std::int64_t number_of(const JsonReader& object, std::string_view key);
/// "2026-11-22 10:42:25Z" of a Unix time in seconds or an RFC 3339 text under `key`, "-" where it is absent.
std::string time_of(const JsonReader& object, std::string_view key);

/// The texts of the list under `key`, as cells; "-" where there are none.
std::string joined(JsonReader& object, std::string_view key, std::string_view between);

void print_json(const Json& value);

}  // namespace assay::cli
