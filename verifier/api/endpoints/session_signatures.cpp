#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/wire/session_statement.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"
#include "verifier/api/site.h"

/// Signatures of technicians and escorts. Nobody needs an operator's certificate for one: the signature is by
/// a key that the directory has, over this session's own challenge, and recent.
namespace assay::api {
namespace {

using accompaniment::instant_text;
using nlohmann::json;

constexpr std::size_t kKey = 512;
constexpr std::size_t kSignature = 256;
constexpr std::size_t kWord = 256;
constexpr std::int64_t kRecent_s = 300;  // a statement's time and the verifier's

struct Signed {
    SessionStatement statement;
    Bytes public_key, signature;
    std::string key_id;
};

// The last fields of a body: when it was signed, with which key, and the signature.
Result<> finish(JsonBody& body, Signed& given) {
    given.statement.at = body.optional_integer("at", 0, INT64_MAX / 1000, 0);
    given.public_key = body.bytes("public_key", kKey);
    given.signature = body.bytes("signature", kSignature);
    given.key_id = public_key_id(given.public_key);
    return body.finish();
}

// Refused unless it verifies, is recent, and the key is somebody's.
Result<> authentic(Service& service, const Signed& given) {
    const auto now = service.now();
    if (given.statement.at < now - kRecent_s || given.statement.at > now + kRecent_s) {
        return fail(ErrorCode::refused,
                    fmt::format("signed at {}, and it is {} here: sign again, or set the clock",
                                utc_text(given.statement.at), utc_text(now)));
    }
    const auto text = TRY(session_statement_text(given.statement));
    if (!TRY(session_signature_verifies(given.public_key, text, given.signature)))
        return fail(ErrorCode::refused, "the signature is not of this statement and key");
    const auto documents = TRY(service.store.site_documents({.kind = "directory", .id = "directory"}));
    if (documents.empty())
        return fail(ErrorCode::not_found, "no directory of persons: 'assay people import FILE' gives one");
    const auto directory =
        TRY(accompaniment::Directory::of(TRY(accompaniment::read_directory(documents.front().document))));
    if (directory.holders_of_key(given.key_id).empty()) {
        return fail(ErrorCode::refused,
                    fmt::format("key {} is nobody's in the directory: register it with its holder's \"keys\"",
                                given.key_id));
    }
    return {};
}

json signature_json(const Signed& given) {
    return {{"key", given.key_id}, {"at", instant_text(given.statement.at * 1000)}, {"signature", "valid"}};
}

// The signature itself, for an auditor.
store::SiteDocument proof(const Signed& given, const std::string& id, const std::string& host) {
    const auto& s = given.statement;
    const json document{{"text", session_statement_text(s).value_or("")},
                        {"public_key", to_base64url(given.public_key)},
                        {"signature", to_base64url(given.signature)}};
    return {.kind = "signature",
            .id = id,
            .host = host,
            .from_ms = s.at * 1000,
            .to_ms = s.at * 1000,
            .document = document.dump()};
}

Result<json> draft_of(Service& service, const std::string& session) {
    const auto found = TRY(service.store.site_documents({.kind = "session-draft", .id = session}));
    if (found.empty())
        return fail(ErrorCode::not_found, "no such session, or it was opened without a directory");
    return json::parse(found.front().document);
}

Result<> keep_session(Service& service, const json& draft, const std::string& by) {
    const auto& id = draft.at("id").get_ref<const std::string&>();
    const auto& host = draft.at("fleet_host").get_ref<const std::string&>();
    TRY_VOID(site::keep(
        service,
        {.kind = "session-draft", .id = id, .host = host, .to_ms = INT64_MAX, .document = draft.dump()}, by));
    if (!draft.contains("technician") || !draft.contains("escort")) return {};
    json session = draft;
    for (const auto* key : {"fleet_host", "nonce"}) session.erase(key);
    const auto read = TRY(accompaniment::read_sessions(
        json{{"watermark", instant_text(0)}, {"sessions", json::array({session})}}.dump()));
    const auto& only = read.sessions.front();
    TRY_VOID(site::keep(service,
                        {.kind = "session",
                         .id = id,
                         .host = host,
                         .from_ms = only.opened_at,
                         .to_ms = only.closed_at.value_or(INT64_MAX),
                         .document = session.dump()},
                        by));
    TRY_VOID(site::rejudge(service, {.host = host, .span = {only.opened_at, INT64_MAX}}));
    return {};
}

Result<Response> sign(const Request& request, Service& service) {
    JsonBody body(request);
    Signed given;
    auto& statement = given.statement;
    statement.action = body.text("action", kWord);
    statement.role = body.text("role", kWord);
    TRY_VOID(finish(body, given));
    const bool opens = statement.action == "open";
    if (!opens && statement.action != "heartbeat" && statement.action != "close")
        return fail(ErrorCode::malformed, "action: one of open, heartbeat, close is wanted");
    if (statement.role != "technician" && statement.role != "escort")
        return fail(ErrorCode::malformed, "role: technician or escort is wanted");
    auto draft = TRY(draft_of(service, request.parameters.at("id")));
    statement.session = draft.value("id", "");
    statement.host = draft.value("fleet_host", "");
    statement.order = draft.value("order", "");
    statement.order_digest = draft.value("order_digest", "");
    statement.nonce = draft.value("nonce", "");
    TRY_VOID(authentic(service, given));
    if (draft.contains("closed_at")) return fail(ErrorCode::conflict, "the session is closed already");
    const bool both = draft.contains("technician") && draft.contains("escort");
    if (opens && draft.contains(statement.role))
        return fail(ErrorCode::conflict, "the " + statement.role + " has signed this session already");
    if (!opens && !both) return fail(ErrorCode::conflict, "the session is not signed by both yet");
    if (opens) {
        draft[statement.role] = signature_json(given);
        draft["opened_at"] = instant_text(statement.at * 1000);
        if (!draft.contains("heartbeats")) draft["heartbeats"] = json::array();
    } else if (statement.action == "heartbeat") {
        draft["heartbeats"].push_back(signature_json(given));
    } else {
        draft["closed_at"] = instant_text(statement.at * 1000);
        TRY_VOID(service.store.close_session(statement.session, given.key_id, service.now()));
    }
    TRY_VOID(site::keep(
        service,
        proof(given,
              fmt::format("{}/{}/{}/{}", statement.session, statement.action, statement.role, statement.at),
              statement.host),
        given.key_id));
    TRY_VOID(keep_session(service, draft, given.key_id));
    return json_response(draft.dump());
}

// What is to be signed. Who asks must know the session's id; there is nothing in it that is not on the order.
Result<Response> challenge(const Request& request, Service& service) {
    return json_response(TRY(draft_of(service, request.parameters.at("id"))).dump());
}

Result<Response> late(const Request& request, Service& service) {
    JsonBody body(request);
    Signed given;
    auto& statement = given.statement;
    statement.action = "late";
    statement.role = "escort";
    statement.host = body.host_name("host");
    statement.order = body.text("order", kWord);
    statement.device = body.text("device", kWord);
    TRY_VOID(finish(body, given));
    const auto host = TRY(service.store.host(statement.host));
    TRY_VOID(authentic(service, given));
    const json document{{"host", host.identity.ek_digest},
                        {"order", statement.order},
                        {"descriptors_sha256", statement.device},
                        {"escort", signature_json(given)}};
    TRY_VOID(accompaniment::read_sessions(
        json{{"watermark", instant_text(0)}, {"late_attestations", json::array({document})}}.dump()));
    const auto id = fmt::format("{}/{}/{}", statement.host, statement.device, statement.at);
    const auto at = statement.at * 1000;
    TRY_VOID(site::keep(service, proof(given, "late/" + id, statement.host), given.key_id));
    TRY_VOID(site::keep(service,
                        {.kind = "late-attestation",
                         .id = id,
                         .host = statement.host,
                         .from_ms = at,
                         .to_ms = at,
                         .document = document.dump()},
                        given.key_id));
    constexpr std::int64_t kHour = 3'600'000;
    const auto judged = TRY(site::rejudge(service, {.host = statement.host, .span = {at - kHour, at}}));
    const json answer{{"judged", judged.events}, {"verdicts_changed", judged.changes.size()}};
    return json_response(answer.dump(), 201);
}

}  // namespace

Endpoint sign_session() {
    return {.verb = Verb::post,
            .path = "/v1/sessions/{id}/sign",
            .role = Role::agent,
            .summary = "A technician's or escort's signature: to open, as a sign of life, to close",
            .handler = sign,
            .accepts = "application/json"};
}

Endpoint get_session_challenge() {
    return {.verb = Verb::get,
            .path = "/v1/sessions/{id}/challenge",
            .role = Role::agent,
            .summary = "What technician and escort have to sign, and who has",
            .handler = challenge};
}

Endpoint create_late_attestation() {
    return {.verb = Verb::post,
            .path = "/v1/late-attestations",
            .role = Role::agent,
            .summary = "An escort's signature afterwards, for one device by its descriptors",
            .handler = late,
            .accepts = "application/json"};
}

}  // namespace assay::api
