#pragma once

#include <cstdint>
#include <string>

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/appraise.h"

namespace assay::judge {

/// So much may the clock of a host without network be behind that of its verifier, seconds.
inline constexpr std::int64_t kActivationSkew_s = 300;

/// Was the attestation key shown to live beside the endorsement key? By the verifier's own record or, where
/// the context has one, by its signed statement alone. Writes the findings.
void judge_activation(const Context& inputs, Judge& judge);

/// On whose word the key counts as activated, and what that word cannot say; empty unless it is a statement
/// that holds for this host at this time. One line, printable.
std::string activation_words(const Context& inputs);

}  // namespace assay::judge
