#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "client/command_line/command_line.h"
#include "client/https_client.h"
#include "client/url.h"
#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::cli {

using inputs::read_file;
using inputs::write_file;

/// The options that every command of `assay` has, and what commands need from outside: the verifier, files,
/// standard output.
struct Context {
    std::string config_file;  ///< --config; empty: $ASSAY_CONFIG, then $XDG_CONFIG_HOME/assay/config.toml
    bool json = false;        ///< --json
};

/// A client for the verifier that the configuration names. `usage` where there is no configuration, with
/// where it was looked for.
Result<client::HttpsClient> connect(const Context& context);

/// GET and parse, with the limits of an answer from our own verifier (larger than those for a request).
Result<nlohmann::json> get(const Context& context, const std::string& path);
Result<nlohmann::json> post(const Context& context, const std::string& path, const nlohmann::json& body);
Result<nlohmann::json> parse_answer(std::string_view text);

/// The configuration file's settings; paths in it are relative to its own folder.
Result<client::ClientConfig> client_config(std::string_view file_name, std::string_view text);

/// Text for a table cell or a line of the terminal: made printable; "-" for an empty one.
std::string cell(std::string_view text);
/// `object[key]` as a string; empty where it is absent or of another type.
std::string text_of(const nlohmann::json& object, std::string_view key);
/// "2026-11-22 10:42:25Z" of a Unix time in seconds under `key`, "-" where it is absent.
std::string time_of(const nlohmann::json& object, std::string_view key);

void print_json(const nlohmann::json& value);

}  // namespace assay::cli
