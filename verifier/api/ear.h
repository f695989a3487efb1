#pragma once

#include <string>
#include <string_view>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"

namespace assay::api {

inline constexpr std::string_view kEarProfile = "tag:ietf.org,2026:rats/ear#05";

/// The EAR's JSON payload (draft-ietf-rats-ear): a function of its arguments, members sorted, so the same
/// result has the same payload. "assay.result" holds the canonical result as an object.
Result<std::string> ear_payload(const AttestationResult& result, const Digest& policy,
                                std::string_view build);

}  // namespace assay::api
