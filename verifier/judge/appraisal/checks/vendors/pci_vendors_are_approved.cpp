#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

// The maker of the chip and the maker of the card are two layers, each judged on its own.
void judge_pci(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::pci, "PCI function");
}

}  // namespace

const Check checks::pci_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_pci};

}  // namespace assay
