#include "agent/verifier_api.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"

namespace assay::verifier_api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxVerdict = 16U << 20U;
constexpr std::size_t kMaxValues = 500'000;
constexpr std::size_t kMaxCredential = 4096;
constexpr std::size_t kMaxGrant = 12'288;  // with what is beside it in a record's document
constexpr std::size_t kDigestDigits = 64;
constexpr std::uint64_t kMaxImaOffset = 1ULL << 40U;
constexpr int kConflict = 409;
constexpr int kUnprocessable = 422;

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

std::string path_segment(std::string_view segment) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : segment) {
        if (kPlain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

namespace {

/// The first part of the fields about a key: "iak_public", "idevid_public".
std::string field_of(tcg::TpmKeyRole role) {
    return role == tcg::TpmKeyRole::idevid ? "idevid" : "iak";
}

}  // namespace

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
    const auto path = fmt::format("/v1/enrolments/{}/activation", path_segment(enrolment));
    json body = {{"secret", secret}};
    for (const auto& each : certified) {
        body[field_of(each.role) + "_attest"] = to_base64url(each.attestation.quote);
        body[field_of(each.role) + "_signature"] = to_base64url(each.attestation.signature);
    }
    TRY_VOID(client.post_json(path, body.dump()));
    return {};
}

Result<ChallengeAnswer> challenge(HttpsClient& client, const std::string& host) {
    return parse_challenge(
        TRY(client.post_json(fmt::format("/v1/hosts/{}/challenge", path_segment(host)), "{}")));
}

namespace {

Result<ImaStart> ima_start(const json& object) {
    ImaStart start{
        TRY(text(object, "boot_id")), TRY(number(object, "entries")), TRY(number(object, "offset")), {}};
    // Beyond what a list may have there is nothing to read, and nothing to add to.
    if (start.offset > kMaxImaOffset) return odd("offset");
    const auto state = TRY(from_hex(TRY(text(object, "state")), kDigestDigits / 2));
    start.state = TRY(Digest::from_bytes(HashAlgorithm::sha256, state));
    return start;
}

}  // namespace

Result<ChallengeAnswer> parse_challenge(std::string_view answer) {
    const auto object = TRY(parse_json(answer));
    ChallengeAnswer out;
    out.nonce = TRY(bytes(object, "nonce", kNonceSize));
    if (out.nonce.size() != kNonceSize) return odd("nonce");
    out.selection = TRY(text(object, "selection"));
    out.journal_sequence = TRY(number(object, "journal_sequence"));
    const auto held = object.find("held");
    if (held == object.end() || !held->is_array()) return odd("held");
    for (const auto& digest : *held) {
        if (!digest.is_string() || digest.get_ref<const std::string&>().size() != kDigestDigits)
            return odd("held");
        out.held.insert(digest.get<std::string>());
    }
    if (const auto ima = object.find("ima"); ima != object.end()) out.ima = TRY(ima_start(*ima));
    return out;
}

Result<Verdict> parse_verdict(std::string_view answer) {
    const auto object = TRY(parse_json(answer, {.bytes = kMaxVerdict, .values = kMaxValues}));
    Verdict verdict;
    verdict.result_id = TRY(text(object, "result_id"));
    verdict.journal_acknowledged = TRY(number(object, "journal_acknowledged"));
    const auto result = object.find("result");
    if (result == object.end()) return odd("result");
    verdict.result = TRY(with_context(decode_attestation_result(result->dump()), "the verifier's answer"));
    if (attestation_result_id(verdict.result) != verdict.result_id) return odd("result_id");
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

Result<Submitted> submit(HttpsClient& client, const std::string& host, const Evidence& evidence) {
    const auto path = fmt::format("/v1/hosts/{}/evidence", path_segment(host));
    const auto response = TRY(client.post(path, "application/cbor", encode_evidence(evidence)));
    using Outcome = Submitted::Outcome;
    if (response.status / 100 == 2)
        return Submitted{Outcome::appraised, TRY(parse_verdict(as_text(response.body))), {}};
    auto error = problem_of(response);
    const auto problem = parse_json(as_text(response.body));
    if (problem && problem->is_object()) {
        const auto detail = text(*problem, "detail").value_or("");
        if (response.status == kConflict && detail.starts_with("nonce"))
            return Submitted{Outcome::stale_nonce, {}, error.context};
        if (response.status == kUnprocessable && problem->contains("missing")) {
            return Submitted{Outcome::sections_missing, {}, error.context};
        }
    }
    return std::unexpected(std::move(error));
}

}  // namespace assay::verifier_api
