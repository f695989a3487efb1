#pragma once

#include <span>
#include <string_view>

#include "verifier/appraisal/appraise.h"
#include "verifier/appraisal/check.h"

namespace assay {

/// `appraise` with a table of checks of the caller's, and a function that is called before each step with its
/// name: how tests make a step or a check fail.
Appraisal appraise_with(const AppraisalInputs& inputs, std::span<const NamedCheck> checks,
                        void (*before_step)(std::string_view step));

}  // namespace assay
