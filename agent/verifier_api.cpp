#include "agent/verifier_api.h"

#include <fmt/core.h>

#include "client/url.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/wire/statement/activation_statement.h"

namespace assay::agent::verifier_api {
namespace {

constexpr std::size_t kMaxVerdict = 16U << 20U;
constexpr std::size_t kMaxValues = 500'000;
constexpr std::size_t kMaxCredential = 4096;
constexpr std::size_t kMaxDetail = 16'384;
constexpr std::size_t kMaxGrant = 12'288;  // with what is beside it in a record's document
constexpr std::uint64_t kMaxImaOffset = 1ULL << 40U;
constexpr int kWanted = 202;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

constexpr std::string_view kAnswer = "the verifier's answer";
constexpr JsonForm kForm{.name = kAnswer, .nulls = true, .open = true, .secret = true};

}  // namespace

std::string field_of(tcg::TpmKeyRole role) {
    return role == tcg::TpmKeyRole::idevid ? "idevid" : "iak";
}

Result<Credential> begin_enrolment(client::HttpsClient& client, const std::string& token,
                                   const std::string& host, const Shown& shown) {
    const auto& identity = shown.identity;
    const auto& further = shown.further;
    Json body = {{"host", host},
                 {"ek_public", to_base64url(identity.ek_public)},
                 {"ek_certificates", Json::array()},
                 {"ak_public", to_base64url(identity.ak_public)}};
    for (const auto& certificate : identity.ek_certificates)
        body["ek_certificates"].push_back(to_base64url(certificate));
    if (!token.empty()) body["token"] = token;
    for (const auto& ek : further) {
        body["other_eks"].push_back(to_base64url(ek.ek_public));
        if (!ek.certificate.empty()) body["other_ek_certificates"].push_back(to_base64url(ek.certificate));
    }
    for (const auto& key : shown.device_keys) {
        body[field_of(key.role) + "_public"] = to_base64url(key.public_area);
        for (const auto& each : key.certificates)
            body[field_of(key.role) + "_certificates"].push_back(to_base64url(each));
    }
    const auto sent = body.dump();  // a name from the command line may be no UTF-8
    JsonReader answer(TRY(client.post_json("/v1/enrolments", sent)), kForm);
    Credential credential;
    credential.enrolment = answer.text("enrolment");
    credential.id_object = answer.bytes("id_object", kMaxCredential);
    credential.encrypted_secret = answer.bytes("encrypted_secret", kMaxCredential);
    answer.each("others", [&](JsonReader& part) {
        credential.others.push_back({.id_object = part.bytes("id_object", kMaxCredential),
                                     .encrypted_secret = part.bytes("encrypted_secret", kMaxCredential)});
    });
    if (credential.others.size() != further.size())
        answer.wrong("others", fmt::format("a list of {}", further.size()));
    return answer.finish(std::move(credential));
}

Result<std::string> finish_enrolment(client::HttpsClient& client, const std::string& enrolment,
                                     const std::string& secret, const std::vector<Certified>& certified) {
    const auto path = fmt::format("/v1/enrolments/{}/activation", client::percent_encoded(enrolment));
    Json body = {{"secret", secret}};
    for (const auto& each : certified) {
        body[field_of(each.role) + "_attest"] = to_base64url(each.attestation.quote);
        body[field_of(each.role) + "_signature"] = to_base64url(each.attestation.signature);
    }
    JsonReader answer(TRY(client.post_json(path, body.dump())), kForm);
    auto activation = answer.text_or("activation", {}, kMaxActivation);
    return answer.finish(std::move(activation));
}

ImaStart ima_start_in(JsonReader& object) {
    ImaStart start;
    start.boot_id = object.text("boot_id");
    start.entries = object.count("entries");
    // Beyond what a list may have there is nothing to read, and nothing to add to.
    start.offset = object.count("offset", kMaxImaOffset);
    start.state = object.text_as("state", [](std::string_view text) -> Result<Digest> {
        return Digest::from_bytes(HashAlgorithm::sha256, TRY(from_hex(text, kSha256Digits / 2)));
    });
    return start;
}

namespace {

std::optional<ImaStart> next_ima(JsonReader& object) {
    std::optional<ImaStart> out;
    object.object("ima", [&](JsonReader& ima) { out = ima_start_in(ima); });
    return out;
}

}  // namespace

Result<Bytes> parse_challenge(std::string_view answer) {
    JsonReader object(answer, kForm);
    const auto protocol = object.count("protocol");
    TRY_VOID(object.finish());
    if (protocol != kProtocol)
        return fail(ErrorCode::unsupported,
                    fmt::format("protocol: expected {}, got {}; bring agent and verifier to one release",
                                kProtocol, protocol));
    auto nonce = object.bytes("nonce", kNonceSize);
    if (nonce.size() != kNonceSize) object.wrong("nonce", "base64url of 32 bytes");
    return object.finish(std::move(nonce));
}

Result<Bytes> challenge(client::HttpsClient& client) {
    const auto response = TRY(client.post("/v1/challenge", "", {}));
    if (response.status == kNotFound)
        return fail(
            ErrorCode::unsupported,
            fmt::format("the verifier does not speak protocol {}: bring it to the release of this agent",
                        kProtocol));
    if (response.status / 100 != 2) return std::unexpected(client::problem_of(response));
    return parse_challenge(as_text(response.body));
}

Result<Verdict> parse_verdict(std::string_view answer) {
    auto form = kForm;
    form.limits = {.bytes = kMaxVerdict, .values = kMaxValues};
    JsonReader object(answer, form);
    Verdict verdict;
    verdict.result_id = object.text("result_id");
    verdict.journal_acknowledged = object.count("journal_acknowledged");
    verdict.ima = next_ima(object);
    verdict.token = object.text("jwt", kMaxVerdict);
    verdict.tier = object.text_as("tier", tier_from_name);
    for (auto& grant : object.texts_or_none("grants", kMaxGrants, kMaxGrant))
        verdict.grants.push_back(std::move(grant));
    verdict.activation = object.text_or("activation", {}, kMaxActivation);
    const auto whole = object.has("result");
    TRY_VOID(object.finish());
    auto claims = client::unverified_ear_claims(verdict.token);
    if (!claims)
        object.refuse("jwt", claims.error());
    else if (claims->names.id != verdict.result_id)
        object.wrong("jwt", "the token of the result that is named");
    TRY_VOID(object.finish());
    verdict.conclusion = std::move(claims->names.conclusion);
    if (whole) {
        verdict.result = TRY(with_context(decode_attestation_result(object.encoded("result")), kAnswer));
        const auto names = result_names(*verdict.result);
        if (names.id != verdict.result_id || names.conclusion != verdict.conclusion)
            object.wrong("result_id", "the result that it names", "another one");
        if (verdict.result->tier != verdict.tier) object.wrong("tier", "the tier of its result");
    }
    verdict.json = answer;
    return object.finish(std::move(verdict));
}

Result<Answer> parse_answer(int status, std::string_view text_of) {
    if (status == kForbidden) return NotProven{};
    if (status == kWanted) {
        JsonReader object(text_of, kForm);
        Wanted wanted;
        wanted.ticket = object.text("ticket");
        for (auto& name : object.texts_or_none("wanted", limits::kSections))
            wanted.sections.insert(std::move(name));
        if (wanted.sections.empty()) object.wrong("wanted", "the names of sections");
        TRY_VOID(object.finish());
        return wanted;
    }
    if (status == kConflict) {
        JsonReader object(text_of, kForm);
        const bool elsewhere = object.text("code") == "elsewhere";
        const auto detail = elsewhere ? std::string() : object.text_or("detail", {}, kMaxDetail);
        Elsewhere out;
        if (elsewhere) out = {object.count("journal_acknowledged"), next_ima(object)};
        TRY_VOID(object.finish());
        if (!elsewhere) return fail(ErrorCode::conflict, printable(detail));
        return out;
    }
    return TRY(parse_verdict(text_of));
}

namespace {

std::string query_of(const Asked& asked) {
    std::string out = asked.whole ? "?result=whole" : "";
    if (const auto& seen = asked.seen)
        out +=
            fmt::format("{}seen={}&last={}", out.empty() ? '?' : '&', to_text(seen->acts), seen->result_id);
    return out;
}

Result<Answer> answer_of(const Result<client::HttpResponse>& response) {
    if (!response) return std::unexpected(response.error());
    const auto status = response->status;
    if (status / 100 != 2 && status != kForbidden && status != kConflict)
        return std::unexpected(client::problem_of(*response));
    return parse_answer(status, as_text(response->body));
}

}  // namespace

Result<Answer> prove(client::HttpsClient& client, const std::string& host, const Proof& proof,
                     const Asked& asked) {
    const auto path = fmt::format("/v1/hosts/{}/evidence{}", client::percent_encoded(host), query_of(asked));
    return answer_of(client.post(path, "application/cbor", encode_proof(proof)));
}

Result<Answer> send_sections(client::HttpsClient& client, const std::string& ticket, const Evidence& evidence,
                             const Asked& asked) {
    const auto path = fmt::format("/v1/evidence/{}{}", client::percent_encoded(ticket), query_of(asked));
    return answer_of(client.post(path, "application/cbor", encode_evidence(evidence)));
}

}  // namespace assay::agent::verifier_api
