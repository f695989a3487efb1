#include "agent/devices/tpm/tss.h"

#include <fmt/core.h>
#include <tss2/tss2_rc.h>

#include "agent/devices/tpm/tcti.h"

namespace assay::agent {

namespace {

constexpr TSS2_RC kFormatOne = 0x080;  // TPM 2.0 Part 2, 6.6.2: bit 7
constexpr TSS2_RC kFormatOneMask = 0x0bf;

struct Advice {
    TSS2_RC number;
    ErrorCode code;
    std::string_view remedy;
};

constexpr Advice kAdvice[] = {
    // NOLINT(*-avoid-c-arrays)
    {TPM2_RC_LOCKOUT, ErrorCode::refused,
     "the TPM is locked after wrong authorisations: wait for its recovery time, or tpm2_dictionarylockout "
     "--clear-lockout"},
    {TPM2_RC_AUTH_FAIL, ErrorCode::refused,
     "the hierarchy or key has an authorisation value that Assay does not know"},
    {TPM2_RC_BAD_AUTH, ErrorCode::refused,
     "the hierarchy or key has an authorisation value that Assay does not know"},
    {TPM2_RC_HIERARCHY, ErrorCode::refused, "the hierarchy is disabled: enable it in the firmware's setup"},
    {TPM2_RC_INITIALIZE, ErrorCode::tpm, "the firmware did not start the TPM (TPM2_Startup)"},
    {TPM2_RC_FAILURE, ErrorCode::tpm, "the TPM is in failure mode: it needs a power cycle"},
    {TPM2_RC_NV_SPACE, ErrorCode::tpm, "the TPM's NV memory is full"},
    {TPM2_RC_OBJECT_MEMORY, ErrorCode::tpm,
     "no free slot: use /dev/tpmrm0, or flush objects that others left"},
    {TPM2_RC_SESSION_MEMORY, ErrorCode::tpm,
     "no free slot: use /dev/tpmrm0, or flush sessions that others left"},
};

}  // namespace

TSS2_RC tpm_error_number(TSS2_RC code) {
    return (code & kFormatOne) != 0 ? code & kFormatOneMask : code;
}

Error tss_error(TSS2_RC code, std::string_view what) {
    if (code == kNotRecorded) {
        return {ErrorCode::refused,
                fmt::format("{}: not in the recording, and a recorded TPM holds no key", what),
                {}};
    }
    const bool from_tpm = (code & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER ||
                          (code & TSS2_RC_LAYER_MASK) == TSS2_RESMGR_TPM_RC_LAYER;
    Error error{
        from_tpm ? ErrorCode::tpm : ErrorCode::io, fmt::format("{}: {}", what, ::Tss2_RC_Decode(code)), {}};
    if (!from_tpm) return error;
    for (const auto& advice : kAdvice) {
        if (tpm_error_number(code & ~static_cast<TSS2_RC>(TSS2_RC_LAYER_MASK)) != advice.number) continue;
        error.code = advice.code;
        error.context += fmt::format("; {}", advice.remedy);
    }
    return error;
}

}  // namespace assay::agent
