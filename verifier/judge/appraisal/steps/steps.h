#pragma once

#include <span>
#include <string_view>

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/appraise.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"

namespace assay::judge {

inline void no_step(std::string_view) {}

OpenedEvidence open_evidence_with(const Evidence& evidence, const Context& context,
                                  void (*before_step)(std::string_view step));
Appraisal judge_with(const OpenedEvidence& opened, const Context& context, std::span<const NamedCheck> checks,
                     void (*before_step)(std::string_view step));
/// `appraise` with a table of checks of the caller's, and a function that is called before each step with its
/// name: how tests make a step or a check fail.
Appraisal appraise_with(const AppraisalInputs& inputs, std::span<const NamedCheck> checks,
                        void (*before_step)(std::string_view step));

}  // namespace assay::judge
