#pragma once

#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/openssl_key.h"

struct X509_name_st;  // X509_NAME

/// Inside evidence/certificate: the parts of the judgement of a TPM key's certificate.
namespace assay::tcg {

/// The path from the leaf up, as it was built: the leaf's own certificate first. Borrowed from OpenSSL.
using EkPath = std::span<x509_st* const>;

/// The kind of reason that an X509_V_ERR_... is.
EkReasonKind ek_reason_of(int openssl_error);

/// What an EK certificate must be beyond being valid. (TCG EK Credential Profile 2.5, 3.2)
void judge_ek_profile(const Certificate& leaf, EkCertificateVerdict& verdict);

/// The same for an IAK or IDevID. (TPM 2.0 Keys for Device Identity and Attestation 1.00)
void judge_device_profile(const Certificate& leaf, TpmKeyRole role, EkCertificateVerdict& verdict);

/// Is the TPM in the SAN one of those that the root stands for?
void judge_ek_maker(const EkQuestion& question, const Digest& root, EkCertificateVerdict& verdict);

/// Remarks: what vendors really ship.
void note_ek_quirks(const EkQuestion& question, EkPath path, EkCertificateVerdict& verdict);

/// The object identifiers of critical extensions that OpenSSL does not know, printable.
std::string unknown_critical_extensions(const x509_st* certificate);

/// SHA-256 of the certificate's DER.
Digest certificate_digest(const x509_st* certificate);

}  // namespace assay::tcg
