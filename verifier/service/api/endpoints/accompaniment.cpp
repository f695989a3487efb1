#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/names.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site.h"

/// The verdicts, and all that they stand on: for a reviewer, and for somebody who judges again offline.
namespace assay::api {
namespace {

using nlohmann::json;

constexpr std::size_t kEvent = 512;

Result<Response> verdicts(const Request& request, Service& service) {
    Query query(request);
    const auto event = query.text("event", kEvent);
    TRY_VOID(query.finish());
    const auto& host = request.parameters.at("host");
    TRY_VOID(store::Hosts(service.store).find(host));
    // What only the passing of time changes is judged when somebody looks.
    TRY_VOID(site::rejudge(service, {.host = host}));
    return json_response(TRY(site::verdicts_of(service, host, event)).dump());
}

Result<Response> case_of(const Request& request, Service& service) {
    const auto& host = request.parameters.at("host");
    TRY_VOID(store::Hosts(service.store).find(host));
    const auto documents = TRY(store::SiteDocuments(service.store).list({.kind = "event", .host = host}));
    accompaniment::Span span{service.now() * 1000, service.now() * 1000};
    json events = json::array();
    for (const auto& document : documents) {
        span = {std::min(span.from, document.from_ms), std::max(span.to, document.to_ms)};
        events.push_back(TRY(parse_json(document.document, kStoredJson)));
    }
    json answer = json::object();
    for (const auto& [name, text] : TRY(site::case_files(service, span)))
        answer[name] = TRY(parse_json(text, kStoredJson));
    answer["events.json"] = {{"events", std::move(events)}};
    answer["now.json"] = {{"now", accompaniment::instant_text(service.now() * 1000)}};
    if (!sees_names(request.caller.role)) site::leave_names_out(answer["directory.json"]);
    return json_response(answer.dump());
}

}  // namespace

Endpoint get_accompaniment() {
    return {
        .verb = Verb::get,
        .path = "/v1/hosts/{host}/accompaniment",
        .role = Role::viewer,
        .summary = "Who was there when devices were plugged in: a verdict for each, or all versions of one",
        .handler = verdicts};
}

Endpoint get_accompaniment_case() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}/accompaniment/case",
            .role = Role::viewer,
            .summary = "Everything that this host's verdicts stand on, as the files of a case",
            .handler = case_of};
}

}  // namespace assay::api
