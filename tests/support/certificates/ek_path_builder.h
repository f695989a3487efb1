#pragma once

#include <vector>

#include "tests/support/certificates/certificate_builder.h"

namespace assay::test {

inline constexpr std::int64_t kPathTime = 1'790'000'000;

/// Root, intermediate, EK: three keys, each made once. A test changes the spec of one of the three, or swaps
/// a key.
struct EkPathBuilder {
    CertificateSpec root = CertificateSpec::ca("Test TPM Root", "Test TPM Root");
    CertificateSpec intermediate = CertificateSpec::ca("Test TPM CA", "Test TPM Root");
    CertificateSpec leaf;
    EVP_PKEY* root_key = shared_key(Key::p384);
    EVP_PKEY* intermediate_key = shared_key(Key::p256);
    EVP_PKEY* leaf_key = shared_key(Key::rsa2048);
    std::int64_t at = kPathTime;
    bool send_intermediate = true;

    struct Made {
        tcg::Certificate root, intermediate, leaf;
    };
    [[nodiscard]] Made make() const {
        auto made_root = tcg::Certificate::parse(make_certificate(root, root_key, root_key, nullptr)).value();
        auto made_intermediate =
            tcg::Certificate::parse(make_certificate(intermediate, intermediate_key, root_key, &made_root))
                .value();
        auto made_leaf =
            tcg::Certificate::parse(make_certificate(leaf, leaf_key, intermediate_key, &made_intermediate))
                .value();
        return {std::move(made_root), std::move(made_intermediate), std::move(made_leaf)};
    }
    [[nodiscard]] tcg::EkCertificateVerdict verify() const {
        const Made made = make();
        const std::span intermediates(&made.intermediate, send_intermediate ? 1 : 0);
        return tcg::verify_ek_certificate(made.leaf, intermediates, std::span(&made.root, 1), at);
    }
};

/// One revocation list to be made, by default in date.
struct RevocationSpec {
    std::vector<std::string> serials;  ///< hexadecimal
    std::int64_t this_update = kPathTime - 1000;
    std::int64_t next_update = kPathTime + 1000;  ///< 0: the list does not say
    std::string critical_extension;               ///< an object identifier; empty: none
};

/// DER of a list in `issuer`'s name, signed by `key`.
inline Bytes make_revocation_list(const RevocationSpec& spec, const tcg::Certificate& issuer, EVP_PKEY* key) {
    const CHandle<X509_CRL, X509_CRL_free> made(X509_CRL_new());
    X509_CRL_set_version(made.get(), X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(made.get(), X509_get_subject_name(issuer.x509()));
    const CHandle<ASN1_TIME, ASN1_TIME_free> from(ASN1_TIME_set(nullptr, spec.this_update));
    const CHandle<ASN1_TIME, ASN1_TIME_free> to(ASN1_TIME_set(nullptr, spec.next_update));
    X509_CRL_set1_lastUpdate(made.get(), from.get());
    if (spec.next_update != 0) X509_CRL_set1_nextUpdate(made.get(), to.get());
    for (const auto& serial : spec.serials) {
        X509_REVOKED* entry = X509_REVOKED_new();
        BIGNUM* number = nullptr;
        BN_hex2bn(&number, serial.c_str());
        const CHandle<BIGNUM, BN_free> owned(number);
        const CHandle<ASN1_INTEGER, ASN1_INTEGER_free> integer(BN_to_ASN1_INTEGER(number, nullptr));
        X509_REVOKED_set_serialNumber(entry, integer.get());
        X509_REVOKED_set_revocationDate(entry, from.get());
        X509_CRL_add0_revoked(made.get(), entry);
    }
    if (!spec.critical_extension.empty()) {
        const CHandle<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(spec.critical_extension.c_str(), 1));
        const CHandle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> null(ASN1_OCTET_STRING_new());
        ASN1_OCTET_STRING_set(null.get(), as_uchar(as_view("\x05\x00")), 2);
        const CHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
            X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 1, null.get()));
        X509_CRL_add_ext(made.get(), extension.get(), -1);
    }
    X509_CRL_sort(made.get());
    require(X509_CRL_sign(made.get(), key, EVP_sha256()) > 0, "sign revocation list");
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(made.get(), &der);
    const Bytes bytes = to_bytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    return bytes;
}

}  // namespace assay::test
