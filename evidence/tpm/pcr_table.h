#pragma once

#include <string_view>

#include "evidence/base/result.h"
#include "evidence/tpm/pcr.h"

namespace assay::tcg {

/// PCR values as text: `bank TAB index TAB value-in-hex` a line, banks in any order; empty lines and lines
/// that begin with '#' are skipped. Errors name the line. A PCR that is named twice is malformed.
Result<PcrValues> parse_pcr_table(std::string_view text);

}  // namespace assay::tcg
