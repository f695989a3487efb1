#include <fmt/core.h>

#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

std::string place(const PciFunction& function) {
    return fmt::format("pci: {}{}{}", shown(function.address), function.slot.empty() ? "" : ", slot ",
                       shown(function.slot));
}

// The maker of the chip and the maker of the card are two layers, each judged on its own.
void judge_layer(VendorJudgement& judgement, const BoundFunction& bound, std::uint16_t vendor,
                 std::uint16_t device, bool card) {
    if (judgement.pci_vendor_is_allowed(vendor)) return;
    judgement.judge(judgement.vendors().resolve(vendors::Namespace::pci, pci_hex(vendor)),
                    "PCI " + shown(bound.function.address),
                    fmt::format("{} {}", card ? "PCI subsystem" : "PCI id", pci::id_text(vendor, device)),
                    place(bound.function));
}

void judge_pci(const Examined& examined, Judge& judge) {
    const auto& functions = examined.claims.pci;
    if (!functions) return judge.lacks(examined, section::kPci);
    if (functions->empty()) return judge.nothing_to_judge("this host has no PCI function");
    judge.holds(examined.basis(), fmt::format("{} PCI functions, chip and card", functions->size()));
    VendorJudgement judgement(examined, judge, vendors::Component::pci);
    for (const auto& bound : *functions) {
        if (!bound.config) {
            judge.finds(findings::section_malformed, Tier::none, examined.basis(),
                        {.subject = "PCI " + shown(bound.function.address),
                         .expected = "a configuration space",
                         .actual = bound.problem,
                         .evidence = place(bound.function)});
            continue;
        }
        judge_layer(judgement, bound, bound.config->vendor, bound.config->device, false);
        if (bound.config->subsystem_vendor != 0) {
            judge_layer(judgement, bound, bound.config->subsystem_vendor, bound.config->subsystem_device,
                        true);
        }
    }
}

}  // namespace

const Check checks::pci_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_pci};

}  // namespace assay
