#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/attestation_result.h"

namespace assay::command_line {

/// An attestation result for a terminal: the verdict, each finding with both sides, where, on what basis and
/// what to do next, then claims, and each check in one line. Ends with a newline. Hostile bytes inside the
/// fields are made printable. `colours` adds ANSI colours to verdict and tiers, and to nothing else.
std::string result_text(const AttestationResult& result, bool colours);
/// The part of it that says nothing of the occasion: findings, claims, checks.
std::string conclusion_text(const AttestationResult& result, bool colours);
/// What one reads first: the verdict, each finding that does not affirm with what was found and what to do
/// next, and how many checks came to what.
std::string brief_result_text(const AttestationResult& result, bool colours);

/// One finding, as result_text prints it.
std::string finding_text(const Finding& finding, bool colours);

/// A tier for people: "affirming", "warning", "contraindicated", "cannot tell".
std::string_view tier_words(Tier tier);
/// The tier of a check; of one without an answer why: "not asked", "does not apply", "cannot tell".
std::string_view tier_words(const CheckOutcome& check);
/// Its summary without those words, where it begins with them.
std::string_view summary_words(const CheckOutcome& check);

/// The ANSI code that a terminal shows a tier in.
std::string_view colour_of(Tier tier);

/// "GO", "GO, with warnings", "NO GO", "CANNOT TELL": what a provisioning engineer reads first.
std::string_view verdict_words(Tier tier);

/// The most alarming first, otherwise in the order they came: how findings are shown.
std::vector<Finding> by_severity(std::vector<Finding> findings);

}  // namespace assay::command_line
