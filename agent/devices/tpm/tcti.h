#pragma once

#include <memory>
#include <string>

#include <tss2/tss2_tcti.h>

#include "agent/devices/recording.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// A way to a TPM: what tpm2-tss sends commands through (TSS 2.0 TCTI). Ends with its last holder.
using Tcti = std::shared_ptr<TSS2_TCTI_CONTEXT>;

/// As tctildr takes it: "device:/dev/tpmrm0", "swtpm:path=/run/tpm.sock", "mssim:host=...,port=...". Empty:
/// /dev/tpmrm0, then /dev/tpm0. `not_found` where there is no TPM, `refused` where there is no permission;
/// both say the remedy.
Result<Tcti> open_tcti(const std::string& conf);

/// Passes commands on, and keeps the last response to each in `recording`, which is borrowed.
/// TPM2_ActivateCredential passes and is not kept: its response is a secret.
Tcti recording_tcti(Tcti to_tpm, Recording& recording);

/// Gives the response that was recorded to the very same command. Any other is answered by kNotRecorded:
/// there is no key here, and nothing that can be changed.
Tcti recorded_tcti(Recording recording);

/// In a response: this command is not in the recording.
inline constexpr TSS2_RC kNotRecorded = TSS2_RESMGR_RC_LAYER | TSS2_BASE_RC_NOT_PERMITTED;

}  // namespace assay::agent
