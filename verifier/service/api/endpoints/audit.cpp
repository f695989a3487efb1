#include "verifier/service/store/acts/audit.h"

#include <iterator>

#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"

namespace assay::api {
namespace {

constexpr std::int64_t kHostsAtOnce = 100;

Result<Response> answer_audit(const Request& request, Service& service) {
    Query query(request);
    const auto after = query.text("after", limits::kHostName);
    TRY_VOID(query.finish());
    store::Audit audit(service.store);
    std::vector<judge::Contradiction> found;
    if (!after) {
        found = TRY(audit.chain());
        std::ranges::move(TRY(audit.rows()), std::back_inserter(found));
    }
    const auto hosts = TRY(audit.hosts(after.value_or(""), kHostsAtOnce));
    for (const auto& host : hosts) std::ranges::move(TRY(audit.results_of(host)), std::back_inserter(found));
    Json answer{{"contradictions", Json::array()}};
    for (const auto& each : found) answer["contradictions"].push_back(to_json(each));
    if (static_cast<std::int64_t>(hosts.size()) == kHostsAtOnce) answer["next"] = hosts.back();
    return json_response(answer.dump());
}

}  // namespace

Endpoint audit() {
    return {.verb = Verb::get,
            .path = "/v1/audit",
            .role = Role::operator_,
            .summary = "What of the database is not as its acts and results say; in slices of hosts",
            .handler = answer_audit};
}

}  // namespace assay::api
