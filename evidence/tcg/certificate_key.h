#pragma once

#include <optional>

#include "evidence/tcg/ek_certificate.h"
#include "evidence/tcg/openssl_key.h"

struct X509_name_st;  // X509_NAME

/// Inside evidence/tcg: what is shared by those who read certificates and those who judge them.
namespace assay::tcg {

struct CertificateKey {
    std::optional<Certificate::Key> key;  ///< the numbers, where the kind is known
    EvpKey openssl_oaep;  ///< set where the key is marked id-RSAES-OAEP, which OpenSSL cannot use
};

/// The numbers of an RSA key, or of one on P-256, P-384 or P-521; nothing for another kind.
std::optional<Certificate::Key> key_numbers(const EVP_PKEY* key);

CertificateKey certificate_key(const x509_st* certificate);

/// RFC 2253, as UTF-8. Hostile text.
std::string certificate_name(const X509_name_st* name);

}  // namespace assay::tcg
