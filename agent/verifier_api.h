#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agent/devices/tpm/tpm.h"
#include "agent/state/seen.h"
#include "client/https_client.h"
#include "evidence/codec/json_reader.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/proof.h"
#include "evidence/wire/section/ima_state.h"

/// The agent's part of the REST API: docs/openapi.yaml. What the verifier answers is checked as any input
/// from outside.
namespace assay::agent::verifier_api {

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

struct Verdict {
    std::string host;  ///< that was attested
    Tier tier = Tier::none;
    std::string result_id;
    std::string conclusion;                   ///< hex SHA-256 of what was concluded; by its token
    std::string token;                        ///< the signed result, not checked
    std::optional<AttestationResult> result;  ///< where it was asked for, or came to something new
    std::uint64_t journal_acknowledged = 0;
    std::optional<ImaStart> ima;      ///< from where the next IMA list may go on
    std::string json;                 ///< the whole answer, as it came
    std::vector<std::string> grants;  ///< tokens for the gate, not yet verified; at most kMaxGrants
    Bytes nonce;                      ///< that the evidence answered
    std::string activation;           ///< with a result: as finish_enrolment gives it
};
inline constexpr std::size_t kMaxGrants = 8;

/// The proof stands, and these sections are to be sent with the ticket.
struct Wanted {
    std::set<std::string, std::less<>> sections;
    std::string ticket;
};

/// The proof stands, and its lists must go on from elsewhere.
struct Elsewhere {
    std::uint64_t journal_acknowledged = 0;
    std::optional<ImaStart> ima;  ///< absent: the whole list is wanted
};

/// The proof does not stand; the verifier gives nobody a reason.
struct NotProven {};

using Answer = std::variant<Verdict, Wanted, Elsewhere, NotProven>;

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

/// The first part of the fields about a key, "iak" or "idevid": "iak_public".
std::string field_of(tcg::TpmKeyRole role);

/// `token` may be empty: then a purchase list must name this host.
Result<Credential> begin_enrolment(client::HttpsClient& client, const std::string& token,
                                   const std::string& host, const Shown& shown);
/// The token of the verifier's statement that the key is activated, not checked; empty of a verifier of
/// before. `not_found` where the enrolment has expired.
Result<std::string> finish_enrolment(client::HttpsClient& client, const std::string& enrolment,
                                     const std::string& secret, const std::vector<Certified>& certified);
/// A nonce of 32 bytes. `unsupported` where the verifier speaks another protocol.
Result<Bytes> challenge(client::HttpsClient& client);

/// What is asked of an attestation beside its evidence.
struct Asked {
    bool whole = false;             ///< the answer is to hold the result in any case
    std::optional<Seen> seen = {};  ///< so that the verifier finds out that it went back
};
Result<Answer> prove(client::HttpsClient& client, const std::string& host, const Proof& proof,
                     const Asked& asked);
Result<Answer> send_sections(client::HttpsClient& client, const std::string& ticket, const Evidence& evidence,
                             const Asked& asked);

Result<Bytes> parse_challenge(std::string_view json);
/// Refuses an answer whose token or result is not the one that its id names, or whose result is of another
/// tier.
Result<Verdict> parse_verdict(std::string_view json);
/// Of an answer with this status.
Result<Answer> parse_answer(int status, std::string_view json);

/// From where an IMA list may go on.
ImaStart ima_start_in(JsonReader& object);

}  // namespace assay::agent::verifier_api
