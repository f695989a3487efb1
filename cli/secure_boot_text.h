#pragma once

#include "evidence/codec/json_reader.h"

namespace assay::cli {

/// What GET /v1/fleet/secure-boot answers, for people: of how many hosts it speaks, which models have which
/// certificates, what let their loaders in, which hosts lack those of 2023, and what a revocation would stop.
void print_secure_boot(JsonReader& answer);

}  // namespace assay::cli
