#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "vendor-db/bundle.h"
#include "verifier/api/endpoint.h"
#include "verifier/api/json_body.h"

namespace assay::api {
namespace {

constexpr std::int64_t kUsual = 200;
constexpr std::int64_t kMost = 2000;

bool same(const Finding& a, const Finding& b) {
    return a.id == b.id && a.subject == b.subject && a.actual == b.actual;
}

/// What `from` has and `to` has not.
nlohmann::json beyond(const std::vector<Finding>& from, const std::vector<Finding>& to) {
    auto out = nlohmann::json::array();
    for (const auto& finding : from) {
        if (std::ranges::none_of(to, [&](const Finding& each) { return same(each, finding); }))
            out.push_back(to_json(finding));
    }
    return out;
}

AttestationResult judged(const Service& service, const SavedBundle& evidence,
                         const vendors::VendorDb& vendors, std::int64_t now) {
    return service
        .appraise({.evidence = evidence.evidence,
                   .challenge = evidence.challenge,
                   .known_host = evidence.known_host,
                   .sessions = evidence.sessions,
                   .vendors = vendors,
                   .tpm_trust = service.tpm_trust,
                   .policy = service.policy,
                   .now = now})
        .result;
}

Result<vendors::VendorDb> proposed(const Request& request) {
    const auto bundle = TRY(vendors::decode_bundle(as_view(request.body)));
    const auto content = TRY(vendors::decode_bundle_content(bundle.content));
    return vendors::load(content.sources, vendors::edition_of(content, bundle.digest()));
}

Result<Response> rehearse(const Request& request, Service& service) {
    Query query(request);
    const auto after = query.text("after", limits::kHostName).value_or("");
    const auto limit = static_cast<std::size_t>(query.integer("limit", 1, kMost).value_or(kUsual));
    TRY_VOID(query.finish());
    const auto vendors = TRY(proposed(request));
    const auto now = service.now();
    auto hosts = TRY(service.store.hosts());
    std::ranges::sort(hosts, {}, &store::HostSummary::host);

    nlohmann::json answer{{"vendor_data", service.vendors.digest().hex()},
                          {"proposed", vendors.digest().hex()},
                          {"at", now},
                          {"judged", 0},
                          {"changed", nlohmann::json::array()},
                          {"next", nullptr}};
    std::size_t count = 0;
    std::string last;
    for (const auto& summary : hosts) {
        const auto& host = summary.host;
        if (host <= after) continue;
        if (count == limit) {
            answer["next"] = last;
            break;
        }
        last = host;
        ++count;
        auto evidence = service.store.newest_bundle(host);
        if (!evidence && evidence.error().code == ErrorCode::not_found) continue;  // never attested
        if (!evidence) return std::unexpected(evidence.error());
        evidence->challenge.expires_at =
            std::max(evidence->challenge.expires_at, now + 1);  // it was answered in its time
        const auto before = judged(service, *evidence, service.vendors, now);
        const auto then = judged(service, *evidence, vendors, now);
        auto gained = beyond(then.findings, before.findings);
        auto lost = beyond(before.findings, then.findings);
        if (before.tier == then.tier && gained.empty() && lost.empty()) continue;
        answer["changed"].push_back({{"host", host},
                                     {"tier", to_string(before.tier)},
                                     {"tier_then", to_string(then.tier)},
                                     {"gained", std::move(gained)},
                                     {"lost", std::move(lost)}});
    }
    answer["judged"] = count;
    return json_response(answer.dump());
}

}  // namespace

Endpoint rehearse_vendors() {
    return {.verb = Verb::post,
            .path = "/v1/vendors/rehearsal",
            .role = Role::operator_,
            .summary = "Which hosts' verdicts other vendor data would change; changes nothing",
            .handler = rehearse,
            .accepts = "application/cbor",
            .body_limit = limits::kVendorBundle};
}

}  // namespace assay::api
