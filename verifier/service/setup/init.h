#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "verifier/service/setup/state_folder.h"

namespace assay::setup {

struct InitOptions {
    StateFolder state;
    std::vector<std::string> names = {"localhost"};  ///< DNS names and IP addresses of the server
    Config config;
    std::optional<std::filesystem::path> vendors;  ///< folder to make the first bundle of; else the installed
    std::optional<std::filesystem::path> policy;   ///< file to copy; else the one in the program
    std::optional<std::filesystem::path> tpm_roots;  ///< folder to copy; else the installed one, or none
};

/// Makes a state folder (0700, keys 0600) with authority, server certificate, signing key, database, policy,
/// vendor data, and the first operator's certificate with a configuration for `assay`. Refuses to overwrite
/// anything; what it began is removed again where it fails. `now`: Unix time, seconds.
Result<> init(const InitOptions& options, std::int64_t now);

/// Whom a certificate is for.
struct NewOperator {
    std::string name;
    std::string role;         ///< api::to_string(Role)
    std::string person = {};  ///< who keeps its key, as the directory names them
    std::string feed = {};    ///< of an order feed the issuer, of a badge feed the source
};

/// A certificate for an operator, in the table with the role; written as operator.pem, operator.key, ca.pem
/// and config.toml into `folder`, which must not exist or be empty. `usage` where a role of which a verdict
/// may depend has no person, a feed does not say which one, or who is no feed says one; `conflict` for a name
/// that is another person's, since acts name who did them by it.
Result<> add_operator(const StateFolder& state, const Config& config, const NewOperator& who,
                      const std::filesystem::path& folder, const std::string& server, std::int64_t now);

}  // namespace assay::setup
