#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// The verifier's answer. docs/formats/attestation-result.md is the page.
namespace assay {

/// AR4SI trustworthiness tiers (draft-ietf-rats-ar4si, 2.3.2), least to most alarming for a conclusion.
enum class Tier : std::uint8_t { none = 0, affirming = 2, warning = 32, contraindicated = 96 };
std::string_view to_string(Tier tier);
Result<Tier> tier_from_name(std::string_view name);
/// contraindicated > none > warning > affirming: what a conclusion takes from its parts, so that absent data
/// never passes.
Tier worst(Tier a, Tier b);

inline constexpr std::int64_t kAttestationResultNewest = 2;  ///< version of the flat document

/// Why a claim may be believed.
enum class Basis : std::uint8_t {
    endorsed,       ///< signed by a manufacturer
    quoted,         ///< covered by PCR values in the quote
    bound,          ///< its digest is in the quote's extraData: the host said it, and said it now
    self_reported,  ///< nothing but the host's word
};
std::string_view to_string(Basis basis);  ///< "endorsed", ...
Result<Basis> basis_from_name(std::string_view name);

/// AR4SI trustworthiness claims.
enum class TrustClaim : std::uint8_t {
    instance_identity,
    configuration,
    executables,
    file_system,
    hardware,
    runtime_opaque,
    storage_opaque,
    sourced_data
};
std::string_view to_string(TrustClaim claim);  ///< "instance-identity", ...
Result<TrustClaim> trust_claim_from_name(std::string_view name);

/// Something processed and judged. Every text may hold hostile bytes made printable; it is UTF-8 on one line.
struct Finding {
    std::string id;  ///< "usb.unaccompanied": declared once in verifier/judge/appraisal/checks/findings.inc
    Tier tier = Tier::none;
    Basis basis = Basis::self_reported;
    std::string subject;  ///< what it is about: "PCI 0000:3b:00.0", "drive nvme0 S/N X", "PCR 7 (sha256)"
    std::string expected;
    std::string actual;
    std::string evidence;  ///< where: "boot-event-log: event 12 (offset 0x1a2)", "smbios: handle 0x0100",
                           ///< "journal: record 41"
    std::string remedy;    ///< what to do next

    bool operator==(const Finding&) const = default;
};

/// id + kind of subject + canonical(expected -> actual), as hex SHA-256: equal for the same change on many
/// hosts. The kind is the subject's first word ("PCI", "drive"); runs of white space in expected and actual
/// count as one blank.
std::string finding_group_key(const Finding& finding);

/// What one check concluded; `findings` of the result hold the reasons.
struct CheckOutcome {
    std::string check;  ///< "secure_boot_is_enabled"
    TrustClaim claim = TrustClaim::configuration;
    Tier tier = Tier::none;
    Basis basis = Basis::self_reported;
    bool required = false;
    std::string summary;  ///< one line for the report: what was looked at
    bool operator==(const CheckOutcome&) const = default;
};

/// A function of inputs named by digest. Two documents hold it: the *conclusion*, which says what was
/// concluded and no time, so that a steady host has one; and the *occasion*, which is small, says when, and
/// names the conclusion and the occasion before by their digests. The digest of the occasion is the result's
/// id.
struct AttestationResult {
    std::string host;
    Tier tier = Tier::none;
    std::map<TrustClaim, Tier> claims;
    std::vector<CheckOutcome> checks;           ///< in the order of checks.inc
    std::vector<Finding> findings;              ///< in the order of the checks
    std::map<std::string, std::string> inputs;  ///< hex SHA-256. Of the conclusion: "policy", "vendors",
                                                ///< "roots"; of the occasion: "evidence", "challenge",
                                                ///< "known_host", "sessions"
    std::int64_t appraised_at =
        0;  ///< Unix time, seconds: an argument of the appraisal, not a clock reading in it
    std::int64_t challenged_at = 0;  ///< Unix time, seconds
    std::string appraiser;           ///< "assay 0.1.0"
    std::string boot_id;
    std::uint64_t journal_acknowledged = 0;  ///< highest journal sequence taken over
    /// Of the conclusion: by whose word the policy was chosen, as KnownHost::policy_by. Absent: by nobody's.
    std::optional<std::string> policy_choice = {};
    std::optional<std::string> previous = {};         ///< id of the host's result before, hex; absent: none
    std::int64_t version = kAttestationResultNewest;  ///< 1: of before there were conclusions; its id is the
                                                      ///< digest of the whole

    bool operator==(const AttestationResult&) const = default;
};

/// The digests that name a result, hex SHA-256.
struct ResultNames {
    std::string id;
    std::string conclusion;
};

// All documents are canonical JSON: keys sorted bytewise, no white space, integers, strings and booleans
// only. Text that is not UTF-8 has U+FFFD in place of each bad part. Unknown members are refused.

/// What was concluded, without anything that changes while a host stays as it is.
std::string encode_conclusion(const AttestationResult& result);
/// The members of an occasion are as in `AttestationResult()`.
Result<AttestationResult> decode_conclusion(std::string_view json);
std::string conclusion_digest(const AttestationResult& result);  ///< hex SHA-256

/// `conclusion`: the digest of the result's conclusion.
std::string encode_occasion(const AttestationResult& result, std::string_view conclusion);
/// The whole result. `refused` where the occasion names another conclusion or host.
Result<AttestationResult> decode_occasion(std::string_view json, AttestationResult conclusion);

/// One flat document with the members of both, and the conclusion's digest.
std::string encode_attestation_result(const AttestationResult& result);
std::string encode_attestation_result(const AttestationResult& result, std::string_view conclusion);
/// `malformed` too where the conclusion is not the one that the document names.
Result<AttestationResult> decode_attestation_result(std::string_view json);

/// Hex SHA-256 of the occasion; of version 1, of the flat document.
std::string attestation_result_id(const AttestationResult& result);
ResultNames result_names(const AttestationResult& result);

nlohmann::json to_json(const Finding& finding);

}  // namespace assay
