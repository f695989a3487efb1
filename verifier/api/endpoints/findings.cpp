#include "verifier/appraisal/findings.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"
#include "verifier/api/silent_hosts.h"

namespace assay::api {
namespace {

constexpr std::int64_t kUsual = 100;
constexpr std::int64_t kMost = 1000;
constexpr std::size_t kFindingId = 128;

/// A refused applicant among the findings: of no result, and nothing of it is proven.
store::FindingRow row_of(const store::Refusal& refusal) {
    store::FindingRow row;
    row.host = refusal.host;
    row.appraised_at = refusal.last_at;
    const auto* kind = find_finding(refusal.kind);
    row.finding = {.id = refusal.kind,
                   .tier = Tier::warning,
                   .basis = Basis::self_reported,
                   .subject = "enrolment as " + refusal.asked_name,
                   .expected = refusal.expected,
                   .actual = fmt::format("{} (refused {} times since {})", refusal.actual, refusal.times,
                                         utc_text(refusal.first_at)),
                   .evidence = "enrolment request",
                   .remedy = kind == nullptr ? "" : std::string(kind->remedy)};
    row.group = finding_group_key(row.finding);
    return row;
}

/// A silent host among the findings: of no result, for there is none.
store::FindingRow row_of(Service& service, const store::Contact& contact) {
    store::FindingRow row;
    row.host = contact.host;
    row.appraised_at = service.now();
    row.finding = silence_of(service, contact);
    row.group = finding_group_key(row.finding);
    return row;
}

Result<> add_silent_hosts(Service& service, const store::FindingQuery& wanted,
                          std::vector<store::FindingRow>& rows) {
    if (wanted.id && *wanted.id != findings::host_silent.id) return {};
    if (wanted.since && *wanted.since > service.now()) return {};
    for (const auto& contact : TRY(service.store.contacts())) {
        if (wanted.host && *wanted.host != contact.host) continue;
        if (is_silent(service, contact)) rows.push_back(row_of(service, contact));
    }
    return {};
}

Result<Response> list(const Request& request, Service& service) {
    Query query(request);
    store::FindingQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.id = query.text("id", kFindingId);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, kMost).value_or(kUsual);
    TRY_VOID(query.finish());
    auto rows = TRY(service.store.findings(wanted));
    for (const auto& refusal :
         TRY(service.store.refusals({wanted.host, wanted.since, wanted.id, wanted.limit})))
        rows.push_back(row_of(refusal));
    TRY_VOID(add_silent_hosts(service, wanted, rows));
    sort_stably(rows, std::greater(), &store::FindingRow::appraised_at);
    if (rows.size() > static_cast<std::size_t>(wanted.limit))
        rows.resize(static_cast<std::size_t>(wanted.limit));
    auto answer = nlohmann::json::array();
    for (const auto& row : rows) {
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
