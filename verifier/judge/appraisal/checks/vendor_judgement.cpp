#include "verifier/judge/appraisal/checks/vendor_judgement.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "verifier/judge/appraisal/policy/grandfather.h"

namespace assay::judge {
namespace {

using vendors::Component;
using vendors::Decision;
using vendors::Resolution;

bool is_of(const HostComponent& part, Component kind) {
    // Every PCI function is judged as one; a display controller as a GPU besides.
    return part.kind == kind || (kind == Component::pci && part.kind == Component::gpu);
}

int strictness(Decision decision) {
    switch (decision) {
        case Decision::allow:
            return 0;
        case Decision::review:
            return 1;
        case Decision::deny:
            return 2;
    }
    return 2;
}

// An empty list is no good news, unless the owner says that such hosts have none.
void judge_none(const Policy& policy, Judge& judge, Basis basis, Component kind, std::string_view noun) {
    if (const auto without = policy.without.find(kind); without != policy.without.end())
        return judge.covered(basis, 0, fmt::format("no {}, as the policy says: {}", noun, without->second),
                             1);
    if (kind == Component::board)  // DSP0134 asks for no type 2, and many a server has none
        return judge.no_answer(NoAnswer::does_not_apply, "SMBIOS names no board");
    judge.no_answer(NoAnswer::cannot_tell, fmt::format("the evidence names no {}", noun));
}

}  // namespace

std::string subject_of(const HostComponent& part) {
    auto place = shown(part.place);
    switch (part.kind) {
        case Component::cpu:
            return "processor " + place;
        case Component::memory:
            return "memory " + place;
        case Component::drive:
            return fmt::format("drive {} S/N {}", place, shown(part.serial));
        case Component::nic:
            return "NIC " + place;
        case Component::pci:
        case Component::gpu:
            return "PCI " + place;
        case Component::psu:
            return place.starts_with("PSU") ? place : "PSU " + place;
        case Component::usb:
            return "USB " + place;
        default:
            return place;
    }
}

const VendorJudgement::Known& VendorJudgement::known(const MakerId& id) {
    const auto [slot, fresh] = known_.try_emplace({id.ns, id.value});
    if (fresh) {
        slot->second.maker = resolve(examined_.inputs.vendors, id, product_);
        if (slot->second.maker.outcome == Resolution::Outcome::known) approve(slot->second);
    }
    return slot->second;
}

void VendorJudgement::approve(Known& known) const {
    const auto approval = [this](std::string_view entity) {
        return examined_.inputs.vendors.approval(
            {.entity = entity, .component = component_, .at = examined_.inputs.now, .site = site_});
    };
    known.makers = shown(known.maker.legal_name);
    known.approval = approval(known.maker.entity);
    for (const auto& other : known.maker.others) {
        known.makers += " or " + shown(other.legal_name);
        auto theirs = approval(other.entity);
        if (strictness(theirs.decision) > strictness(known.approval.decision))
            known.approval = std::move(theirs);
    }
}

void VendorJudgement::judge_known(const HostComponent& part, const MakerId& id, const Known& known) {
    const auto& approval = known.approval;
    if (approval.decision == Decision::allow) return;
    auto actual = fmt::format("{} ({}; {}): {}{}{} [{}]", known.makers, id.what, shown(known.maker.why),
                              vendors::to_string(approval.decision), approval.reason.empty() ? "" : ", ",
                              shown(approval.reason), shown(approval.where));
    if (!approval.chain.empty()) actual += "; " + approval.chain;
    Details details{.subject = subject_of(part),
                    .expected = fmt::format("an approved {} maker", vendors::to_string(component_)),
                    .actual = std::move(actual),
                    .evidence = part.evidence};
    if (approval.decision != Decision::deny)
        return report(findings::vendor_undecided, Tier::warning, std::move(details));
    if (approval.grandfather) {
        asked_for_exception_ = true;
        const auto exception = exception_for(part, *approval.grandfather, examined_.claims.basis,
                                             examined_.inputs.known_host, examined_.inputs.now);
        details.actual += "; " + exception.why;
        if (exception.covers) {
            return report(findings::vendor_excepted, Tier::affirming, std::move(details));
        }
    }
    report(findings::vendor_unapproved, Tier::contraindicated, std::move(details));
}

void VendorJudgement::judge_unknown(const HostComponent& part, std::string_view layer) {
    std::string given;
    bool placeholder = true;
    for (const auto& id : part.maker) {
        if (id.layer != layer) continue;
        given += (given.empty() ? "" : ", ") + id.what;
        placeholder = placeholder && known(id).maker.outcome == Resolution::Outcome::placeholder;
    }
    // A part of a maker that nobody knows is one among many; a host of one is of no approved maker.
    const bool is_host = component_ == Component::system || component_ == Component::board;
    report(is_host ? findings::vendor_unknown_system : findings::vendor_unknown,
           is_host ? Tier::none : Tier::warning,
           {.subject = subject_of(part),
            .expected = fmt::format("an approved {} maker", vendors::to_string(component_)),
            .actual = given.empty() ? "no maker is named"
                                    : given + (placeholder ? ", a placeholder" : ", in no vendor file"),
            .evidence = part.evidence});
}

void VendorJudgement::judge_unreadable(const HostComponent& part) {
    out_.is_required = true;
    report(findings::section_malformed, Tier::none,
           {.subject = subject_of(part),
            .expected = "a readable id of its maker",
            .actual = part.problem,
            .evidence = part.evidence});
}

void VendorJudgement::judge_part(const HostComponent& part) {
    if (!part.problem.empty()) judge_unreadable(part);
    std::set<std::string_view> layers;
    std::set<std::string_view> said;  // one finding for a maker of a part, by its first identifier
    std::set<std::string_view> resolved;
    for (const auto& id : part.maker) {
        layers.insert(id.layer);
        const auto& maker = known(id);
        if (maker.maker.outcome != Resolution::Outcome::known) continue;
        resolved.insert(id.layer);
        // A text that several makers print is that maker's whom a number of the part names.
        const auto is_said = [&](const Resolution::Other& other) { return said.contains(other.entity); };
        if (std::ranges::any_of(maker.maker.others, is_said)) continue;
        if (said.insert(maker.maker.entity).second) judge_known(part, id, maker);
    }
    if (part.maker.empty() && part.problem.empty()) judge_unknown(part, "");
    for (const auto& layer : layers) {
        if (!resolved.contains(layer)) judge_unknown(part, layer);
    }
}

JudgedMakers VendorJudgement::judge(const std::vector<HostComponent>& parts) {
    // A USB device is from anywhere: the machine does not tell who made it.
    if (component_ != Component::usb) product_ = product_of(parts);
    for (const auto& part : parts) {
        if (!is_of(part, component_)) continue;
        ++out_.parts;
        judge_part(part);
    }
    return std::move(out_);
}

void VendorJudgement::report(const FindingKind& kind, Tier tier, Details details) {
    out_.found.push_back({&kind, tier, std::move(details)});
}

void judge_makers(const Examined& examined, Judge& judge, Component kind, std::string_view noun) {
    const auto [section, present] = section_of(examined.claims, kind);
    if (!present) return judge.report_absent(examined, section);
    const auto judged = examined.parts.makers(examined, kind);
    if (judged->is_required) judge.require();
    const auto& policy = examined.inputs.policy;
    for (const auto& [finding, tier, details] : judged->found) {
        const bool lenient = finding == &findings::vendor_unknown_system && !policy.system_maker_required;
        if (finding == &findings::vendor_unknown_system && !lenient) judge.require();
        judge.report(*finding, lenient ? Tier::warning : tier, examined.basis(), details);
    }
    if (judged->parts == 0) return judge_none(policy, judge, examined.basis(), kind, noun);
    judge.covered(examined.basis(), judged->parts,
                  fmt::format("{} {}{}", judged->parts, noun, judged->parts == 1 ? "" : "s"));
}

}  // namespace assay::judge
