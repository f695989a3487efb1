#pragma once

#include "evidence/base/result.h"
#include "evidence/certificate/ek_reason.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

/// The second road of identity: a key that the device's maker vouches for certifies the AK.
namespace assay::api {

/// Are the IAK and IDevID that an applicant shows what they are shown as? `refused` with every reason by its
/// id where a certificate does not lead to a pinned root, is none of its kind, or is about another key. None
/// shown: nothing to refuse.
Result<> examine_device_keys(const Service& service, const store::Identity& identity);

/// TPM2_Certify of the AK, as it came at the end of an enrolment.
struct KeyProof {
    Bytes attest;     ///< TPMS_ATTEST; empty: none came
    Bytes signature;  ///< TPMT_SIGNATURE
    [[nodiscard]] bool shown() const { return !attest.empty() || !signature.empty(); }
};
struct KeyProofs {
    KeyProof iak, idevid;
};

/// Did each key that was shown certify the AK, for `challenge`? `refused` with every reason by its id where
/// one did not; also for the proof of a key that was not shown.
Result<> check_device_proofs(const store::Identity& identity, ByteView challenge, const KeyProofs& proofs);

}  // namespace assay::api
