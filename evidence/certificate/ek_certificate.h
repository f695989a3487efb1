#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/certificate/ek_reason.h"
#include "evidence/certificate/revocation_list.h"
#include "evidence/tpm/key/tpm_public.h"

struct x509_st;  // X509

namespace assay::tcg {

/// One X.509 certificate: an EK's, or one of the certificates above it. Parsed is not trusted. Move only.
class Certificate {
  public:
    using Key = std::variant<RsaPublic, EccPublic>;

    struct Tpm {  ///< attributes of the directoryName in the SAN (TCG EK Credential Profile 3.2.9)
        std::string manufacturer;  ///< 2.23.133.2.1, such as "id:494E5443"
        std::string model;         ///< 2.23.133.2.2
        std::string version;       ///< 2.23.133.2.3
    };

    /// `bytes`: at most limits::kCertificate. Trailing padding and the TCG header are removed, and named in
    /// quirks().
    static Result<Certificate> parse(ByteView bytes);

    /// The certificate itself, without the quirks around it.
    [[nodiscard]] const Bytes& der() const { return der_; }
    /// Of der().
    [[nodiscard]] Digest sha256() const;
    /// RFC 2253 as UTF-8; may be empty. Hostile text, as is everything that is text here.
    [[nodiscard]] const std::string& subject() const { return subject_; }
    [[nodiscard]] const std::string& issuer() const { return issuer_; }
    /// Lower-case hexadecimal without leading zeros, '-' in front if negative.
    [[nodiscard]] const std::string& serial() const { return serial_; }
    /// Seconds since 1970-01-01 UTC.
    [[nodiscard]] std::int64_t not_before() const { return not_before_; }
    [[nodiscard]] std::int64_t not_after() const { return not_after_; }
    /// Where the SAN has any of the three, each at most once.
    [[nodiscard]] const std::optional<Tpm>& tpm() const { return tpm_; }
    /// Why the SAN does not name one TPM: an attribute twice, or one that is no text. Empty if it does, or
    /// names none; tpm() is absent where it is set.
    [[nodiscard]] const std::string& ambiguity() const { return ambiguity_; }
    /// Extended key usage 2.23.133.8.1, tcg-kp-EKCertificate.
    [[nodiscard]] bool has_ek_usage() const { return has_ek_usage_; }
    /// Basic constraints with the CA flag, or what OpenSSL takes for it in old certificates.
    [[nodiscard]] bool is_a_ca() const;
    /// Departures from "one DER certificate and nothing else".
    [[nodiscard]] const std::vector<EkReasonKind>& quirks() const { return quirks_; }
    /// The key's numbers; absent where it is of a kind that Assay does not process.
    [[nodiscard]] const std::optional<Key>& key() const { return key_; }
    /// "RSA-2048", "P-256", ...; "unknown" where key() is absent.
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
    std::string ambiguity_;
    std::optional<Key> key_;
    bool has_ek_usage_ = false;
    std::vector<EkReasonKind> quirks_;
};

/// Whose TPMs a pinned root stands for.
struct RootMakers {
    Digest root;                             ///< SHA-256 of its DER
    std::vector<std::string> manufacturers;  ///< as in the SAN: "id:4E544300"; empty: anybody's
};

/// What became of the path from the certificate of a TPM's key to a pinned root. The reasons are in the order
/// of ek_reasons.inc, none twice; one that is not a remark if it is not trusted.
struct EkCertificateVerdict : VerdictOf<EkReasonKind> {
    std::vector<std::string> chain_subjects;  ///< as far as the path was built, the EK's own first; printable
    std::optional<Digest> root_sha256;        ///< of the pinned root's DER; only if trusted

    void add(EkReasonKind kind, std::string detail = "");  ///< once
};

/// What the certificate of a TPM's key is judged by. `intermediates` are untrusted: they may be anything.
struct EkQuestion {
    const Certificate& leaf;
    std::span<const Certificate> intermediates;
    std::span<const Certificate> pinned_roots;
    std::int64_t at_unix_time;  ///< seconds since 1970-01-01 UTC
    /// None: revocation is not asked about. With any, each certificate below the root needs one of its
    /// issuer.
    std::span<const RevocationList> revocation_lists = {};
    std::span<const RootMakers> makers = {};  ///< roots that are not named stand for anybody's TPMs
    /// The lists are those of many makers: a path none of whose issuers has one among them is not asked about
    /// revocation, and a remark says so.
    bool lists_of_many_makers = false;
    TpmKeyRole role = TpmKeyRole::ek;  ///< whose profile the leaf must fit
};

/// Is it an EK certificate (or, by `role`, an IAK's or IDevID's: iak_certificate.h) that leads to one of the
/// pinned roots, at that time? Signatures, validity of every certificate, CA flags, path length, key usage,
/// unknown critical extensions (the TCG ones of a leaf are known), revocation; and for the leaf: not a CA,
/// the EK's extended key usage, and an identity in subject or SAN. Of pinned roots that share a subject the
/// one that signed is found. Pure.
EkCertificateVerdict verify_ek_certificate(const EkQuestion& question);
/// The same without revocation and makers.
EkCertificateVerdict verify_ek_certificate(const Certificate& leaf,
                                           std::span<const Certificate> intermediates,
                                           std::span<const Certificate> pinned_roots,
                                           std::int64_t at_unix_time);

/// The certificate is about this very key: same type, and same modulus and exponent, or same curve and point.
bool certificate_key_equals(const Certificate& certificate, const TpmPublic& key);

}  // namespace assay::tcg
