#pragma once

#include <span>

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {

/// What step 4 came to: one outcome per check, and the findings, both in the order of the checks. Of one id
/// at most kFindingsOfAKind findings and one that counts the others.
struct Judgement {
    std::vector<CheckOutcome> outcomes;
    std::vector<Finding> findings;
};

/// Step 4. Runs every check that the policy does not switch off, whatever the others found. An exception out
/// of a check is the finding `appraisal.internal_error`, contraindicated.
Judgement run_checks(const Examined& examined, std::span<const NamedCheck> checks);

/// Step 5. Tiers per AR4SI claim and overall. A check that concluded `none` counts where it is required; one
/// that rests on the host's word alone never affirms. A result above limits::kAttestationResult cannot come
/// out of `run_checks`; if it does, it becomes `appraisal.internal_error`, contraindicated.
void conclude(Judgement judgement, AttestationResult& result);

/// The digests that name everything a result is a function of.
std::map<std::string, std::string> input_digests(const Context& context, const OpenedEvidence& opened);

}  // namespace assay::judge
