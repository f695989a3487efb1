#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/tcg/tpm_public.h"

struct x509_st;  // X509

namespace assay::tcg {

/// Known departures from "one DER certificate and nothing else". Ids never change their meaning.
inline constexpr std::string_view kQuirkTrailingPadding =
    "ek-cert.trailing-padding";  ///< 00s or FFs fill the NV index
inline constexpr std::string_view kQuirkTcgHeader =
    "ek-cert.tcg-nv-header";  ///< 10 01 00 and two sizes in front (TPM 1.2)
inline constexpr std::string_view kQuirkOaepKey =
    "ek-cert.rsaes-oaep-key";  ///< key marked id-RSAES-OAEP (RFC 4055, 1.2)

/// One X.509 certificate: an EK's, or one of the certificates above it. Parsed is not trusted. Move only.
class Certificate {
  public:
    struct Tpm {  ///< attributes of the directoryName in the SAN (TCG EK Credential Profile 3.2.9)
        std::string manufacturer;  ///< 2.23.133.2.1, such as "id:494E5443"
        std::string model;         ///< 2.23.133.2.2
        std::string version;       ///< 2.23.133.2.3
    };

    /// `bytes`: at most limits::kCertificate. Trailing padding and the TCG header are removed, and named in
    /// quirks().
    static Result<Certificate> parse(ByteView bytes);

    [[nodiscard]] const Bytes& der() const {
        return der_;
    }                                     ///< the certificate itself, without quirks around it
    [[nodiscard]] Digest sha256() const;  ///< of der()
    [[nodiscard]] const std::string& subject() const {
        return subject_;
    }  ///< RFC 2253 as UTF-8; hostile text; may be empty
    [[nodiscard]] const std::string& issuer() const { return issuer_; }
    [[nodiscard]] const std::string& serial() const {
        return serial_;
    }  ///< hexadecimal, no leading zeros, '-' if negative
    [[nodiscard]] std::int64_t not_before() const { return not_before_; }  ///< seconds since 1970-01-01 UTC
    [[nodiscard]] std::int64_t not_after() const { return not_after_; }
    [[nodiscard]] const std::optional<Tpm>& tpm() const {
        return tpm_;
    }                                                                  ///< where the SAN has any of the three
    [[nodiscard]] bool has_ek_usage() const { return has_ek_usage_; }  ///< extended key usage 2.23.133.8.1
    [[nodiscard]] const std::vector<std::string_view>& quirks() const { return quirks_; }
    /// The key: "RSA-2048", "P-256", ...; empty where it is of a kind that Assay does not process.
    [[nodiscard]] std::string key_kind() const;

    [[nodiscard]] x509_st* x509() const { return x509_.get(); }  ///< for the functions of this folder

  private:
    struct FreeX509 {
        void operator()(x509_st* certificate) const;
    };
    Certificate() = default;

    Bytes der_;
    std::unique_ptr<x509_st, FreeX509> x509_;
    std::string subject_, issuer_, serial_;
    std::int64_t not_before_ = 0, not_after_ = 0;
    std::optional<Tpm> tpm_;
    bool has_ek_usage_ = false;
    std::vector<std::string_view> quirks_;
};

/// What became of the path from an EK certificate to a pinned root.
struct EkCertificateVerdict {
    bool trusted = false;
    std::vector<std::string>
        reasons;  ///< why not: at least one if not trusted, none if trusted. One line each, printable
    std::vector<std::string> chain_subjects;  ///< as far as the path was built, the EK's own first; printable
    std::optional<Digest> root_sha256;        ///< of the pinned root's DER; only if trusted
};

/// Is `leaf` an EK certificate that leads to one of `pinned_roots`, at that time? Signatures, validity of
/// every certificate, CA flags, path length, key usage, unknown critical extensions (the TCG ones of a leaf
/// are known), and for the leaf: not a CA, the EK's extended key usage, and an identity in subject or SAN.
/// `intermediates` are untrusted: they may be anything. No revocation: that is a question of its own.
/// `at_unix_time` in seconds since 1970-01-01 UTC.
EkCertificateVerdict verify_ek_certificate(const Certificate& leaf,
                                           std::span<const Certificate> intermediates,
                                           std::span<const Certificate> pinned_roots,
                                           std::int64_t at_unix_time);

/// The certificate is about this very key: same type, and same modulus and exponent, or same curve and point.
bool certificate_key_equals(const Certificate& certificate, const TpmPublic& key);

}  // namespace assay::tcg
