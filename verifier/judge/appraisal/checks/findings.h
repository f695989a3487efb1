#pragma once

#include <span>
#include <string>
#include <string_view>

#include "evidence/wire/attestation_result.h"

namespace assay::judge {

/// What an id stands for. The table is verifier/judge/appraisal/checks/findings.inc.
struct FindingKind {
    std::string_view id;           ///< "usb.unaccompanied"
    TrustClaim claim;              ///< the AR4SI claim that it bears on
    std::string_view sentence;     ///< the one sentence that declares it
    std::string_view explanation;  ///< why it matters
    std::string_view remedy;       ///< what to do next
};

/// One constant per finding, named as in the table: `findings::usb_unaccompanied`.
namespace findings {
#define FINDING(identifier, id, claim, sentence, explanation, remedy) \
    inline constexpr FindingKind identifier{id, TrustClaim::claim, sentence, explanation, remedy};
#include "verifier/judge/appraisal/checks/findings.inc"
#undef FINDING
}  // namespace findings

/// Every kind, in the table's order.
std::span<const FindingKind* const> finding_kinds();
/// Null where no finding has this id.
const FindingKind* find_finding(std::string_view id);

/// docs/findings.md as the table says that it must be.
std::string findings_markdown();

}  // namespace assay::judge
