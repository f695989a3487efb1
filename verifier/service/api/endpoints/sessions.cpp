#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site.h"

namespace assay::api {
namespace {

constexpr std::size_t kSessionId = 9;
constexpr std::size_t kNonce = 32;
constexpr std::size_t kPerson = 256;  // bytes of a name or an order's number

nlohmann::json session_json(const WorkSession& session) {
    return {{"id", session.id},
            {"host", session.host},
            {"order", session.order},
            {"technician", session.technician},
            {"escort", session.escort},
            {"opened_at", session.opened_at},
            {"closed_at", session.closed_at ? nlohmann::json(*session.closed_at) : nlohmann::json()}};
}

Result<Response> answer_sessions(const Request& request, Service& service) {
    Query query(request);
    store::SessionQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    const auto open = query.text("open", 8);
    TRY_VOID(query.finish());
    if (open && *open != "true" && *open != "false") {
        return fail(ErrorCode::malformed,
                    fmt::format("query 'open': expected true or false, got \"{}\"", printable(*open)));
    }
    wanted.open_only = open == "true";
    auto answer = nlohmann::json::array();
    for (const auto& session : TRY(store::WorkSessions(service.store).list(wanted)))
        answer.push_back(session_json(session));
    return json_response(answer.dump());
}

// What both have to sign, where there is a directory to say whose key is whose.
Result<nlohmann::json> challenge_of(const WorkSession& session, const std::string& by, Service& service) {
    if (!TRY(site::has_directory(service))) return nlohmann::json();
    const auto host = TRY(store::Hosts(service.store).find(session.host));
    const auto stored = TRY(store::SiteDocuments(service.store).newest("order", session.order));
    std::string digest;
    if (stored) {
        const auto order = TRY(accompaniment::read_order(stored->document, ""));
        const auto* version = accompaniment::version_at(order, session.opened_at * 1000);
        if (version != nullptr) digest = version->digest;
    }
    const auto nonce = TRY(random_bytes(kNonce));
    const nlohmann::json draft{
        {"id", session.id},      {"fleet_host", session.host}, {"host", host.identity.ek_digest},
        {"scope", "host"},       {"order", session.order},     {"order_digest", digest},
        {"nonce", to_hex(nonce)}};
    TRY_VOID(site::keep(service,
                        {.kind = "session-draft",
                         .id = session.id,
                         .host = session.host,
                         .to_ms = INT64_MAX,
                         .document = draft.dump()},
                        by));
    return draft;
}

Result<Response> open(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    WorkSession session;
    session.host = host_name(body, "host");
    session.order = plain_text(body, "order", kPerson);
    session.technician = plain_text(body, "technician", kPerson);
    session.escort = plain_text_or_none(body, "escort", kPerson);
    TRY_VOID(body.finish());
    session.id = to_hex(TRY(random_bytes(kSessionId)));
    session.opened_at = service.now();
    TRY_VOID(store::WorkSessions(service.store).add(session, request.caller.name));
    auto answer = session_json(session);
    answer["challenge"] = TRY(challenge_of(session, request.caller.name, service));
    return json_response(answer.dump(), 201);
}

// The signed session, as it ends with it.
Result<std::vector<store::SiteDocument>> closed_documents(Service& service, const std::string& id,
                                                          std::int64_t closed_at, const std::string& by) {
    std::vector<store::SiteDocument> out;
    for (const auto* kind : {"session-draft", "session"}) {
        for (auto& document : TRY(store::SiteDocuments(service.store).list({.kind = kind, .id = id}))) {
            auto content = TRY(parse_json(document.document, kStoredJson));
            content["closed_at"] = accompaniment::instant_text(closed_at * 1000);
            document.document = content.dump();
            document.digest.clear();
            document.to_ms = closed_at * 1000;
            document.made_from = document.number;
            out.push_back(site::stamped(service, std::move(document), by));
        }
    }
    return out;
}

Result<Response> close(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    TRY_VOID(body.finish());
    const auto& id = request.parameters.at("id");
    const auto& by = request.caller.name;
    const auto session = TRY(site::made_anew([&]() -> store::Written<WorkSession> {
        const auto now = service.now();
        return store::WorkSessions(service.store)
            .close(id, by, now, TRY(closed_documents(service, id, now, by)));
    }));
    TRY_VOID(site::rejudge(service, {.host = session.host, .span = {session.opened_at * 1000, INT64_MAX}}));
    return json_response(session_json(session).dump());
}

}  // namespace

Endpoint list_sessions() {
    return {.verb = Verb::get,
            .path = "/v1/sessions",
            .role = Role::viewer,
            .summary = "Work sessions: who was with which host, and when",
            .handler = answer_sessions};
}

Endpoint open_session() {
    return {.verb = Verb::post,
            .path = "/v1/sessions",
            .role = Role::operator_,
            .summary = "Open a work session on a host",
            .handler = open,
            .accepts = "application/json"};
}

Endpoint close_session() {
    return {.verb = Verb::post,
            .path = "/v1/sessions/{id}/close",
            .role = Role::operator_,
            .summary = "Close a work session",
            .handler = close,
            .accepts = "application/json"};
}

}  // namespace assay::api
