#pragma once

#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// Every digest by which a purchase list may name this EK: tcg::key_digest, the SHA-256 of its
/// SubjectPublicKeyInfo, and those of the certificates in `certificates` that are about this key.
std::vector<std::string> tpm_digests(const tcg::TpmPublic& ek, const std::vector<Bytes>& certificates);

/// The EK of the enrolled identity, or another one that it claimed, is named by `tpm_digest`; or its IAK's or
/// IDevID's certificate is.
bool has_tpm_digest(const store::Identity& enrolled, const std::string& tpm_digest);

/// What an agent shows of its TPM.
struct Claim {
    Bytes ek_public;                             ///< TPMT_PUBLIC of the EK to be enrolled
    std::vector<Bytes> ek_certificates;          ///< DER, that EK's first, then intermediates; may be empty
    Bytes ak_public;                             ///< TPMT_PUBLIC
    std::vector<Bytes> other_eks = {};           ///< TPMT_PUBLIC of the further EKs of the same TPM
    std::vector<Bytes> other_certificates = {};  ///< DER, each about one of those
    store::DeviceKey iak = {}, idevid = {};      ///< keys that the device's maker vouches for, if any
};

/// What an agent says it is, judged as far as it can be without the TPM's answer.
struct Applicant {
    store::Identity identity;
    std::vector<tcg::TpmPublic> eks;  ///< the one to be enrolled first, then the TPM's others
    Bytes ak_name;
    std::vector<std::string> digests;  ///< tpm_digests of all of them; of IAK and IDevID, the certificates'
    std::vector<Bytes> other_certificates = {};  ///< of the other EKs
};

/// `refused` with every reason: an EK is not of a sound template, the AK may sign what the TPM did not make,
/// a certificate is about another key, or one EK is shown twice. (The certificates' path to a root is judged
/// in each appraisal; revocation by `admit`, too; the path of an IAK or IDevID before, by device_keys.h.)
Result<Applicant> examine_applicant(std::string host, Claim claim);

}  // namespace assay::api
