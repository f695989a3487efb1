#include <limits>

#include <nlohmann/json.hpp>

#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"

namespace assay::api {
namespace {

constexpr std::int64_t kUsual = 100;
constexpr std::int64_t kMost = 1000;
constexpr std::size_t kFindingId = 128;

Result<Response> list(const Request& request, Service& service) {
    Query query(request);
    store::FindingQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.id = query.text("id", kFindingId);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, kMost).value_or(kUsual);
    TRY_VOID(query.finish());
    auto answer = nlohmann::json::array();
    for (const auto& row : TRY(service.store.findings(wanted))) {
        auto item = to_json(row.finding);
        item["host"] = row.host;
        item["result_id"] = row.result_id;
        item["appraised_at"] = row.appraised_at;
        item["group"] = row.group;
        answer.push_back(std::move(item));
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_findings() {
    return {.verb = Verb::get,
            .path = "/v1/findings",
            .role = Role::viewer,
            .summary = "Findings, newest first, by host, time and id",
            .handler = list};
}

}  // namespace assay::api
