#include "verifier/service/casework/site_case.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "evidence/codec/json_reader.h"
#include "verifier/service/casework/site_receipts.h"

// What the store knows of a site, as the files of a case.
namespace assay::api::site {
namespace {

using accompaniment::Millis;
using accompaniment::Span;
using nlohmann::json;

constexpr Millis kHour = 3'600'000;
constexpr Millis kBefore = 48 * kHour;  // of badge rows: the longest stay, and the door passed before it
constexpr Millis kAfter = 24 * kHour;

// What the vendor data knows of the directory's entities and of those who run issuers and employ persons. An
// owner that either knows is one, and whom either refuses is refused.
void add_entities(json& directory, const vendors::VendorDb& vendors, std::int64_t now) {
    auto& entities = directory.emplace("entities", json::array()).first.value();
    std::set<std::string> known;
    std::vector<std::string> wanted;  // that the directory does not have
    const auto want = [&](const std::string& id) {
        if (!id.empty() && known.insert(id).second && vendors.entities().contains(id)) wanted.push_back(id);
    };
    for (const auto& entity : entities) known.insert(entity.value("id", ""));
    const auto add = [&](json& entity) {
        const std::string id = entity.value("id", "");
        if (!vendors.entities().contains(id)) return;
        auto& owners = entity.emplace("owners", json::array()).first.value();
        for (const auto& [owner, chain] : vendors.owners_of(id, 0, now)) {
            if (std::ranges::find(owners, owner) == owners.end()) owners.push_back(owner);
            want(owner);
        }
        const auto approval = vendors.approval(id, vendors::Component::any, now);
        if (approval.decision == vendors::Decision::review) return;
        const bool approved = approval.decision == vendors::Decision::allow;
        // Who refuses counts; who approves is asked only where the directory does not say.
        if (approved && entity.contains("approved")) return;
        if (entity.contains("approved") && entity["approved"] == false) return;
        entity["approved"] = approved;
        entity["decided"] = approval.where;
    };
    for (auto& entity : entities) add(entity);
    JsonReader in(directory, {.open = true});
    in.each("issuers", [&](JsonReader& issuer) { want(std::string(issuer.peek("entity"))); });
    in.each("persons", [&](JsonReader& person) { want(std::string(person.peek("employer"))); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        json entity{{"id", wanted[i]}};
        add(entity);
        entities.push_back(std::move(entity));
    }
}

// The signed baselines that hold at some time of the span, beside those of the policy itself.
json with_baselines(json policy, const std::vector<vendors::Baseline>& baselines, const Span& span) {
    const vendors::Span wanted{span.from / 1000, span.to / 1000 + 1};
    for (const auto& baseline : baselines) {
        if (!baseline.span.overlaps(wanted)) continue;
        for (const auto& device : baseline.devices) {
            policy["baseline"].push_back({{"model", baseline.model},
                                          {"controller", device.controller},
                                          {"port", device.port},
                                          {"vid", device.vid},
                                          {"pid", device.pid},
                                          {"interfaces", device.interfaces},
                                          {"descriptors_sha256", device.descriptors},
                                          {"bmc", device.bmc}});
        }
    }
    return policy;
}

Result<std::int64_t> watermark_of(Service& service, const std::string& id) {
    const auto found = TRY(store::SiteDocuments(service.store).newest("watermark", id));
    return found ? found->to_ms : 0;
}

}  // namespace

Span widened(const Span& span) {
    return {span.from < INT64_MIN + kBefore ? INT64_MIN : span.from - kBefore,
            span.to > INT64_MAX - kAfter ? INT64_MAX : span.to + kAfter};
}

std::string joined(const std::vector<store::SiteDocument>& documents) {
    std::string out;
    for (const auto& document : documents) out.append(out.empty() ? "" : ",").append(document.document);
    return "[" + out + "]";
}

Result<CaseFiles> case_files(Service& service, const Span& span,
                             const std::vector<store::SiteDocument>& fresh) {
    const auto wide = widened(span);
    auto directory = TRY(received_directory(service, wide.from));
    add_entities(directory, service.vendors, service.now());
    CaseFiles files;
    files["directory.json"] = directory.dump();
    files["policy.json"] =
        with_baselines(TRY(received_policy(service)), service.vendors.baselines(), span).dump();
    const auto of = [&](const char* kind) {
        return store::SiteDocuments(service.store)
            .list({.kind = kind, .from_ms = wide.from, .to_ms = wide.to});
    };
    const auto with_fresh = [&](const char* kind) -> Result<std::vector<store::SiteDocument>> {
        auto all = TRY(of(kind));
        for (const auto& document : fresh) {
            if (document.kind != kind) continue;
            std::erase_if(all, [&](const auto& stored) { return stored.id == document.id; });
            all.push_back(document);
        }
        return all;
    };
    files["orders.json"] =
        TRY(received_orders(service, TRY(of("order")), TRY(watermark_of(service, "orders"))));
    files["badges.json"] = TRY(received_badges(service, wide));
    files["sessions.json"] = "{\"watermark\":\"" + accompaniment::instant_text(service.now() * 1000) +
                             "\",\"bmc_watermark\":\"" +
                             accompaniment::instant_text(TRY(watermark_of(service, "bmc"))) +
                             "\",\"sessions\":" + joined(TRY(with_fresh("session"))) +
                             ",\"late_attestations\":" + joined(TRY(with_fresh("late-attestation"))) +
                             ",\"bmc_sessions\":" + joined(TRY(of("bmc-session"))) + "}";
    return files;
}

Result<std::shared_ptr<const accompaniment::Knowledge>> knowledge_of(const CaseFiles& files) {
    accompaniment::Facts facts;
    auto orders = TRY(accompaniment::read_orders(files.at("orders.json")));
    facts.orders = std::move(orders.orders);
    facts.exports = std::move(orders.exports);
    facts.orders_watermark = orders.watermark;
    facts.badges = TRY(accompaniment::read_badges(files.at("badges.json")));
    facts.sessions = TRY(accompaniment::read_sessions(files.at("sessions.json")));
    facts.directory = TRY(accompaniment::read_directory(files.at("directory.json")));
    facts.policy = TRY(accompaniment::read_policy(files.at("policy.json")));
    return accompaniment::Knowledge::of(std::move(facts));
}

}  // namespace assay::api::site
