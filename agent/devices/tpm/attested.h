#pragma once

#include <tss2/tss2_tpm2_types.h>

#include "agent/devices/tpm/tpm.h"

/// Inside agent/devices/tpm: what every attestation command of a TPM takes and gives.
namespace assay::agent {

/// `usage` where it is longer than a TPM2B_DATA.
Result<TPM2B_DATA> qualifying(ByteView bytes);

/// TPMS_ATTEST and TPMT_SIGNATURE as bytes.
Result<TpmQuote> attested(const TPM2B_ATTEST& attest, const TPMT_SIGNATURE& signature);

}  // namespace assay::agent
