#include "verifier/judge/appraisal/checks/judged_events.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

namespace assay::judge {
namespace {

using Kind = std::pair<std::string_view, const FindingKind*>;

// Outcomes of docs/accompaniment.md that are no good news, and what they are found as.
constexpr std::array kOutcomes = {Kind{"EVIDENCE_INVALID", &findings::usb_evidence_invalid},
                                  Kind{"UNAUTHORISED_REMOTE_MEDIA", &findings::usb_remote_media},
                                  Kind{"IMPERSONATION", &findings::usb_impersonation},
                                  Kind{"MORPHING", &findings::usb_morphing},
                                  Kind{"NO_PERSON_KNOWN", &findings::usb_no_person_known},
                                  Kind{"UNACCOMPANIED", &findings::usb_unaccompanied},
                                  Kind{"WRONG_ASSET", &findings::usb_wrong_asset},
                                  Kind{"INVALID_ORDER", &findings::usb_invalid_order},
                                  Kind{"TECHNICIAN_ABSENT", &findings::usb_technician_absent},
                                  Kind{"SELF_ESCORT", &findings::usb_self_escort},
                                  Kind{"INELIGIBLE_ESCORT", &findings::usb_ineligible_escort},
                                  Kind{"ESCORT_SPLIT", &findings::usb_escort_split},
                                  Kind{"UNATTESTED", &findings::usb_unattested},
                                  Kind{"ATTESTED_NO_BADGE", &findings::usb_attested_no_badge},
                                  Kind{"DEVICE_NOT_PERMITTED", &findings::usb_device_not_permitted},
                                  Kind{"UNDETERMINED", &findings::usb_undetermined},
                                  Kind{"UNKNOWN_ASSET", &findings::usb_unknown_asset},
                                  Kind{"GHOST_DEVICE", &findings::usb_ghost_device},
                                  Kind{"PRIVILEGED_OVERRIDE", &findings::usb_privileged_override}};
constexpr std::array kClean = {std::string_view("ACCOMPANIED"), std::string_view("BASELINE"),
                               std::string_view("REMOTE_MEDIA_OK"), std::string_view("STAFF_USE")};
constexpr std::array kNotes = {Kind{"UNACCOMPANIED_INTERVAL", &findings::usb_unaccompanied_interval},
                               Kind{"ORDER_EDITED", &findings::usb_order_edited},
                               Kind{"CREDENTIAL_CLONE", &findings::usb_credential_clone}};

template <std::size_t N>
const FindingKind* kind_of(const std::array<Kind, N>& kinds, std::string_view name) {
    for (const auto& [of, kind] : kinds) {
        if (of == name) return kind;
    }
    return nullptr;
}

// Whatever is not known to be harmless is not.
Tier tier_of(std::string_view severity) {
    return severity == "info" || severity == "low" || severity == "medium" ? Tier::warning
                                                                           : Tier::contraindicated;
}

}  // namespace

std::size_t find_judged_events(const Examined& examined, Judge& judge,
                               const std::vector<JudgedEvent>& judged) {
    for (const auto& event : judged) {
        const auto evidence =
            fmt::format("journal: record {}; verdict {}", event.record, shown(event.sha256));
        const auto subject = fmt::format("device event {}", event.record);
        if (std::ranges::find(kClean, event.outcome) == kClean.end()) {
            const auto* kind = kind_of(kOutcomes, event.outcome);
            const bool open = event.outcome == "UNDETERMINED";
            judge.report(kind != nullptr ? *kind : findings::usb_unaccompanied,
                         open ? Tier::none : tier_of(event.severity), examined.basis(),
                         {.subject = subject,
                          .expected = "an order, technician, escort and signature that cover it",
                          .actual = fmt::format("{}{}{}, {}: {}", shown(event.outcome),
                                                event.reason.empty() ? "" : "(" + shown(event.reason) + ")",
                                                event.row < 0 ? "" : fmt::format(", row {}", event.row),
                                                shown(event.severity), shown(event.text)),
                          .evidence = evidence});
        }
        for (const auto& note : event.notes) {
            const auto* kind = kind_of(kNotes, note.id);
            if (kind == nullptr) continue;
            judge.report(*kind, tier_of(note.severity), examined.basis(),
                         {.subject = subject,
                          .expected = "nothing of this kind",
                          .actual = fmt::format("{}, {}", shown(note.text), shown(note.severity)),
                          .evidence = evidence});
        }
    }
    return judged.size();
}

}  // namespace assay::judge
