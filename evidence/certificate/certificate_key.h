#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <openssl/crypto.h>

#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/openssl_key.h"

struct X509_name_st;    // X509_NAME
struct asn1_string_st;  // ASN1_TIME

/// Inside evidence: what is shared by those who read certificates and those who judge them.
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
/// certificate_name of the subject of a DER certificate, in front of `der`; nothing where that is none. What
/// is signed is not checked, nor is the key, which is not decoded: that would be nine tenths of the time.
std::optional<std::string> certificate_subject_name(ByteView der);

/// Seconds since 1970-01-01 UTC; `what` is what an error calls the field.
Result<std::int64_t> unix_time_of(const asn1_string_st* time, std::string_view what);

/// The DER that a function of OpenSSL's i2d kind writes, given the address of a null pointer; empty where it
/// fails.
template <typename Write>
Bytes written_der(Write&& write) {
    unsigned char* raw = nullptr;
    const int size = write(&raw);
    const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owned(raw);
    return to_bytes(std::as_bytes(std::span(raw, size > 0 ? static_cast<std::size_t>(size) : 0)));
}

}  // namespace assay::tcg
