#pragma once

#include <cstdint>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/quote.h"

/// TPM2_Certify: one key of a TPM says that another is loaded beside it (TPM 2.0 Part 3, 18.2).
namespace assay::tcg {

/// TPMS_ATTEST of certify type (Part 2, 10.12.12 and 10.12.3). As with a quote, nothing in it is true before
/// the signature over the very same bytes verifies.
struct Certification {
    Bytes qualified_signer;  ///< qualified Name of the signing key
    Bytes extra_data;        ///< qualifyingData; at most 66 bytes
    ClockInfo clock_info;
    std::uint64_t firmware_version = 0;
    Bytes name;            ///< Name of the key that is certified
    Bytes qualified_name;  ///< the same with its ancestry
    bool operator==(const Certification&) const = default;
};

/// All of `attest`: magic, type, every field, nothing left over; a name or qualified name that is empty is
/// refused, and so is another attestation type, by its name. At most limits::kQuote bytes.
Result<Certification> parse_certification(ByteView attest);

/// For builders: writes what it is given, also a wrong magic or type.
Bytes encode_certification(const Certification& certification, std::uint32_t magic = kTpmGenerated,
                           std::uint16_t type = kAttestCertify);

/// What the IAK signs at enrolment, as qualifyingData: SHA-256 of "assay-enrol-iak-v1", an octet 00 and the
/// challenge, which is the secret of the enrolment's credential. For an IDevID "assay-enrol-idevid-v1".
Digest certify_qualifying_data(TpmKeyRole role, ByteView challenge);

/// The qualified Name of a primary key in the endorsement hierarchy: nameAlg || H_nameAlg(TPM_RH_ENDORSEMENT
/// || Name). (TPM 2.0 Part 1, 16) Errors as compute_name.
Result<Bytes> endorsement_qualified_name(ByteView public_area);

/// What is shown of an IAK or IDevID that is to vouch for an AK.
struct CertifyQuestion {
    TpmKeyRole role = TpmKeyRole::iak;  ///< or idevid
    const Certificate& certificate;     ///< of the signing key; its path is another question
    ByteView signer_public;             ///< TPMT_PUBLIC of the signing key
    ByteView ak_public;                 ///< TPMT_PUBLIC of the AK
    ByteView challenge;
    ByteView attest;     ///< TPMS_ATTEST
    ByteView signature;  ///< TPMT_SIGNATURE
};

/// Why the key is none that could vouch: its public area is not the certificate's, or (an IAK) not that of a
/// restricted signing key. Empty if it could. Uses role, certificate and signer_public.
std::vector<EkReason> judge_certifying_key(const CertifyQuestion& question);

/// Does the certified key vouch that this AK is in its TPM, now? Empty if so; else every reason. An IAK is
/// restricted, so that its TPM made what it signs; an IDevID is not, and its signature says no more than that
/// whoever enrols may use it. Pure.
std::vector<EkReason> judge_certification(const CertifyQuestion& question);

}  // namespace assay::tcg
