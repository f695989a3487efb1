#include <algorithm>

#include <fmt/core.h>

#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/judge/appraisal/facts/parts/delivery_difference.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using vendors::Component;
using Kind = DeliveryDifference::Kind;

std::string described(std::string_view model, std::string_view serial, std::string_view mac,
                      std::string_view place) {
    std::string out = model.empty() ? "a part" : shown(model);
    if (!serial.empty()) out += ", serial " + shown(serial);
    if (!mac.empty()) out += ", MAC " + shown(mac);
    if (!place.empty()) out += " in " + shown(place);
    return out;
}

const FindingKind& finding_of(Kind kind) {
    switch (kind) {
        case Kind::missing:
            return findings::delivery_part_missing;
        case Kind::extra:
            return findings::delivery_part_extra;
        case Kind::replaced:
            return findings::delivery_part_replaced;
        case Kind::moved:
            return findings::delivery_part_moved;
        case Kind::unreadable:
            return findings::delivery_part_unreadable;
    }
    return findings::delivery_part_replaced;
}

Tier tier_of(Kind kind) {
    // Not none: where the policy does not require this check, a none would not count.
    return kind == Kind::moved || kind == Kind::unreadable ? Tier::warning : Tier::contraindicated;
}

struct Counted {
    std::size_t same = 0, by_model = 0, judged = 0;
};

void judge_class(const Examined& examined, Judge& judge, Component kind, const Delivery& delivery,
                 Counted& counted) {
    const auto name = to_string(kind);
    std::vector<const DeliveredPart*> delivered;
    for (const auto& part : delivery.parts) {
        if (part.kind == name) delivered.push_back(&part);
    }
    if (delivered.empty()) return;  // a list without drives says nothing about drives
    counted.judged += delivered.size();
    const auto [section, is_shown] = section_of(examined.claims, kind);
    if (!is_shown) {
        return judge.report(
            findings::delivery_part_unreadable, Tier::warning, examined.basis(),
            {.subject = std::string(name),
             .expected = fmt::format("{} parts of this class", delivered.size()),
             .actual = fmt::format("no section {} in the evidence", section),
             .evidence = fmt::format("{} {}", shown(delivery.source), delivery.digest.substr(0, 16))});
    }
    std::vector<const HostComponent*> present;
    for (const auto& part : examined.parts.list()) {
        if (part.kind == kind) present.push_back(&part);
    }
    const auto compared = compare_delivery(delivered, present);
    counted.same += compared.same;
    counted.by_model += compared.by_model_only;
    for (const auto& [difference, expected, actual] : compared.differences) {
        judge.report(
            finding_of(difference), tier_of(difference), examined.basis(),
            {.subject = fmt::format("{} {}", name,
                                    actual != nullptr ? shown(actual->place) : shown(expected->place)),
             .expected = expected == nullptr
                             ? fmt::format("no further {}", name)
                             : described(expected->model, expected->serial, expected->mac, expected->place),
             .actual = actual == nullptr
                           ? "nothing"
                           : described(actual->model, actual->serial, actual->mac, actual->place),
             .evidence = fmt::format("{}; {} {}", actual != nullptr ? actual->evidence : std::string(section),
                                     shown(delivery.source), delivery.digest.substr(0, 16))});
    }
}

/// The classes of which nothing was compared, each once, with how many parts.
std::string unchecked(const Delivery& delivery, std::size_t& count) {
    std::vector<std::string_view> kinds;
    for (const auto& part : delivery.parts) {
        if (component_class(part.kind)) continue;
        ++count;
        if (std::ranges::find(kinds, part.kind) == kinds.end()) kinds.push_back(part.kind);
    }
    std::string out;
    for (const auto kind : kinds) out += (out.empty() ? "" : ", ") + shown(kind);
    return out;
}

void judge_delivery(const Examined& examined, Judge& judge) {
    const auto& delivery = examined.inputs.known_host.delivery;
    if (!delivery)
        return judge.no_answer(NoAnswer::not_asked, "nobody said what this host was delivered with");
    if (delivery->outdated) {
        judge.report(findings::delivery_outdated, Tier::warning, examined.basis(),
                     {.subject = shown(delivery->source),
                      .expected = "a delivery of the TPM that the host has",
                      .actual = "one of the TPM before",
                      .evidence = "digest " + delivery->digest.substr(0, 16)});
    }
    Counted counted;
    for (auto value = static_cast<std::uint8_t>(Component::system);
         value <= static_cast<std::uint8_t>(Component::chassis); ++value) {
        judge_class(examined, judge, static_cast<Component>(value), *delivery, counted);
    }
    std::size_t beside = 0;
    const auto classes = unchecked(*delivery, beside);
    auto summary = fmt::format("{} of {} parts as delivered by {}, {} of them by model alone", counted.same,
                               counted.judged, shown(delivery->source), counted.by_model);
    if (beside != 0)
        summary += fmt::format("; {} parts not checked, evidence does not show them: {}", beside, classes);
    if (counted.judged == 0) return judge.no_answer(NoAnswer::cannot_tell, summary);
    judge.covered(examined.basis(), counted.judged, summary);
}

}  // namespace

const Check checks::components_are_as_delivered{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_delivery};

}  // namespace assay::judge
