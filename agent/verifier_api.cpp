#include "agent/verifier_api.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "client/url.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"

namespace assay::verifier_api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxVerdict = 16U << 20U;
constexpr std::size_t kMaxValues = 500'000;
constexpr std::size_t kMaxCredential = 4096;
constexpr std::size_t kMaxGrant = 12'288;  // with what is beside it in a record's document
constexpr std::uint64_t kMaxImaOffset = 1ULL << 40U;
constexpr std::string_view kWhole = "?result=whole";
constexpr int kWanted = 202;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

std::unexpected<Error> odd(std::string_view key) {
    return fail(ErrorCode::malformed,
                fmt::format("the verifier's answer: '{}' is missing or not what it should be", key));
}

Result<std::string> text(const json& object, const char* key) {
    const auto it = object.is_object() ? object.find(key) : object.end();
    if (it == object.end() || !it->is_string()) return odd(key);
    return it->get<std::string>();
}

Result<std::uint64_t> number(const json& object, const char* key) {
    const auto it = object.is_object() ? object.find(key) : object.end();
    if (it == object.end() || !it->is_number_unsigned()) return odd(key);
    return it->get<std::uint64_t>();
}

Result<Bytes> bytes(const json& object, const char* key, std::size_t limit) {
    return with_context(from_base64url(TRY(text(object, key)), limit), key);
}

}  // namespace

std::string field_of(tcg::TpmKeyRole role) {
    return role == tcg::TpmKeyRole::idevid ? "idevid" : "iak";
}

