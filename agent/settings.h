#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/https_client.h"
#include "evidence/base/result.h"
#include "evidence/device/usb_rule.h"

namespace assay::agent {

/// What the agent is told by its configuration file and, before that, by its options.
struct Settings {
    std::string server;
    std::filesystem::path ca_file;
    std::filesystem::path state = "/var/lib/assay-agent";
    std::optional<std::string> proxy;             ///< client::ClientConfig::proxy
    std::string tcti;                             ///< as tctildr takes it; empty: the machine's own TPM
    std::filesystem::path endorsement_auth_file;  ///< its authorisation value; empty: see endorsement_auth()
    std::string endorsement_auth;                 ///< the value itself, from an option only
    std::filesystem::path recorded;        ///< a recording instead of this machine; from an option only
    std::filesystem::path ek_certificate;  ///< the EK's and those above it, where NV has none; empty: NV
    bool device_identity = true;           ///< show the TPM's IAK and IDevID at enrolment, where it has them
    bool journal_anchor =
        true;           ///< let the TPM vouch for the journal: set up its NV indices where it has none
    bool gate = false;  ///< mode = "gate": keep new USB devices out until somebody lets them in
    std::vector<usb::Rule> allow;         ///< devices that the gate lets in
    std::filesystem::path verifier_keys;  ///< JWKS or PEM; empty: in `state`, as `gate trust` writes it
    std::chrono::seconds interval{300};   ///< between attestations of `run`: 10 s to a day
    std::string name;                     ///< under which this host enrols; empty: the machine's own
    /// Where `run` looks for a one-time token when it enrols by itself.
    std::filesystem::path enrol_token_file = "/etc/assay/enrol-token";

    [[nodiscard]] std::filesystem::path journal_folder() const { return state / "journal"; }
    [[nodiscard]] std::filesystem::path gate_folder() const { return state / "gate"; }
    [[nodiscard]] std::filesystem::path keys_file() const {
        return verifier_keys.empty() ? state / "verifier-keys.json" : verifier_keys;
    }
    /// Signed statements on their way into the journal.
    [[nodiscard]] std::filesystem::path statements_folder() const { return state / "statements"; }
    /// The files of state that the agent itself makes, whether they are there or not.
    [[nodiscard]] std::vector<std::filesystem::path> own_files() const;
    /// Its warnings go to the log.
    [[nodiscard]] client::ClientConfig client() const;
};

inline constexpr std::string_view kDefaultConfig = "/etc/assay/agent.toml";

/// TOML with the keys server, ca, proxy, state, tcti, ek_certificate, endorsement_auth_file, verifier_keys,
/// name, enrol_token_file (texts), mode ("watch" or "gate"), device_identity, journal_anchor (booleans),
/// interval_s (integer) and tables [[allow]] with vid, pid, serial, digest, kind (texts; at least one); every
/// other key is refused with its line. Relative paths are relative to `file`'s folder. `usage` for whatever
/// is wrong with it.
Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& file);

/// The same from a file of at most 64 KiB. Where the default file does not exist the defaults hold; one that
/// was named must exist.
Result<Settings> load_settings(const std::filesystem::path& file_or_empty);

}  // namespace assay::agent
