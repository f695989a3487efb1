#include "verifier/judge/appraisal/checks/findings.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/api/silent_hosts.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {
namespace {

constexpr std::int64_t kUsualFindings = 100;
constexpr std::int64_t kMostFindings = 1000;

/// A refused applicant among the findings: of no result, and nothing of it is proven.
store::FindingRow row_of(const store::Refusal& refusal) {
    store::FindingRow row;
    row.host = refusal.host;
    row.appraised_at = refusal.last_at;
    const auto* kind = judge::find_finding(refusal.kind);
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
    if (wanted.id && *wanted.id != judge::findings::host_silent.id) return {};
    if (wanted.since && *wanted.since > service.now()) return {};
    std::vector<store::Contact> contacts;
    if (wanted.host) {
        auto one = store::Hosts(service.store).contact(*wanted.host);
        if (!one && one.error().code != ErrorCode::not_found) return std::unexpected(one.error());
        if (one) contacts.push_back(*std::move(one));
    } else {
        contacts = TRY(store::Hosts(service.store).contacts());
    }
    for (const auto& contact : contacts) {
        if (is_silent(service, contact)) rows.push_back(row_of(service, contact));
    }
    return {};
}

/// Evidence that came in a host's name among the findings: of no result, for there is nothing to appraise.
Result<> add_unproven(Service& service, const store::FindingQuery& wanted,
                      std::vector<store::FindingRow>& rows) {
    if (wanted.id && *wanted.id != judge::findings::host_unproven_evidence.id) return {};
    TRY_VOID(service.unproven.flush(service.now()));
    std::map<std::string, std::vector<store::UnprovenRow>> by_host;
    for (auto& each : TRY(store::Unproven(service.store).list({.host = wanted.host, .since = wanted.since})))
        by_host[each.host].push_back(std::move(each));
    for (const auto& [host, counted] : by_host) {
        auto finding = unproven_finding(counted);
        if (!finding) continue;
        store::FindingRow row;
        row.host = host;
        for (const auto& each : counted) {
            if (speaks_for_host(each)) row.appraised_at = std::max(row.appraised_at, each.last_at);
        }
        row.finding = *std::move(finding);
        row.group = finding_group_key(row.finding);
        rows.push_back(std::move(row));
    }
    return {};
}

Result<> add_refused(Service& service, const store::FindingQuery& wanted,
                     std::vector<store::FindingRow>& rows) {
    TRY_VOID(service.refusals.flush());
    for (const auto& refusal :
         TRY(store::Refusals(service.store).list({wanted.host, wanted.since, wanted.id, wanted.limit}))) {
        // What is asked for a name that no host has is about no host.
        if (!refusal.host.empty() && (!wanted.host || *wanted.host == refusal.host))
            rows.push_back(row_of(refusal));
    }
    return {};
}

Result<Response> answer_findings(const Request& request, Service& service) {
    Query query(request);
    store::FindingQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.id = query.text("id", kFindingId);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, kMostFindings).value_or(kUsualFindings);
    TRY_VOID(query.finish());
    auto rows = TRY(store::Results(service.store).findings(wanted));
    TRY_VOID(add_refused(service, wanted, rows));
    TRY_VOID(add_unproven(service, wanted, rows));
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
            .handler = answer_findings};
}

}  // namespace assay::api
