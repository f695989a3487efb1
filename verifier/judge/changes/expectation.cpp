#include "verifier/judge/changes/expectation.h"

#include <algorithm>
#include <span>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "vendor-db/model/firmware.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/judge/appraisal/facts/parts/firmware_rules.h"

namespace assay::judge {
namespace {

using accompaniment::PlannedChange;
using Sets = std::vector<const vendors::ReferenceSet*>;

constexpr std::uint32_t kOfFirmware = 0;  // PCR of the platform's own code (TCG PFP 3.3.4.1)

/// The set by which all of this PCR is as it is now; null where something of it is in no set.
const vendors::ReferenceSet* set_of_pcr(const Sets& sets, const BootChain& boot, std::uint32_t pcr) {
    if (const auto& value = boot.values.at(pcr)) {
        if (const auto* set = vendors::set_with_value(sets, pcr, *value)) return set;
    }
    const vendors::ReferenceSet* first = nullptr;
    for (const auto& each : boot.measurements) {
        if (each.pcr != pcr) continue;
        const auto* set = vendors::set_with_event(sets, pcr, each.digest);
        if (set == nullptr) return nullptr;
        if (first == nullptr) first = set;
    }
    return first;
}

/// By what is measured now; where something is measured no more, all that is left of its PCRs must be
/// referenced.
const vendors::ReferenceSet* reference_for(const SeenChange& change, const Expectations& by) {
    const auto sets = vendors::references_of(by.vendors.references(), by.model, by.now);
    const bool is_bios = change.told.kind == ChangeKind::firmware && change.after &&
                         change.after->kind == vendors::Component::bios;
    const bool is_boot = change.told.kind == ChangeKind::boot || change.told.kind == ChangeKind::keys;
    if (sets.empty() || by.boot == nullptr || (!is_bios && !is_boot)) return nullptr;
    if (is_bios) return set_of_pcr(sets, *by.boot, kOfFirmware);
    const vendors::ReferenceSet* first = nullptr;
    for (const auto& [pcr, digest] : change.measured) {
        const auto* set = vendors::set_with_event(sets, pcr, digest);
        if (set == nullptr) set = set_of_pcr(sets, *by.boot, pcr);
        if (set == nullptr) return nullptr;
        if (first == nullptr) first = set;
    }
    if (first != nullptr) return first;
    for (const auto pcr : change.pcrs) {
        const auto* set = set_of_pcr(sets, *by.boot, pcr);
        if (set == nullptr) return nullptr;
        if (first == nullptr) first = set;
    }
    return first;
}

bool is_delivered(const Delivery& delivery, const HostComponent& part) {
    return std::ranges::any_of(delivery.parts, [&](const DeliveredPart& each) {
        if (component_class(each.kind) != part.kind) return false;
        if (!each.mac.empty()) return each.mac == mac_digits(part.mac);
        return !trimmed(each.serial).empty() && trimmed(each.serial) == trimmed(part.serial);
    });
}

std::string delivery_for(const SeenChange& change, const Expectations& by) {
    if (change.told.kind != ChangeKind::part || !change.after || !by.delivery || by.delivery->outdated)
        return {};
    if (!is_delivered(*by.delivery, *change.after)) return {};
    if (!change.before && change.told.id != "part.new") return {};  // nobody knows any more what was there
    if (change.before && is_delivered(*by.delivery, *change.before)) return {};
    return by.delivery->source;
}

std::string firmware_rule_for(const SeenChange& change, const Expectations& by) {
    if (change.told.kind != ChangeKind::firmware || !change.after) return {};
    std::string out;
    for (const auto* rule : rules_about(by.vendors, by.parts, *change.after)) {
        const auto standing = vendors::standing(*rule, version_of(*change.after, *rule));
        if (standing == vendors::FirmwareStanding::not_of_series) continue;
        if (standing != vendors::FirmwareStanding::approved) return {};
        if (!rule->minimum.empty() && out.empty())
            out = fmt::format("vendor data, {}", shown(rule->advisory));
    }
    return out;
}

/// All but the digest, which one measurement of several may have.
bool fits(const PlannedChange& planned, const SeenChange& change, const Expectations& by) {
    if (planned.what != to_string(change.told.kind)) return false;
    const auto* part = change.after ? &*change.after : change.before ? &*change.before : nullptr;
    const auto agrees = [](const std::string& wanted, std::string_view actual) {
        return wanted.empty() || wanted == actual;
    };
    if (change.told.kind == ChangeKind::section)
        return planned.match.empty() && planned.to.empty() && planned.serial.empty() &&
               agrees(planned.component.empty() ? "" : "section " + planned.component, change.told.subject);
    if (!agrees(planned.component, part != nullptr ? vendors::to_string(part->kind) : "")) return false;
    const bool of_host = part == nullptr || part->kind == vendors::Component::bios;
    if (!planned.match.empty() && !vendors::same_model(planned.match, of_host ? by.model : part->model))
        return false;
    return agrees(planned.to, change.after ? change.after->revision : "") &&
           agrees(planned.serial, part != nullptr ? part->serial : "") &&
           agrees(planned.words, change.told.actual);
}

bool is_planned(std::span<const PlannedChange> all, const SeenChange& change, const Expectations& by) {
    std::vector<std::string> digests;
    for (const auto& planned : all) {
        if (!fits(planned, change, by)) continue;
        if (planned.digest.empty()) return true;
        digests.push_back(planned.digest);
    }
    return !change.measured.empty() && std::ranges::all_of(change.measured, [&](const Measured& each) {
        return std::ranges::find(digests, each.digest.hex()) != digests.end();
    });
}

}  // namespace

std::string expected_by(const SeenChange& change, const Expectations& by) {
    if (const auto* set = reference_for(change, by))
        return fmt::format("reference set {}", shown(set->title()));
    for (auto signed_by : {delivery_for(change, by), firmware_rule_for(change, by)}) {
        if (!signed_by.empty()) return signed_by;
    }
    for (const auto& order : by.orders) {
        if (is_planned(order.changes, change, by)) return fmt::format("order {}", shown(order.id));
    }
    for (const auto& expected : by.policy.expected) {
        if (expected.until >= by.now && is_planned({&expected.change, 1}, change, by))
            return fmt::format("policy {}, {}", shown(by.policy.name), shown(expected.order));
    }
    return {};
}

}  // namespace assay::judge
