#include "verifier/service/store/attestations/unproven.h"

#include <limits>

#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"

/// Evidence whose proof failed: how often it came.
namespace assay::api {
namespace {

Result<Response> answer_unproven(const Request& request, Service& service) {
    Query query(request);
    store::UnprovenQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, store::kUnprovenRows).value_or(wanted.limit);
    TRY_VOID(query.finish());
    // What this copy of the verifier counted; another one's is at most some seconds old.
    TRY_VOID(service.unproven.flush(service.now()));
    auto answer = Json::array();
    for (const auto& each : TRY(store::Unproven(service.store).list(wanted))) {
        answer.push_back({{"host", each.host},
                          {"source", each.source},
                          {"reason", each.reason},
                          {"times", each.times},
                          {"first_at", rfc3339_text(each.first_at)},
                          {"last_at", rfc3339_text(each.last_at)}});
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_unproven() {
    return {
        .verb = Verb::get,
        .path = "/v1/unproven",
        .role = Role::viewer,
        .summary = "Evidence whose proof failed: how often, in which host's name, from where; newest first",
        .handler = answer_unproven};
}

}  // namespace assay::api
