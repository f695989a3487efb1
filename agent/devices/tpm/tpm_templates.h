#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <tss2/tss2_tpm2_types.h>

#include "evidence/certificate/ek_reason.h"

namespace assay::agent {

/// An endorsement key as the TCG EK Credential Profile (2.5, annex B) lays it down: where its certificate,
/// and a changed template and nonce if the manufacturer used them, stand in NV, and where the key is
/// persisted by convention.
struct EkTemplate {
    std::string_view name;      ///< the profile's: "L-2 ECC NIST P-256"
    std::uint32_t certificate;  ///< NV index
    std::uint32_t nonce;        ///< NV index, 0 for none
    std::uint32_t changed;      ///< NV index of a template that replaces this one, 0 for none
    std::uint32_t handle;       ///< persistent
    TPMT_PUBLIC area;
};

/// In order of preference: ECC P-256, RSA 2048, ECC P-384.
std::span<const EkTemplate> ek_templates();

/// Attestation keys: restricted, fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, sign. The
/// unique field is filled with a fixed value, so that the key is not another program's primary key. noDA: the
/// authorisation value is empty, and a TPM in lockout can still attest.
TPMT_PUBLIC ak_template_ecc();  ///< P-256, ECDSA with SHA-256
TPMT_PUBLIC ak_template_rsa();  ///< RSA-2048, RSASSA with SHA-256

/// The template of an IAK or IDevID (TPM 2.0 Keys for Device Identity and Attestation 1.00: H-1 RSA-2048, H-2
/// P-256, H-3 P-384), a primary key of the endorsement hierarchy.
struct DeviceKeyTemplate {
    tcg::TpmKeyRole role;
    std::string_view name;  ///< the specification's: "H-2"
    TPMT_PUBLIC area;
};
std::span<const DeviceKeyTemplate> device_key_templates();

/// Certificates of IAK and IDevID: the range for them in the TCG's registry of reserved handles.
inline constexpr std::uint32_t kDeviceCertificateFirst = 0x01c9'0000;
inline constexpr std::uint32_t kDeviceCertificateLast = 0x01c9'ffff;

/// Whether a public area found in the TPM is what the template asked for, apart from the key itself.
bool matches_template(const TPMT_PUBLIC& found, const TPMT_PUBLIC& wanted);

/// Intermediate certificates of the EK's chain (EK Credential Profile 2.2.1.5.2), concatenated DER.
inline constexpr std::uint32_t kEkChainFirst = 0x01c0'0100;
inline constexpr std::uint32_t kEkChainLast = 0x01c0'01ff;

}  // namespace assay::agent
