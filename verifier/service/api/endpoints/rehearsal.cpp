#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "vendor-db/bundle/bundle.h"
#include "verifier/judge/appraisal/policy/effective_policy.h"
#include "verifier/judge/appraisal/policy/proposal.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {
namespace {

constexpr std::int64_t kUsualHosts = 200;
constexpr std::int64_t kMostHosts = 2000;

bool same(const Finding& a, const Finding& b) {
    return a.id == b.id && a.tier == b.tier && a.subject == b.subject && a.actual == b.actual;
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

/// Under what a host is judged.
struct Rules {
    const judge::PolicySet& policies;
    const vendors::VendorDb& vendors;
};

AttestationResult judged(const Service& service, const SavedBundle& evidence, const judge::Labels& labels,
                         const Rules& rules, std::int64_t now) {
    const judge::EffectivePolicy policy(rules.policies.of(labels), rules.vendors, now);
    const judge::Context context{.challenge = evidence.challenge,
                                 .known_host = evidence.known_host,
                                 .sessions = evidence.sessions,
                                 .vendors = rules.vendors,
                                 .tpm_trust = service.tpm_trust,
                                 .policy = policy.get(),
                                 .now = now};
    return service.judge(open_evidence(evidence.evidence, context), context).result;
}

Result<std::optional<judge::PolicySet>> proposed_policies(const judge::Proposal& proposal) {
    if (proposal.policies.empty()) return std::optional<judge::PolicySet>();
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& file : proposal.policies) files.emplace_back(file.name, file.text);
    return std::optional(TRY(judge::PolicySet::from_toml(files)));
}

Result<std::optional<vendors::VendorDb>> proposed_vendors(const Service& service,
                                                          const judge::Proposal& proposal) {
    if (proposal.bundle.empty() && proposal.references.empty()) return std::optional<vendors::VendorDb>();
    vendors::Sources sources;
    std::optional<vendors::Edition> edition = service.vendors.edition();
    if (proposal.bundle.empty()) {
        sources = TRY(service.vendor_sources());
    } else {
        const auto bundle = TRY(vendors::decode_bundle(proposal.bundle));
        auto content = TRY(vendors::decode_bundle_content(bundle.content));
        edition = vendors::edition_of(content, bundle.digest());
        sources = std::move(content.sources);
    }
    for (const auto& file : proposal.references) {
        std::erase_if(sources.references, [&](const auto& each) { return each.name == file.name; });
        sources.references.push_back(file);
    }
    return std::optional(TRY(vendors::load(sources, edition)));
}

/// What the proposal would change for one host; null where nothing.
Result<nlohmann::json> changed(const Service& service, const std::string& host, const judge::Labels& labels,
                               const Rules& now_in_force, const Rules& proposed, std::int64_t now) {
    auto evidence = store::Results(service.store).newest_bundle(host);
    if (!evidence && evidence.error().code == ErrorCode::not_found)
        return nlohmann::json();  // never attested
    if (!evidence) return std::unexpected(evidence.error());
    evidence->challenge.expires_at =
        std::max(evidence->challenge.expires_at, now + 1);  // it was answered in its time
    const auto before = judged(service, *evidence, labels, now_in_force, now);
    const auto then = judged(service, *evidence, labels, proposed, now);
    auto gained = beyond(then.findings, before.findings);
    auto lost = beyond(before.findings, then.findings);
    if (before.tier == then.tier && gained.empty() && lost.empty()) return nlohmann::json();
    return nlohmann::json{{"host", host},
                          {"tier", to_string(before.tier)},
                          {"tier_then", to_string(then.tier)},
                          {"policy", now_in_force.policies.of(labels).name},
                          {"policy_then", proposed.policies.of(labels).name},
                          {"gained", std::move(gained)},
                          {"lost", std::move(lost)}};
}

Result<Response> rehearse(const Request& request, Service& service) {
    Query query(request);
    const auto after = query.text("after", limits::kHostName).value_or("");
    const auto only = query.text("host", limits::kHostName);
    const auto limit = static_cast<std::size_t>(query.integer("limit", 1, kMostHosts).value_or(kUsualHosts));
    TRY_VOID(query.finish());
    const auto proposal = TRY(judge::decode_proposal(as_view(request.body)));
    if (proposal.empty())
        return fail(ErrorCode::usage,
                    "nothing is proposed: give policies, reference sets or a vendor bundle");
    const auto policies = TRY(proposed_policies(proposal));
    const auto vendors = TRY(proposed_vendors(service, proposal));
    const Rules in_force{service.policies, service.vendors};
    const Rules proposed{policies ? *policies : service.policies, vendors ? *vendors : service.vendors};
    const auto now = service.now();
    auto contacts = TRY(store::Hosts(service.store).contacts());
    std::ranges::sort(contacts, {}, &store::Contact::host);

    nlohmann::json answer{{"vendor_data", service.vendors.digest().hex()},
                          {"proposed", proposed.vendors.digest().hex()},
                          {"at", now},
                          {"judged", 0},
                          {"changed", nlohmann::json::array()},
                          {"next", nullptr}};
    std::size_t count = 0;
    std::string last;
    for (const auto& contact : contacts) {
        if (contact.host <= after || (only && *only != contact.host)) continue;
        if (count == limit) {
            answer["next"] = last;
            break;
        }
        last = contact.host;
        ++count;
        auto row = TRY(changed(service, contact.host, contact.labels, in_force, proposed, now));
        if (!row.is_null()) answer["changed"].push_back(std::move(row));
    }
    if (only && count == 0) return fail(ErrorCode::not_found, "no host of this name is enrolled");
    answer["judged"] = count;
    return json_response(answer.dump());
}

}  // namespace

Endpoint rehearse_proposal() {
    return {
        .verb = Verb::post,
        .path = "/v1/rehearsal",
        .role = Role::operator_,
        .summary =
            "Which hosts' verdicts other policies, references or vendor data would change; changes nothing",
        .handler = rehearse,
        .accepts = "application/cbor",
        .body_limit = limits::kVendorBundle + (8U << 20U)};
}

}  // namespace assay::api
