#pragma once

#include "evidence/codec/json_reader.h"

namespace assay::cli {

/// An exposure for people: where a maker's parts are, of how many hosts that is said, and the decisions.
void print_exposure(JsonReader& exposure);

}  // namespace assay::cli
