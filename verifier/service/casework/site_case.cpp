#include "verifier/service/casework/site_case.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "verifier/service/casework/site_directory.h"
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

namespace {

// All but directory.json.
Result<CaseFiles> files_of(Service& service, const Span& span,
                           const std::vector<store::SiteDocument>& fresh) {
    const auto wide = widened(span);
    CaseFiles files;
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

}  // namespace

Result<CaseFiles> case_files(Service& service, const Span& span,
                             const std::vector<store::SiteDocument>& fresh) {
    const auto directory = TRY(site::directory_of(service));
    auto files = TRY(files_of(service, span, fresh));
    files["directory.json"] = directory->text;
    return files;
}

Result<std::shared_ptr<const accompaniment::Knowledge>> knowledge_of(
    Service& service, const Span& span, const std::vector<store::SiteDocument>& fresh) {
    const auto directory = TRY(site::directory_of(service));
    const auto files = TRY(files_of(service, span, fresh));
    accompaniment::Facts facts;
    auto orders = TRY(accompaniment::read_orders(files.at("orders.json")));
    facts.orders = std::move(orders.orders);
    facts.exports = std::move(orders.exports);
    facts.orders_watermark = orders.watermark;
    facts.badges = TRY(accompaniment::read_badges(files.at("badges.json")));
    facts.sessions = TRY(accompaniment::read_sessions(files.at("sessions.json")));
    facts.policy = TRY(accompaniment::read_policy(files.at("policy.json")));
    return accompaniment::Knowledge::of(std::move(facts), {directory, &directory->read});
}

}  // namespace assay::api::site
