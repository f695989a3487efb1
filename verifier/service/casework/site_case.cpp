#include "verifier/service/casework/site_case.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "evidence/codec/json_reader.h"

// What the store knows of a site, as the files of a case.
namespace assay::api::site {
namespace {

using accompaniment::Millis;
using accompaniment::Span;
using nlohmann::json;

constexpr Millis kHour = 3'600'000;
constexpr Millis kBefore = 48 * kHour;  // of badge rows: the longest stay, and the door passed before it
constexpr Millis kAfter = 24 * kHour;
constexpr std::int64_t kMostRows = 2'000'000;

Result<std::string> newest(Service& service, const std::string& kind, std::string otherwise) {
    const auto found = TRY(store::SiteDocuments(service.store).newest(kind, kind));
    return found ? found->document : std::move(otherwise);
}

// What the vendor data knows of those who run issuers and employ persons, where the directory does not say
// it.
void add_entities(json& directory, const vendors::VendorDb& vendors, std::int64_t now) {
    std::set<std::string> known;
    JsonReader in(directory, {.open = true});
    in.each("entities", [&](JsonReader& entity) { known.emplace(entity.peek("id")); });
    json more = json::array();
    std::vector<std::string> wanted;
    const auto want = [&](const std::string& id) {
        if (!id.empty() && known.insert(id).second && vendors.entities().contains(id)) wanted.push_back(id);
    };
    in.each("issuers", [&](JsonReader& issuer) { want(std::string(issuer.peek("entity"))); });
    in.each("persons", [&](JsonReader& person) { want(std::string(person.peek("employer"))); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        json owners = json::array();
        for (const auto& [owner, chain] : vendors.owners_of(wanted[i], 0, now)) {
            owners.push_back(owner);
            want(owner);
        }
        const auto approval = vendors.approval(wanted[i], vendors::Component::any, now);
        json entity{{"id", wanted[i]}, {"owners", std::move(owners)}, {"decided", approval.where}};
        if (approval.decision != vendors::Decision::review)
            entity["approved"] = approval.decision == vendors::Decision::allow;
        more.push_back(std::move(entity));
    }
    auto& entities = directory.emplace("entities", json::array()).first.value();
    for (auto& entity : more) entities.push_back(std::move(entity));
}

// The signed baselines that hold at some time of the span, beside those of the policy itself.
Result<std::string> with_baselines(std::string policy, const std::vector<vendors::Baseline>& baselines,
                                   const Span& span) {
    const vendors::Span wanted{span.from / 1000, span.to / 1000 + 1};
    json devices = json::array();
    for (const auto& baseline : baselines) {
        if (!baseline.span.overlaps(wanted)) continue;
        for (const auto& device : baseline.devices) {
            devices.push_back({{"model", baseline.model},
                               {"controller", device.controller},
                               {"port", device.port},
                               {"vid", device.vid},
                               {"pid", device.pid},
                               {"interfaces", device.interfaces},
                               {"descriptors_sha256", device.descriptors},
                               {"bmc", device.bmc}});
        }
    }
    if (devices.empty()) return policy;
    auto out = TRY(parse_json(policy, kStoredJson));
    for (auto& device : devices) out["baseline"].push_back(std::move(device));
    return out.dump();
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
    const auto stored = TRY(newest(service, "directory", ""));
    if (stored.empty()) {
        return fail(ErrorCode::not_found,
                    "no directory of persons and zones: 'assay people import FILE' gives one");
    }
    auto directory = TRY(parse_json(stored, kStoredJson));
    add_entities(directory, service.vendors, service.now());
    CaseFiles files;
    files["directory.json"] = directory.dump();
    files["policy.json"] =
        TRY(with_baselines(TRY(newest(service, "policy", "{}")), service.vendors.baselines(), span));
    const auto wide = widened(span);
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
    const auto watermark = TRY(watermark_of(service, "orders"));
    files["orders.json"] = "{\"orders\":" + joined(TRY(of("order"))) + ",\"watermark\":\"" +
                           accompaniment::instant_text(watermark) + "\"}";

    std::string rows;
    for (const auto& row : TRY(store::BadgeRows(service.store).list(wide.from, wide.to, kMostRows)))
        rows.append(rows.empty() ? "" : ",").append(row.document);
    files["badges.json"] =
        "{\"feeds\":" + joined(TRY(store::SiteDocuments(service.store).list({.kind = "feed"}))) +
        ",\"controllers\":" + joined(TRY(store::SiteDocuments(service.store).list({.kind = "controller"}))) +
        ",\"releases\":" + joined(TRY(of("release"))) + ",\"rows\":[" + rows + "]}";

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
