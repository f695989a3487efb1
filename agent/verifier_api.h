#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/devices/tpm.h"
#include "client/https_client.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/ima_state.h"

/// The agent's part of the REST API: docs/openapi.yaml. What the verifier answers is checked as any input
/// from outside.
namespace assay::verifier_api {

struct Credential {
    struct Part {
        Bytes id_object;
        Bytes encrypted_secret;
    };
    std::string enrolment;
    Bytes id_object;
    Bytes encrypted_secret;
    std::vector<Part> others;  ///< one for each further EK that was shown
};

struct ChallengeAnswer {
    Bytes nonce;
    std::string selection;
    std::set<std::string, std::less<>> held;  ///< hex SHA-256
    std::uint64_t journal_sequence = 0;
    std::optional<ImaStart> ima;  ///< absent: the whole IMA list is wanted
};

struct Verdict {
    AttestationResult result;
    std::string result_id;
    std::uint64_t journal_acknowledged = 0;
    std::string json;                 ///< the whole answer, as it came
    std::vector<std::string> grants;  ///< tokens for the gate, not yet verified; at most kMaxGrants
    Bytes nonce;                      ///< that the evidence answered
};
inline constexpr std::size_t kMaxGrants = 8;

/// What became of a submission.
struct Submitted {
    enum class Outcome : std::uint8_t {
        appraised,
        stale_nonce,       ///< used or expired meanwhile: ask for another challenge
        sections_missing,  ///< what the verifier said it held is gone: send all
    };
    Outcome outcome = Outcome::appraised;
    Verdict verdict;   ///< where appraised
    std::string said;  ///< else the verifier's words, printable
};

/// What the TPM shows of itself at enrolment.
struct Shown {
    TpmIdentity identity;
    std::vector<FurtherEk> further;
    std::vector<DeviceKey> device_keys;
};

/// A key that was shown certifies the AK.
struct Certified {
    tcg::TpmKeyRole role = tcg::TpmKeyRole::iak;
    TpmQuote attestation;
};

/// `token` may be empty: then a purchase list must name this host.
Result<Credential> begin_enrolment(HttpsClient& client, const std::string& token, const std::string& host,
                                   const Shown& shown);
/// `not_found` where the enrolment has expired.
Result<void> finish_enrolment(HttpsClient& client, const std::string& enrolment, const std::string& secret,
                              const std::vector<Certified>& certified);
Result<ChallengeAnswer> challenge(HttpsClient& client, const std::string& host);
Result<Submitted> submit(HttpsClient& client, const std::string& host, const Evidence& evidence);

/// Everything but letters, digits and -._~ as %XX: one segment of a path.
std::string path_segment(std::string_view text);
Result<ChallengeAnswer> parse_challenge(std::string_view json);
/// Refuses an answer whose result is not the one that its id names.
Result<Verdict> parse_verdict(std::string_view json);

}  // namespace assay::verifier_api
