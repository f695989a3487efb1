#include "agent/devices/tpm/tss.h"

#include <fmt/core.h>
#include <tss2/tss2_rc.h>

#include "agent/devices/tpm/tcti.h"
#include "evidence/base/cause.h"

namespace assay::agent {

namespace {

constexpr TSS2_RC kFormatOne = 0x080;  // TPM 2.0 Part 2, 6.6.2: bit 7
constexpr TSS2_RC kFormatOneMask = 0x0bf;

struct KnownCode {
    TSS2_RC number;
    Cause cause;
};

constexpr KnownCode kKnownCodes[] = {
    // NOLINT(*-avoid-c-arrays)
    {TPM2_RC_LOCKOUT, Cause::tpm_lockout},        {TPM2_RC_AUTH_FAIL, Cause::tpm_authorisation},
    {TPM2_RC_BAD_AUTH, Cause::tpm_authorisation}, {TPM2_RC_HIERARCHY, Cause::tpm_hierarchy},
    {TPM2_RC_INITIALIZE, Cause::tpm_not_started}, {TPM2_RC_FAILURE, Cause::tpm_failure},
    {TPM2_RC_NV_SPACE, Cause::tpm_nv_full},       {TPM2_RC_OBJECT_MEMORY, Cause::tpm_no_slot},
    {TPM2_RC_SESSION_MEMORY, Cause::tpm_no_slot},
};

}  // namespace

TSS2_RC tpm_error_number(TSS2_RC code) {
    return (code & kFormatOne) != 0 ? code & kFormatOneMask : code;
}

Error tss_error(TSS2_RC code, std::string_view what) {
    if (code == kNotRecorded) return error_of(Cause::tpm_not_recorded, what);
    const std::string words = ::Tss2_RC_Decode(code);
    if ((code & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER)
        return error_of(Cause::tpm_unreachable, what, words);
    const bool from_tpm = (code & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER ||
                          (code & TSS2_RC_LAYER_MASK) == TSS2_RESMGR_TPM_RC_LAYER;
    const auto number = tpm_error_number(code & ~static_cast<TSS2_RC>(TSS2_RC_LAYER_MASK));
    for (const auto& known : kKnownCodes) {
        if (from_tpm && number == known.number) return error_of(known.cause, what, words);
    }
    return {from_tpm ? ErrorCode::tpm : ErrorCode::io, fmt::format("{}: {}", what, words), {}};
}

}  // namespace assay::agent