Result<Credential> begin_enrolment(HttpsClient& client, const std::string& token, const std::string& host,
                                   const Shown& shown) {
    const auto& identity = shown.identity;
    const auto& further = shown.further;
    json body = {{"host", host},
                 {"ek_public", to_base64url(identity.ek_public)},
                 {"ek_certificates", json::array()},
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
    const auto sent = body.dump(
        -1, ' ', false, json::error_handler_t::replace);  // a name from the command line may be no UTF-8
    const auto answer = TRY(parse_json(TRY(client.post_json("/v1/enrolments", sent))));
    Credential credential;
    credential.enrolment = TRY(text(answer, "enrolment"));
    credential.id_object = TRY(bytes(answer, "id_object", kMaxCredential));
    credential.encrypted_secret = TRY(bytes(answer, "encrypted_secret", kMaxCredential));
    const auto others = answer.find("others");
    if (others != answer.end() && !others->is_array()) return odd("others");
    for (const auto& part : others == answer.end() ? json::array() : *others) {
        auto id_object = TRY(bytes(part, "id_object", kMaxCredential));
        auto encrypted = TRY(bytes(part, "encrypted_secret", kMaxCredential));
        credential.others.push_back({std::move(id_object), std::move(encrypted)});
    }
    if (credential.others.size() != further.size()) return odd("others");
    return credential;
}

Result<void> finish_enrolment(HttpsClient& client, const std::string& enrolment, const std::string& secret,
                              const std::vector<Certified>& certified) {
    const auto path = fmt::format("/v1/enrolments/{}/activation", percent_encoded(enrolment));
    json body = {{"secret", secret}};
    for (const auto& each : certified) {
        body[field_of(each.role) + "_attest"] = to_base64url(each.attestation.quote);
        body[field_of(each.role) + "_signature"] = to_base64url(each.attestation.signature);
    }
    TRY_VOID(client.post_json(path, body.dump()));
    return {};
}

Result<std::uint64_t> number_in(const json& object, const char* key) {
    return number(object, key);
}

Result<ImaStart> ima_start_in(const json& object) {
    ImaStart start;
    start.boot_id = TRY(text(object, "boot_id"));
    start.entries = TRY(number(object, "entries"));
    start.offset = TRY(number(object, "offset"));
    // Beyond what a list may have there is nothing to read, and nothing to add to.
    if (start.offset > kMaxImaOffset) return odd("offset");
    const auto state = TRY(from_hex(TRY(text(object, "state")), kSha256Digits / 2));
    start.state = TRY(Digest::from_bytes(HashAlgorithm::sha256, state));
    return start;
}

namespace {

Result<std::optional<ImaStart>> next_ima(const json& object) {
    const auto ima = object.find("ima");
    if (ima == object.end() || ima->is_null()) return std::optional<ImaStart>();
    return std::optional(TRY(ima_start_in(*ima)));
}

}  // namespace

Result<Bytes> parse_challenge(std::string_view answer) {
    const auto object = TRY(parse_json(answer));
    const auto protocol = TRY(number(object, "protocol"));
    if (protocol != kProtocol)
        return fail(ErrorCode::unsupported,
                    fmt::format("protocol: expected {}, got {}; bring agent and verifier to one release",
                                kProtocol, protocol));
    auto nonce = TRY(bytes(object, "nonce", kNonceSize));
    if (nonce.size() != kNonceSize) return odd("nonce");
    return nonce;
}

Result<Bytes> challenge(HttpsClient& client) {
    const auto response = TRY(client.post("/v1/challenge", "", {}));
    if (response.status == kNotFound)
        return fail(
            ErrorCode::unsupported,
            fmt::format("the verifier does not speak protocol {}: bring it to the release of this agent",
                        kProtocol));
    if (response.status / 100 != 2) return std::unexpected(problem_of(response));
    return parse_challenge(as_text(response.body));
}

Result<Verdict> parse_verdict(std::string_view answer) {
    const auto object = TRY(parse_json(answer, {.bytes = kMaxVerdict, .values = kMaxValues}));
    Verdict verdict;
    verdict.result_id = TRY(text(object, "result_id"));
    verdict.journal_acknowledged = TRY(number(object, "journal_acknowledged"));
    verdict.ima = TRY(next_ima(object));
    verdict.conclusion = TRY(text(object, "conclusion"));
    verdict.tier = TRY(tier_from_name(TRY(text(object, "tier"))));
    if (const auto result = object.find("result"); result != object.end()) {
        verdict.result =
            TRY(with_context(decode_attestation_result(result->dump()), "the verifier's answer"));
        const auto names = result_names(*verdict.result);
        if (names.id != verdict.result_id || names.conclusion != verdict.conclusion) return odd("result_id");
        if (verdict.result->tier != verdict.tier) return odd("tier");
    }
    const auto grants = object.find("grants");
    if (grants != object.end()) {
        if (!grants->is_array() || grants->size() > kMaxGrants) return odd("grants");
        for (const auto& grant : *grants) {
            if (!grant.is_string() || grant.get_ref<const std::string&>().size() > kMaxGrant)
                return odd("grants");
            verdict.grants.push_back(grant.get<std::string>());
        }
    }
    verdict.json = answer;
    return verdict;
}

Result<Answer> parse_answer(int status, std::string_view text_of) {
    if (status == kForbidden) return NotProven{};
    if (status == kWanted) {
        const auto object = TRY(parse_json(text_of));
        Wanted wanted;
        wanted.ticket = TRY(text(object, "ticket"));
        const auto names = object.find("wanted");
        if (names == object.end() || !names->is_array() || names->empty() ||
            names->size() > limits::kSections)
            return odd("wanted");
        for (const auto& name : *names) {
            if (!name.is_string()) return odd("wanted");
            wanted.sections.insert(name.get<std::string>());
        }
        return wanted;
    }
    if (status == kConflict) {
        const auto object = TRY(parse_json(text_of));
        if (TRY(text(object, "code")) != "elsewhere")
            return fail(ErrorCode::conflict, printable(TRY(text(object, "detail"))));
        Elsewhere elsewhere;
        elsewhere.journal_acknowledged = TRY(number(object, "journal_acknowledged"));
        elsewhere.ima = TRY(next_ima(object));
        return elsewhere;
    }
    return TRY(parse_verdict(text_of));
}

namespace {

Result<Answer> answer_of(const Result<HttpResponse>& response) {
    if (!response) return std::unexpected(response.error());
    const auto status = response->status;
    if (status / 100 != 2 && status != kForbidden && status != kConflict)
        return std::unexpected(problem_of(*response));
    return parse_answer(status, as_text(response->body));
}

}  // namespace

Result<Answer> prove(HttpsClient& client, const std::string& host, const Proof& proof, bool whole) {
    const auto path = fmt::format("/v1/hosts/{}/evidence{}", percent_encoded(host), whole ? kWhole : "");
    return answer_of(client.post(path, "application/cbor", encode_proof(proof)));
}

Result<Answer> send_sections(HttpsClient& client, const std::string& ticket, const Evidence& evidence,
                             bool whole) {
    const auto path = fmt::format("/v1/evidence/{}{}", percent_encoded(ticket), whole ? kWhole : "");
    return answer_of(client.post(path, "application/cbor", encode_evidence(evidence)));
}

}  // namespace assay::verifier_api
