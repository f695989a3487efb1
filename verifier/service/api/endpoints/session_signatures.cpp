#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/wire/statement/session_statement.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/signed_statement.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site_writes.h"

/// Signatures of technicians and escorts. Nobody needs an operator's certificate for one: the signature is by
/// a key that the directory has, over this session's own challenge, and recent. Whoever posts it, it is the
/// act of the key's hand.
namespace assay::api {
namespace {

using nlohmann::json;

constexpr std::size_t kKey = 512;
constexpr std::size_t kSignature = 256;
constexpr std::size_t kWord = 256;
constexpr std::int64_t kRecent_s = 300;  // a statement's time and the verifier's

// The last fields of a body: when it was signed, with which key, and the signature.
Result<> finish(JsonReader& body, SignedStatement& given) {
    given.statement.at = body.integer_or("at", 0, 0, INT64_MAX / 1000);
    given.public_key = body.bytes("public_key", kKey);
    given.signature = body.bytes("signature", kSignature);
    given.key_id = public_key_id(given.public_key);
    return body.finish();
}

// Refused unless it verifies, is recent, and the key is somebody's.
Result<std::shared_ptr<const accompaniment::Directory>> authentic(Service& service,
                                                                  const SignedStatement& given) {
    const auto now = service.now();
    if (given.statement.at < now - kRecent_s || given.statement.at > now + kRecent_s) {
        return fail(ErrorCode::refused,
                    fmt::format("signed at {}, and it is {} here: sign again, or set the clock",
                                utc_text(given.statement.at), utc_text(now)));
    }
    auto directory = TRY(directory_of(service));
    if (!directory)
        return fail(ErrorCode::not_found, "no directory of persons: 'assay people import FILE' gives one");
    TRY_VOID(genuine(*directory, given));
    return directory;
}

// It is posted now, and counts from whichever proves less: its own time or now.
void post(Service& service, SignedStatement& given, bool opens) {
    constexpr std::int64_t kSecond = 1000;
    const auto now = service.now() * kSecond, claimed = given.statement.at * kSecond;
    given.posted_ms = now;
    given.at_ms = opens ? std::max(now, claimed) : std::min(now, claimed);
}

std::string hand_of(const SignedStatement& given) {
    return "key:" + given.key_id;
}

struct Draft {
    json content;
    std::int64_t number = 0;
};

Result<Draft> draft_of(Service& service, const std::string& session) {
    const auto found = TRY(store::SiteDocuments(service.store).newest("session-draft", session));
    if (!found) return fail(ErrorCode::not_found, "no such session, or it was opened without a directory");
    auto content = TRY(parse_json(found->document, kStoredJson));
    return Draft{std::move(content), found->number};
}

// The draft with one statement more, and what comes of it, together.
store::Written<json> take(Service& service, const std::string& session, SignedStatement& given) {
    auto [draft, number] = TRY(draft_of(service, session));
    auto& statement = given.statement;
    JsonReader read(draft, {.open = true});
    statement.session = read.peek("id");
    statement.host = read.peek("fleet_host");
    statement.order = read.peek("order");
    statement.order_digest = read.peek("order_digest");
    statement.nonce = read.peek("nonce");
    const auto directory = TRY(authentic(service, given));
    TRY_VOID(by_whom_is_named(draft, given, *directory));
    post(service, given, statement.action == "open");
    const bool replaces = statement.action == "open" && draft.contains(statement.role);
    TRY_VOID(apply(draft, given, *directory));
    auto documents = TRY(documents_of(draft));
    documents.front().made_from = number;
    documents.push_back(proof_of(given, fmt::format("{}/{}/{}/{}/{}", statement.session, statement.action,
                                                    statement.role, statement.at, given.key_id)));
    for (auto& document : documents) document = site::stamped(service, std::move(document), hand_of(given));
    if (statement.action == "close") {
        TRY_VOID(store::WorkSessions(service.store)
                     .close(statement.session, hand_of(given), service.now(), documents));
    } else {
        const json said{{"session", statement.session},
                        {"action", statement.action},
                        {"role", statement.role},
                        {"key", given.key_id},
                        {"at", statement.at}};
        TRY_VOID(store::SiteWrites(service.store)
                     .put({.documents = documents},
                          {.kind = replaces ? store::ActKind::session_signature_replaced
                                            : store::ActKind::session_signed,
                           .hand = hand_of(given),
                           .subject = "host:" + statement.host,
                           .document = said.dump()},
                          service.now()));
    }
    TRY_VOID(site::rejudge_under(service, statement.host, documents));
    draft["signed_by"] = fmt::format("{}", fmt::join(directory->holders_of_key(given.key_id), ", "));
    return draft;
}

Result<Response> sign(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    SignedStatement given;
    auto& statement = given.statement;
    statement.action = plain_text(body, "action", kWord);
    statement.role = plain_text(body, "role", kWord);
    TRY_VOID(finish(body, given));
    if (statement.action != "open" && statement.action != "heartbeat" && statement.action != "close")
        return fail(ErrorCode::malformed, fmt::format("action: expected open, heartbeat or close, got \"{}\"",
                                                      printable(statement.action)));
    if (statement.role != "technician" && statement.role != "escort")
        return fail(ErrorCode::malformed, fmt::format("role: expected technician or escort, got \"{}\"",
                                                      printable(statement.role)));
    const auto& id = request.parameters.at("id");
    return json_response(TRY(site::made_anew([&] { return take(service, id, given); })).dump());
}

// What is to be signed, and by whom. Who asks must know the session's id; persons are told by their
// pseudonyms.
Result<Response> challenge(const Request& request, Service& service) {
    return json_response(TRY(draft_of(service, request.parameters.at("id"))).content.dump());
}

Result<Response> late(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    SignedStatement given;
    auto& statement = given.statement;
    statement.action = "late";
    statement.role = "escort";
    statement.host = host_name(body, "host");
    statement.order = plain_text(body, "order", kWord);
    statement.device = plain_text(body, "device", kWord);
    TRY_VOID(finish(body, given));
    const auto host = TRY(store::Hosts(service.store).find(statement.host));
    TRY_VOID(authentic(service, given));
    post(service, given, true);
    const auto document = TRY(late_document(given, host.identity.ek_digest));
    std::vector<store::SiteDocument> documents{proof_of(given, "late/" + document.id), document};
    for (auto& each : documents) each = site::stamped(service, std::move(each), hand_of(given));
    const json said{{"order", statement.order},
                    {"device", statement.device},
                    {"key", given.key_id},
                    {"at", statement.at}};
    TRY_VOID(store::SiteWrites(service.store)
                 .put({.documents = std::move(documents)},
                      {.kind = store::ActKind::late_signed,
                       .hand = hand_of(given),
                       .subject = "host:" + statement.host,
                       .document = said.dump()},
                      service.now()));
    constexpr std::int64_t kHour = 3'600'000;
    const auto judged =
        TRY(site::rejudge(service, {.host = statement.host, .span = {given.at_ms - kHour, given.at_ms}}));
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
