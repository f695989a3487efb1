#pragma once

#include <string>
#include <string_view>

#include "evidence/base/verdict.h"

namespace assay::tcg {

/// Which key of a TPM a certificate is about: endorsement key, initial attestation key, initial device
/// identity.
enum class TpmKeyRole : std::uint8_t { ek, iak, idevid };

/// "EK", "IAK", "IDevID".
std::string_view to_string(TpmKeyRole role);

/// Each kind of reason, in the order of ek_reasons.inc.
enum class EkReasonKind : std::uint8_t {
#define REASON(name, id, effect, sentence) name,
#include "evidence/certificate/ek_reasons.inc"
#undef REASON
};

inline constexpr std::array kEkReasons{
#define REASON(name, id, effect, sentence) ReasonRow{id, Effect::effect, sentence},
#include "evidence/certificate/ek_reasons.inc"
#undef REASON
};
constexpr const auto& reason_rows(EkReasonKind /*kind*/) {
    return kEkReasons;
}

/// With the place in the path and the details of the case, printable: "certificate 1 of the path: ...".
using EkReason = Reason<EkReasonKind>;

/// The id in the verdict on a key of another role: "iak.expired", "idevid.expired".
std::string reason_id(TpmKeyRole role, EkReasonKind kind);

}  // namespace assay::tcg
