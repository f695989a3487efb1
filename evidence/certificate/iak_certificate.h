#pragma once

#include <optional>
#include <string>

#include "evidence/certificate/ek_certificate.h"

/// The certificate of an initial attestation key (IAK) or an initial device identity (IDevID): TCG "TPM 2.0
/// Keys for Device Identity and Attestation" 1.00, IEEE 802.1AR. The device's maker vouches for a signing key
/// in its TPM.
namespace assay::tcg {

/// HardwareModuleName in the SAN (RFC 4108, 5). Hostile text.
struct HardwareModule {
    std::string type;    ///< object identifier: "2.23.133.1.2" for a TPM 2.0
    std::string serial;  ///< as text where it is printable UTF-8, else hexadecimal
    bool operator==(const HardwareModule&) const = default;
};

/// What such a certificate says of device and key, beside what every certificate says.
struct DeviceCertificate {
    // What the issuer says that it verified: policies, or from some issuers extended key usages.
    bool residency = false;     ///< 2.23.133.11.1.1, tcg-cap-verifiedTPMResidency
    bool fixed = false;         ///< 2.23.133.11.1.2, tcg-cap-verifiedTPMFixed
    bool restricted = false;    ///< 2.23.133.11.1.3, tcg-cap-verifiedTPMRestricted (and fixedTPM)
    bool in_key_usage = false;  ///< one of them stands in the extended key usage alone
    std::optional<HardwareModule> module;
};

/// `malformed`: an extension that cannot be read, or a hardware module name twice.
Result<DeviceCertificate> device_certificate(const Certificate& certificate);

/// Is it the certificate of an IAK (or, with `question.role`, an IDevID) that leads to a pinned root? The
/// path is judged as `verify_ek_certificate` does; the leaf must be for signatures, be no CA, and say for an
/// IAK that the key was verified to be restricted, for an IDevID that it was verified to be fixed to its TPM.
/// (The specification wants a relying party to look for that.) A role of `ek` is taken as `iak`. Pure.
EkCertificateVerdict verify_iak_certificate(EkQuestion question);

}  // namespace assay::tcg
