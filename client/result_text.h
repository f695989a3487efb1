#pragma once

#include <string>

#include "evidence/wire/attestation_result.h"

namespace assay {

/// An attestation result for a terminal: the verdict, each check in one line, each finding with both sides, where, on what
/// basis and what to do next. Ends with a newline. Hostile bytes inside the fields are made printable.
/// `colours` adds ANSI colours to verdict and tiers, and to nothing else.
std::string result_text(const AttestationResult& result, bool colours);

/// One finding, as result_text prints it.
std::string finding_text(const Finding& finding, bool colours);

/// "GO", "GO, with warnings", "NO GO", "CANNOT TELL": what a provisioning engineer reads first.
std::string_view verdict_words(Tier tier);

/// "2026-11-22 10:42:25Z" of a Unix time in seconds; UTC, no locale.
std::string utc_text(std::int64_t unix_seconds);

}  // namespace assay
