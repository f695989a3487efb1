#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"
#include "verifier/judge/accompaniment/orders/orders.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/signed_statement.h"
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
            {"unlisted", session.unlisted ? nlohmann::json(*session.unlisted) : nlohmann::json()},
            {"opened_at", rfc3339_text(session.opened_at)},
            {"closed_at",
             session.closed_at ? nlohmann::json(rfc3339_text(*session.closed_at)) : nlohmann::json()}};
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

// The version of the order that is in force, and its digest.
struct InForce {
    accompaniment::OrderFields fields;
    std::string digest;
};

Result<std::optional<InForce>> order_now(const WorkSession& session, Service& service) {
    const auto stored = TRY(store::SiteDocuments(service.store).newest("order", session.order));
    if (!stored) return std::nullopt;
    const auto order = TRY(accompaniment::read_order(stored->document, ""));
    const auto* version = accompaniment::version_at(order, session.opened_at * 1000);
    if (version == nullptr) return std::nullopt;
    return InForce{version->fields, version->digest};
}

Error not_listed(std::string_view what) {
    return {ErrorCode::refused,
            fmt::format("{}; or open it unlisted: what comes under it is then unattested", what),
            {}};
}

// Who is at the host is whom the verifier knows: for an order that covers it now.
Result<> ask_listed(const WorkSession& session, const accompaniment::Directory& directory,
                    const store::Host& host, const std::optional<InForce>& order) {
    const auto refused = [](std::string_view what) { return std::unexpected(not_listed(what)); };
    const auto* asset = directory.host(host.identity.ek_digest);
    if (asset == nullptr)
        return refused(
            fmt::format("host: expected one of the directory, got {}, whose EK it does not have; "
                        "enter it with 'assay people import FILE'",
                        session.host));
    if (!order)
        return refused(fmt::format("order: expected one that the verifier has, got {}; import it",
                                   printable(session.order)));
    const auto now = session.opened_at * 1000;
    if (!order->fields.window.covers({now, now}) || !in_scope(directory, order->fields, *asset))
        return refused(
            fmt::format("order: expected one that covers {} now, got {}, which does not; import "
                        "it as it is now",
                        session.host, printable(session.order)));
    for (const auto& [role, person] :
         {std::pair("technician", &session.technician), std::pair("escort", &session.escort)}) {
        if (directory.person(*person) == nullptr)
            return refused(
                fmt::format("{}: expected a person of the directory, got {}; enter them with 'assay "
                            "people import FILE'",
                            role, printable(*person)));
    }
    const auto& technicians = order->fields.technicians;
    if (std::ranges::find(technicians, session.technician) == technicians.end())
        return refused(
            fmt::format("technician: expected one of order {} ({}), got {}; have the order name who "
                        "comes",
                        printable(session.order), printable(fmt::format("{}", fmt::join(technicians, ", "))),
                        printable(session.technician)));
    return {};
}

// What both have to sign, where there is a directory to say whose key is whose.
Result<nlohmann::json> challenge_of(const WorkSession& session, Service& service) {
    const auto directory = TRY(directory_of(service));
    if (!directory) {
        if (!session.unlisted)
            return std::unexpected(
                not_listed("expected a directory of persons, got none; import one with "
                           "'assay people import FILE'"));
        return nlohmann::json();
    }
    const auto host = TRY(store::Hosts(service.store).find(session.host));
    const auto order = TRY(order_now(session, service));
    if (!session.unlisted) TRY_VOID(ask_listed(session, *directory, host, order));
    const auto nonce = TRY(random_bytes(kNonce));
    nlohmann::json draft{{"id", session.id},
                         {"fleet_host", session.host},
                         {"host", host.identity.ek_digest},
                         {"scope", "host"},
                         {"order", session.order},
                         {"order_digest", order ? order->digest : ""},
                         {"named", {{"technician", session.technician}, {"escort", session.escort}}},
                         {"nonce", to_hex(nonce)}};
    if (session.unlisted) draft["unlisted"] = true;
    return draft;
}

Result<Response> open(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    WorkSession session;
    session.host = host_name(body, "host");
    session.order = plain_text(body, "order", kPerson);
    session.technician = plain_text(body, "technician", kPerson);
    session.escort = plain_text(body, "escort", kPerson);
    const auto hand = request.caller.hand();
    if (body.flag_or("unlisted", false)) session.unlisted = hand;
    TRY_VOID(body.finish());
    if (session.escort == session.technician)
        return fail(ErrorCode::malformed,
                    fmt::format("escort: expected another person than the technician, got {} for both; name "
                                "who accompanies",
                                session.escort));
    session.id = to_hex(TRY(random_bytes(kSessionId)));
    session.opened_at = service.now();
    auto answer = session_json(session);
    const auto draft = TRY(challenge_of(session, service));
    std::vector<store::SiteDocument> documents;
    if (!draft.is_null()) {
        auto made = TRY(documents_of(draft));
        for (auto& each : made) documents.push_back(site::stamped(service, std::move(each), hand));
    }
    TRY_VOID(store::WorkSessions(service.store).add(session, hand, documents));
    answer["challenge"] = draft;
    return json_response(answer.dump(), 201);
}

// The signed session, as it ends with it.
Result<std::vector<store::SiteDocument>> closed_documents(Service& service, const std::string& id,
                                                          std::int64_t closed_at, const std::string& hand) {
    const auto found = TRY(store::SiteDocuments(service.store).newest("session-draft", id));
    if (!found) return std::vector<store::SiteDocument>();
    auto draft = TRY(parse_json(found->document, kStoredJson));
    close_draft(draft, closed_at * 1000);
    auto documents = TRY(documents_of(draft));
    documents.front().made_from = found->number;
    for (auto& each : documents) each = site::stamped(service, std::move(each), hand);
    return documents;
}

Result<Response> close(const Request& request, Service& service) {
    JsonReader body(request.body, kBody);
    TRY_VOID(body.finish());
    const auto& id = request.parameters.at("id");
    const auto hand = request.caller.hand();
    const auto session = TRY(site::made_anew([&]() -> store::Written<WorkSession> {
        const auto now = service.now();
        return store::WorkSessions(service.store)
            .close(id, hand, now, TRY(closed_documents(service, id, now, hand)));
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
            .role = Role::desk,
            .summary = "Open a work session on a host",
            .handler = open,
            .accepts = "application/json"};
}

Endpoint close_session() {
    return {.verb = Verb::post,
            .path = "/v1/sessions/{id}/close",
            .role = Role::desk,
            .summary = "Close a work session",
            .handler = close,
            .accepts = "application/json"};
}

}  // namespace assay::api
