#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collectors.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/saved_bundle.h"

namespace assay::agent {

using Sections = std::map<std::string, Bytes, std::less<>>;

/// What a host quotes: all PCRs of the SHA-256 bank. Which of them are judged is the verifier's business.
inline constexpr std::string_view kDefaultSelection =
    "sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";

/// What stands for a boot id that could not be read.
inline constexpr std::string_view kNoBootId = "00000000-0000-0000-0000-000000000000";

struct Collected {
    Sections sections;    ///< those that could be made, but for those that belong beside a quote
    GapLog gaps;          ///< what could not be read, and why
    std::string boot_id;  ///< the kernel's; all zeros where it could not be read
};

/// Runs every collector but that of the IMA list. Never fails: what fails is a gap.
Collected collect(const Machine& machine);

/// The journal for one submission, and what is to be said about it.
struct JournalPart {
    Sections sections;            ///< the section `journal`, unless it could not be read
    std::vector<Gap> gaps;        ///< why not, or that no monitor runs
    std::shared_ptr<void> still;  ///< while it is held no record is added; null where another process writes
};

/// What the device monitor tells, in each attestation anew.
struct MonitorVoice {
    std::function<JournalPart(std::uint64_t since)> journal;  ///< its records after a sequence
    std::function<std::optional<Heartbeat>()> heartbeat;      ///< nothing where none runs
};

struct EvidenceRequest {
    std::string host;  ///< its name, as enrolled
    Bytes nonce;       ///< 32 bytes
    std::string selection = std::string(kDefaultSelection);
    std::function<JournalPart()> journal;  ///< the device journal as it is now; may be empty
    /// Asked for when all else is collected, so that the monitor knows of what was seen there; may be empty.
    std::function<std::optional<Heartbeat>()> heartbeat = {};
    std::optional<ImaStart> ima = {};  ///< from where the IMA list is sent, if the boot is the same
    /// The journal's counter as the verifier acknowledged it: while it stands there, it alone is certified.
    std::optional<std::uint64_t> journal_rests_at = {};
    /// The verifier's statement for these keys, for a saved bundle; may be empty.
    std::function<std::optional<std::string>(const TpmIdentity& keys)> activation = {};
};

/// Collects, binds and quotes; docs/adr/0008 says how the IMA list and the quote
/// are made to tell of the same moment. Fails only where the TPM does (`machine.tpm` null: its `no_tpm`) or
/// the request is wrong.
Result<Evidence> make_evidence(const Machine& machine, const EvidenceRequest& request);

/// Everything for an appraisal offline: all sections, the request's nonce, and the verifier's statement that
/// AK and EK share a TPM, where the host keeps one. On its own word it is never activated. Times of challenge
/// and enrolment are the host's own clock.
Result<SavedBundle> make_saved_bundle(const Machine& machine, EvidenceRequest request, std::string made_by);

/// A saved bundle, and everything that the machine answered while it was made: `folder` becomes a recording
/// (see agent/devices/recording.h) with the bundle in it as bundle.cbor. A RecordedHost and a Tpm over
/// recorded_tcti of it, asked with the bundle's nonce, host, selection and further sections, give the very
/// same evidence. `access` serves to put the keys in their places, and is in no command that is kept: a
/// recording has every byte of those.
Result<SavedBundle> record(Host& host, const Tpm::Connect& way_to_tpm, TpmAccess access,
                           EvidenceRequest request, std::string made_by, const std::filesystem::path& folder);

/// 32 bytes from the operating system: the self-chosen nonce of `collect --out`.
Result<Bytes> random_nonce();

}  // namespace assay::agent
