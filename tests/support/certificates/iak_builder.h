#pragma once

#include "evidence/certificate/certification.h"
#include "evidence/certificate/iak_certificate.h"
#include "tests/support/certificates/ek_path_builder.h"

/// Initial attestation keys as a device's maker would provision them, made in software. Each is valid as it
/// comes.
namespace assay::test {

inline constexpr const char* kIakPolicies = "2.23.133.11.1.1,2.23.133.11.1.2,2.23.133.11.1.3";

/// An IAK's certificate: for signatures, with the three policies and a hardware module name.
inline CertificateSpec iak_certificate_spec(const std::string& serial = "SN-1") {
    CertificateSpec spec;
    spec.subject = "Test device";
    spec.tpm += "[module]\ntype=OID:2.23.133.1.2\nserial=FORMAT:ASCII,OCT:" + serial + "\n";
    spec.extensions = {{"basicConstraints", "critical,CA:FALSE"},
                       {"keyUsage", "critical,digitalSignature"},
                       {"certificatePolicies", kIakPolicies},
                       {"subjectAltName", "otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:module"},
                       {"authorityKeyIdentifier", "keyid"}};
    return spec;
}

/// Root, intermediate, IAK.
inline EkPathBuilder iak_path(EVP_PKEY* iak_key = shared_key(Key::p256)) {
    EkPathBuilder path;
    path.leaf = iak_certificate_spec();
    path.leaf_key = iak_key;
    return path;
}

/// The same without the parts of an AK's template that an IAK's has not; otherwise as ak_public.
inline tcg::TpmPublic iak_public(const EVP_PKEY* key) {
    using A = tcg::ObjectAttributes;
    auto made = ak_public(key);
    made.attributes = A((made.attributes.bits() | A::kAdminWithPolicy) & ~A::kNoDa);
    made.auth_policy = to_bytes(Digest::filled(HashAlgorithm::sha256, std::byte{0x54}).view());
    return made;
}

/// What the TPM makes of TPM2_Certify of `ak` by `signer`, both primary keys of the endorsement hierarchy.
inline tcg::Certification valid_certification(const tcg::TpmPublic& signer, const tcg::TpmPublic& ak,
                                              ByteView challenge,
                                              tcg::TpmKeyRole role = tcg::TpmKeyRole::iak) {
    tcg::Certification made;
    made.qualified_signer = tcg::endorsement_qualified_name(encode_tpm_public(signer)).value();
    made.extra_data = to_bytes(tcg::certify_qualifying_data(role, challenge).view());
    made.clock_info = {.clock_ms = 4711, .reset_count = 3, .restart_count = 0, .safe = true};
    made.firmware_version = 0x0001'0002'0003'0004;
    made.name = tcg::compute_name(encode_tpm_public(ak)).value();
    made.qualified_name = tcg::endorsement_qualified_name(encode_tpm_public(ak)).value();
    return made;
}

}  // namespace assay::test
