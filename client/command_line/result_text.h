#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/attestation_result.h"

namespace assay::command_line {

/// An attestation result for a terminal: the verdict, each check in one line, each finding with both sides,
/// where, on what basis and what to do next. Ends with a newline. Hostile bytes inside the fields are made
/// printable. `colours` adds ANSI colours to verdict and tiers, and to nothing else.
std::string result_text(const AttestationResult& result, bool colours);
/// The part of it that says nothing of the occasion: claims, checks, findings.
std::string conclusion_text(const AttestationResult& result, bool colours);

/// One finding, as result_text prints it.
std::string finding_text(const Finding& finding, bool colours);

/// "GO", "GO, with warnings", "NO GO", "CANNOT TELL": what a provisioning engineer reads first.
std::string_view verdict_words(Tier tier);

/// The most alarming first, otherwise in the order they came: how findings are shown.
std::vector<Finding> by_severity(std::vector<Finding> findings);

}  // namespace assay::command_line
