#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/wire/act_head.h"
#include "evidence/wire/attestation_result.h"

namespace assay::api {

inline constexpr std::string_view kEarProfile = "tag:ietf.org,2026:rats/ear#05";

/// From "iat" to "exp": how long a result speaks for the host as it is, seconds. The page says why a day.
inline constexpr std::int64_t kEarValidity_s = 24LL * 60 * 60;

/// The EAR's JSON payload (draft-ietf-rats-ear): a function of its arguments, members sorted, so the same
/// result has the same payload. "assay.result-id" is the digest of the occasion, "assay.conclusion" that of
/// what was concluded, and "assay.acts" says which acts the verifier had (`acts`, at least the first), so
/// that whoever keeps the token sees a verifier that went back.
Result<std::string> ear_payload(const AttestationResult& result, const ResultNames& names,
                                std::string_view build, const ActHead& acts);

}  // namespace assay::api
