#pragma once

#include "evidence/base/verdict.h"

namespace assay::tcg {

/// Each kind of reason, in the order of platform_reasons.inc. `malformed` is for a file that does not parse.
enum class PlatformReasonKind : std::uint8_t {
#define REASON(name, id, effect, sentence) name,
#include "evidence/certificate/platform/platform_reasons.inc"
#undef REASON
};

inline constexpr std::array kPlatformReasons{
#define REASON(name, id, effect, sentence) ReasonRow{id, Effect::effect, sentence},
#include "evidence/certificate/platform/platform_reasons.inc"
#undef REASON
};
constexpr const auto& reason_rows(PlatformReasonKind /*kind*/) {
    return kPlatformReasons;
}

}  // namespace assay::tcg
