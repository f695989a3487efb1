#include "verifier/judge/devices/judged_matter.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::judge {
namespace {

struct Found {
    std::string_view name, id;
    std::string_view expected = "nothing of this kind";
};

// Outcomes of docs/accompaniment.md that are no good news, and what they are found as.
constexpr std::array kOutcomes = {Found{"EVIDENCE_INVALID", "usb.evidence_invalid"},
                                  Found{"UNAUTHORISED_REMOTE_MEDIA", "usb.remote_media"},
                                  Found{"IMPERSONATION", "usb.impersonation"},
                                  Found{"MORPHING", "usb.morphing"},
                                  Found{"NO_PERSON_KNOWN", "usb.no_person_known"},
                                  Found{"UNACCOMPANIED", "usb.unaccompanied"},
                                  Found{"WRONG_ASSET", "usb.wrong_asset"},
                                  Found{"INVALID_ORDER", "usb.invalid_order"},
                                  Found{"TECHNICIAN_ABSENT", "usb.technician_absent"},
                                  Found{"SELF_ESCORT", "usb.self_escort"},
                                  Found{"INELIGIBLE_ESCORT", "usb.ineligible_escort"},
                                  Found{"ESCORT_SPLIT", "usb.escort_split"},
                                  Found{"UNATTESTED", "usb.unattested"},
                                  Found{"ATTESTED_NO_BADGE", "usb.attested_no_badge"},
                                  Found{"DEVICE_NOT_PERMITTED", "usb.device_not_permitted"},
                                  Found{"UNDETERMINED", "usb.undetermined"},
                                  Found{"UNKNOWN_ASSET", "usb.unknown_asset"},
                                  Found{"GHOST_DEVICE", "usb.ghost_device"},
                                  Found{"PRIVILEGED_OVERRIDE", "usb.privileged_override"}};
constexpr std::array kClean = {std::string_view("ACCOMPANIED"), std::string_view("BASELINE"),
                               std::string_view("REMOTE_MEDIA_OK"), std::string_view("STAFF_USE")};
constexpr std::array kNotes = {
    Found{"UNACCOMPANIED_INTERVAL", "usb.unaccompanied-interval"},
    Found{"ORDER_EDITED", "usb.order_edited"},
    Found{"CREDENTIAL_CLONE", "usb.credential_clone"},
    Found{"VERDICT_IMPROVED", "usb.verdict_improved"},
    Found{"ORDER_LATE", "usb.order_late", "an order that was received before the event"},
    Found{"ROW_LATE", "usb.row_late", "badge rows above the watermark of their feed"},
    Found{"LATE_DIRECTORY", "usb.directory_late", "entries that the directory had at the event"},
    Found{"SOLE_WORD", "usb.sole_word", "directory, order, badges and signature from more than one hand"}};

template <std::size_t N>
const Found* found_as(const std::array<Found, N>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Found::name);
    return found == all.end() ? nullptr : &*found;
}

// Whatever is not known to be harmless is not.
Tier tier_of(std::string_view severity) {
    return severity == "info" || severity == "low" || severity == "medium" ? Tier::warning
                                                                           : Tier::contraindicated;
}

}  // namespace

std::vector<JudgedMatter> matters_of(const JudgedEvent& event) {
    std::vector<JudgedMatter> out;
    if (std::ranges::find(kClean, event.outcome) == kClean.end()) {
        const auto* found = found_as(kOutcomes, event.outcome);
        out.push_back({.id = std::string(found == nullptr ? "usb.unaccompanied" : found->id),
                       .tier = event.outcome == "UNDETERMINED" ? Tier::none : tier_of(event.severity),
                       .expected = "an order, technician, escort and signature that cover it",
                       .actual = fmt::format("{}{}{}, {}: {}", printable(event.outcome),
                                             event.reason.empty() ? "" : "(" + printable(event.reason) + ")",
                                             event.row < 0 ? "" : fmt::format(", row {}", event.row),
                                             printable(event.severity), printable(event.text))});
    }
    for (const auto& note : event.notes) {
        const auto* found = found_as(kNotes, note.id);
        if (found == nullptr) continue;
        out.push_back({.id = std::string(found->id),
                       .tier = tier_of(note.severity),
                       .expected = std::string(found->expected),
                       .actual = fmt::format("{}, {}", printable(note.text), printable(note.severity))});
    }
    return out;
}

}  // namespace assay::judge
