#pragma once

#include <string>

#include "evidence/codec/json_reader.h"

namespace assay::cli {

/// One verdict as a reviewer reads it: the outcome, A1 to A6 as a table, the notes, the timeline if there is
/// one.
std::string decision_text(JsonReader& verdict);

}  // namespace assay::cli
