#pragma once

#include <memory>

#include "agent/attest/collect.h"
#include "agent/settings.h"

namespace assay::agent {

/// The machine that the settings name: this one, or a recording. A recording's TPM is the recorded one, or
/// that of `tcti` where one is given (so that a recorded host can attest to a live verifier through a
/// software TPM).
struct OpenedMachine {
    std::unique_ptr<Host> host;
    std::unique_ptr<Tpm> tpm;  ///< null where none could be opened
    Error no_tpm;

    [[nodiscard]] Machine machine() const { return {*host, tpm.get(), no_tpm}; }
};

Result<OpenedMachine> open_machine(const Settings& settings);
/// The two parts of it.
Result<std::unique_ptr<Host>> open_host(const Settings& settings);
Tpm::Connect way_to_tpm(const Settings& settings);
/// What opens its hierarchy: of the option, of the file, or of systemd's credential "assay.endorsement-auth";
/// mostly nothing. `usage` where what was named cannot be read or is too long.
Result<TpmAccess> access_to_tpm(const Settings& settings);
/// Over that way, and connected.
Result<std::unique_ptr<Tpm>> open_tpm(const Settings& settings);
/// The TPM owner's authorisation value: an option's value, a file's first line, or the systemd credential
/// assay.owner-auth; empty where there is none of them.
Result<std::string> tpm_owner_auth(std::string_view given = {}, std::string_view file = {});

/// What was made when the folder was recorded.
Result<SavedBundle> recorded_bundle(const std::filesystem::path& folder);

/// The records after `sequence`: of the state folder's journal, or of the recording's own (its bundle.cbor).
JournalPart journal_part(const Settings& settings, std::uint64_t sequence);
/// The sign of life of the monitor that writes that journal, by what it noted of its last look; of a
/// recording the one that was recorded. Nothing where none runs.
std::optional<Heartbeat> noted_heartbeat(const Settings& settings, Host& host);
/// Both, for an attestation beside that monitor. Refers to its arguments.
MonitorVoice voice_beside(const Settings& settings, Host& host);

}  // namespace assay::agent
