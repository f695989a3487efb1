#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site_writes.h"

/// The rules of accompaniment: a whole document that takes the place of the one before.
namespace assay::api {
namespace {

constexpr const char* kPolicy = "policy";

Result<Response> put_policy_document(const Request& request, Service& service) {
    TRY_VOID(accompaniment::read_policy(request.body, accompaniment::Source::import));
    const auto document = TRY(parse_json(request.body, kLarge)).dump();
    const auto written = TRY(
        store::SiteWrites(service.store)
            .put(
                {.documents = {site::stamped(
                     service,
                     {.kind = kPolicy, .id = kPolicy, .from_ms = 0, .to_ms = INT64_MAX, .document = document},
                     request.caller.name)},
                 .to_judge = store::JudgeSpan()},
                {.kind = store::ActKind::policy_set, .hand = request.caller.hand(), .subject = kPolicy},
                service.now()));
    const auto judged = TRY(site::judge_left(service));
    const nlohmann::json answer{{"changed", written.documents != 0},
                                {"sha256", sha256(as_view(document)).hex()},
                                {"judged", judged.events},
                                {"verdicts_changed", judged.changes.size()}};
    return json_response(answer.dump());
}

Result<Response> get_policy_document(const Request&, Service& service) {
    const auto found = TRY(store::SiteDocuments(service.store).newest(kPolicy, kPolicy));
    if (!found) return fail(ErrorCode::not_found, "no policy was given yet");
    return json_response(found->document);
}

}  // namespace

Endpoint put_accompaniment_policy() {
    return {.verb = Verb::post,
            .path = "/v1/accompaniment/policy",
            .role = Role::admin,
            .summary = "The rules of accompaniment: issuers, exceptions, allowed devices, times",
            .handler = put_policy_document,
            .accepts = "application/json",
            .body_limit = kDocument};
}

Endpoint get_accompaniment_policy() {
    return {.verb = Verb::get,
            .path = "/v1/accompaniment/policy",
            .role = Role::viewer,
            .summary = "The rules of accompaniment",
            .handler = get_policy_document};
}

}  // namespace assay::api
