#pragma once

#include <string>
#include <vector>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "evidence/certificate/ek_certificate.h"
#include "tests/support/tpm/tpm_builder.h"

namespace assay::test {

/// One X.509 certificate to be made. As it comes it is an EK certificate as TPM vendors make them: no
/// subject, critical SAN with the TPM's attributes, key encipherment, the EK usage. `ca` and `root` give the
/// fields of those.
struct CertificateSpec {
    std::string subject;  ///< common name; empty: an empty subject
    std::string issuer = "Test TPM CA";
    std::int64_t not_before = 1'700'000'000;
    std::int64_t not_after = 2'000'000'000;
    const char* hash = "SHA256";
    bool oaep_key = false;  ///< mark the RSA key as id-RSAES-OAEP, as STMicroelectronics did
    /// The directoryName of the SAN, a line an attribute, in OpenSSL's configuration: what is before the
    /// first dot of a name is dropped there, and '+' before a name puts it into the set of the one before.
    std::string tpm = "0.2.23.133.2.1=id:54455354\n0.2.23.133.2.2=Model\n0.2.23.133.2.3=id:00010002\n";
    /// OpenSSL extension configuration: name and value.
    std::vector<std::pair<std::string, std::string>> extensions = {
        {"basicConstraints", "critical,CA:FALSE"}, {"keyUsage", "critical,keyEncipherment"},
        {"extendedKeyUsage", "2.23.133.8.1"},      {"subjectAltName", "critical,dirName:tpm"},
        {"authorityKeyIdentifier", "keyid"},
    };

    /// Replaces an extension; an empty value removes it.
    CertificateSpec& set(const std::string& name, const std::string& value) {
        std::erase_if(extensions, [&](const auto& extension) { return extension.first == name; });
        if (!value.empty()) extensions.emplace_back(name, value);
        return *this;
    }
    static CertificateSpec ca(const std::string& subject, const std::string& issuer) {
        CertificateSpec spec;
        spec.subject = subject;
        spec.issuer = issuer;
        spec.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                           {"keyUsage", "critical,keyCertSign,cRLSign"},
                           {"subjectKeyIdentifier", "hash"},
                           {"authorityKeyIdentifier", "keyid"}};
        return spec;
    }
};

inline CHandle<X509_NAME, X509_NAME_free> common_name(const std::string& text) {
    CHandle<X509_NAME, X509_NAME_free> name(X509_NAME_new());
    if (!text.empty()) {
        X509_NAME_add_entry_by_txt(name.get(), "CN", MBSTRING_UTF8, as_uchar(as_view(text)),
                                   static_cast<int>(text.size()), -1, 0);
    }
    return name;
}

/// DER of a certificate over `key`, signed by `issuer_key`; `issuer` is where its key identifier comes from,
/// null for a certificate that signs itself.
inline Bytes make_certificate(const CertificateSpec& spec, EVP_PKEY* key, EVP_PKEY* issuer_key,
                              const tcg::Certificate* issuer) {
    static long serial = 0x1000;
    const CHandle<X509, X509_free> made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), spec.not_before);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), spec.not_after);
    X509_set_subject_name(made.get(), common_name(spec.subject).get());
    X509_set_issuer_name(made.get(), common_name(spec.issuer).get());
    X509_set_pubkey(made.get(), key);
    if (spec.oaep_key) {
        unsigned char* numbers = nullptr;
        const int size = i2d_PublicKey(key, &numbers);
        X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(made.get()), OBJ_nid2obj(NID_rsaesOaep), V_ASN1_NULL,
                               nullptr, numbers, size);  // takes `numbers`
    }
    const std::string tpm = "[tpm]\n" + spec.tpm;
    const CHandle<BIO, BIO_free_all> text(BIO_new_mem_buf(tpm.data(), static_cast<int>(tpm.size())));
    const CHandle<CONF, NCONF_free> conf(NCONF_new(nullptr));
    long line = 0;
    require(NCONF_load_bio(conf.get(), text.get(), &line) == 1, "conf");
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer != nullptr ? issuer->x509() : made.get(), made.get(), nullptr, nullptr,
                   0);
    X509V3_set_nconf(&context, conf.get());
    for (const auto& [name, value] : spec.extensions) {
        const CHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
            X509V3_EXT_nconf(conf.get(), &context, name.c_str(), value.c_str()));
        require(extension != nullptr, name.c_str());
        X509_add_ext(made.get(), extension.get(), -1);
    }
    const CHandle<EVP_MD, EVP_MD_free> hash(EVP_MD_fetch(nullptr, spec.hash, nullptr));
    require(X509_sign(made.get(), issuer_key, hash.get()) > 0, "sign certificate");
    unsigned char* der = nullptr;
    const int size = i2d_X509(made.get(), &der);
    const Bytes bytes = to_bytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    return bytes;
}

inline std::string pem(const tcg::Certificate& certificate) {
    const CHandle<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.x509());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace assay::test
