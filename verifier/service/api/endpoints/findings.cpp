#include "verifier/judge/appraisal/checks/findings.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "evidence/base/rfc3339.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/endpoints/limits.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/api/silent_hosts.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {
namespace {

using store::OpenFinding;

constexpr std::int64_t kUsualFindings = 100;
constexpr std::int64_t kMostFindings = 10'000;

/// Findings of no result: `since` and `limit` are of the time when they were told last.
using Wanted = store::FindingQuery;

/// A refused applicant among the findings: of no result, and nothing of it is proven.
OpenFinding row_of(const store::Refusal& refusal) {
    OpenFinding open{.row = {}, .since = refusal.first_at, .times = refusal.times};
    auto& row = open.row;
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
    return open;
}

/// A silent host among the findings: of no result, for there is none. It is silent since it was heard last.
OpenFinding row_of(Service& service, const store::Contact& contact) {
    OpenFinding open{.row = {}, .since = contact.last(), .times = 1};
    auto& row = open.row;
    row.host = contact.host;
    row.appraised_at = service.now();
    row.finding = silence_of(service, contact);
    row.group = finding_group_key(row.finding);
    return open;
}

Result<> add_silent_hosts(Service& service, const Wanted& wanted, std::vector<OpenFinding>& rows) {
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
Result<> add_unproven(Service& service, const Wanted& wanted, std::vector<OpenFinding>& rows) {
    if (wanted.id && *wanted.id != judge::findings::host_unproven_evidence.id) return {};
    TRY_VOID(service.unproven.flush(service.now()));
    std::map<std::string, std::vector<store::UnprovenRow>> by_host;
    for (auto& each : TRY(store::Unproven(service.store).list({.host = wanted.host, .since = wanted.since})))
        by_host[each.host].push_back(std::move(each));
    for (const auto& [host, counted] : by_host) {
        auto finding = unproven_finding(counted);
        if (!finding) continue;
        OpenFinding open{.row = {}, .since = std::numeric_limits<std::int64_t>::max(), .times = 0};
        auto& row = open.row;
        row.host = host;
        for (const auto& each : counted) {
            if (!speaks_for_host(each)) continue;
            row.appraised_at = std::max(row.appraised_at, each.last_at);
            open.since = std::min(open.since, each.first_at);
            open.times += each.times;
        }
        row.finding = *std::move(finding);
        row.group = finding_group_key(row.finding);
        rows.push_back(std::move(open));
    }
    return {};
}

Result<> add_refused(Service& service, const Wanted& wanted, std::vector<OpenFinding>& rows) {
    TRY_VOID(service.refusals.flush());
    for (const auto& refusal :
         TRY(store::Refusals(service.store).list({wanted.host, wanted.since, wanted.id, wanted.limit}))) {
        // What is asked for a name that no host has is about no host.
        if (!refusal.host.empty() && (!wanted.host || *wanted.host == refusal.host))
            rows.push_back(row_of(refusal));
    }
    return {};
}

Result<std::vector<OpenFinding>> findings_of_no_result(Service& service, const Wanted& wanted) {
    std::vector<OpenFinding> rows;
    TRY_VOID(add_refused(service, wanted, rows));
    TRY_VOID(add_unproven(service, wanted, rows));
    TRY_VOID(add_silent_hosts(service, wanted, rows));
    return rows;
}

Json to_json(const store::FindingRow& row) {
    const auto& finding = row.finding;
    return {{"host", row.host},
            {"result_id", row.result_id},
            {"appraised_at", rfc3339_text(row.appraised_at)},
            {"group", row.group},
            {"id", finding.id},
            {"tier", to_string(finding.tier)},
            {"basis", to_string(finding.basis)},
            {"subject", finding.subject},
            {"expected", finding.expected},
            {"actual", finding.actual},
            {"evidence", finding.evidence},
            {"remedy", finding.remedy}};
}

Result<Wanted> wanted_of(const Request& request) {
    Query query(request);
    Wanted wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.id = query.text("id", kFindingId);
    wanted.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
    wanted.limit = query.integer("limit", 1, kMostFindings).value_or(kUsualFindings);
    TRY_VOID(query.finish());
    return wanted;
}

Result<Response> answer_findings(const Request& request, Service& service) {
    const auto wanted = TRY(wanted_of(request));
    auto rows = TRY(store::Results(service.store).findings(wanted));
    for (auto& open : TRY(findings_of_no_result(service, wanted))) rows.push_back(std::move(open.row));
    sort_stably(rows, std::greater(), &store::FindingRow::appraised_at);
    if (rows.size() > static_cast<std::size_t>(wanted.limit))
        rows.resize(static_cast<std::size_t>(wanted.limit));
    auto answer = Json::array();
    for (const auto& row : rows) answer.push_back(to_json(row));
    return json_response(answer.dump());
}

/// The worst first; of one tier in the order they came.
void sort_by_severity(std::vector<OpenFinding>& rows) {
    sort_stably(rows, [](const OpenFinding& a, const OpenFinding& b) {
        const auto left = a.row.finding.tier, right = b.row.finding.tier;
        return left != right && worst(left, right) == left;
    });
}

Result<Response> answer_open_findings(const Request& request, Service& service) {
    const auto wanted = TRY(wanted_of(request));
    auto found =
        TRY(store::Results(service.store)
                .open_findings(
                    {.host = wanted.host, .id = wanted.id, .since = wanted.since, .limit = wanted.limit}));
    Wanted others = wanted;
    others.limit = kMostFindings;
    for (auto& open : TRY(findings_of_no_result(service, others))) {
        if (wanted.since && open.since < *wanted.since) continue;
        found.rows.push_back(std::move(open));
        ++found.total;
    }
    sort_by_severity(found.rows);
    if (found.rows.size() > static_cast<std::size_t>(wanted.limit))
        found.rows.resize(static_cast<std::size_t>(wanted.limit));
    auto findings = Json::array();
    for (const auto& [row, since, times] : found.rows) {
        auto item = to_json(row);
        item["since"] = rfc3339_text(since);
        item["times"] = times;
        findings.push_back(std::move(item));
    }
    const Json answer = {{"total", found.total}, {"findings", std::move(findings)}};
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_findings() {
    return {.verb = Verb::get,
            .path = "/v1/findings",
            .role = Role::viewer,
            .summary = "Findings as results told them, newest first, by host, time and id",
            .handler = answer_findings};
}

Endpoint list_open_findings() {
    return {
        .verb = Verb::get,
        .path = "/v1/findings/open",
        .role = Role::viewer,
        .summary = "What stands now: a row for each finding of each host's newest result, the worst first",
        .handler = answer_open_findings};
}

}  // namespace assay::api
