#pragma once

#include <cstdint>
#include <string>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/policy/policy.h"

/// How long a host has not attested. PURE. All times are Unix seconds.
namespace assay::judge {

inline constexpr std::int64_t kSilentIntervals = 3;

/// Beyond three intervals of the policy since `last_s`, at `now_s`.
bool is_silence(const Policy& policy, std::int64_t last_s, std::int64_t now_s);

/// When the host last attested, as far as `known` tells: its newest accepted quote; before the first its
/// enrolment, or the exchange of its TPM. 0: not known.
std::int64_t last_attested(const KnownHost& known);

/// "2 d 3 h", "1 h 4 min", "3 min", "90 s".
std::string length_text(std::int64_t seconds);

/// The texts of a finding `host.silent`: the host's last attestation, or enrolment, was at `last_s`.
Finding silent_finding(const Policy& policy, std::int64_t last_s, bool ever_attested, std::int64_t now_s);

}  // namespace assay::judge
