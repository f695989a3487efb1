// The public key of a certificate as numbers, so that it can be compared with a TPM's public area.
#include "evidence/certificate/certificate_key.h"

#include <array>
#include <chrono>
#include <ctime>

#include <openssl/core_names.h>
#include <openssl/x509.h>

namespace assay::tcg {
namespace {

using Bio = CHandle<BIO, BIO_free_all>;
using Number = CHandle<BIGNUM, BN_free>;

Number number_param(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    return Number(EVP_PKEY_get_bn_param(key, name, &number) == 1 ? number : nullptr);
}

Bytes padded(const BIGNUM* number, std::size_t size) {
    Bytes bytes(size);
    if (BN_bn2binpad(number, as_writable_uchar(bytes), static_cast<int>(size)) < 0) return {};
    return bytes;
}

std::optional<Certificate::Key> rsa_numbers(const EVP_PKEY* key) {
    const Number n = number_param(key, OSSL_PKEY_PARAM_RSA_N);
    const Number e = number_param(key, OSSL_PKEY_PARAM_RSA_E);
    if (!n || !e || BN_num_bits(n.get()) > 8192 || BN_num_bits(e.get()) > 32) return std::nullopt;
    RsaPublic rsa;
    rsa.key_bits = static_cast<std::uint16_t>(BN_num_bits(n.get()));
    rsa.exponent = static_cast<std::uint32_t>(BN_get_word(e.get()));
    rsa.modulus = padded(n.get(), static_cast<std::size_t>(BN_num_bytes(n.get())));
    return rsa;
}

std::optional<Certificate::Key> ecc_numbers(const EVP_PKEY* key) {
    std::array<char, 32> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return std::nullopt;
    for (const EccCurve curve : {EccCurve::p256, EccCurve::p384, EccCurve::p521}) {
        if (std::string_view(group.data(), size) != openssl_group(curve)) continue;
        const Number x = number_param(key, OSSL_PKEY_PARAM_EC_PUB_X);
        const Number y = number_param(key, OSSL_PKEY_PARAM_EC_PUB_Y);
        if (!x || !y) return std::nullopt;
        const std::size_t coordinate = coordinate_size(curve);
        return EccPublic{curve, {}, padded(x.get(), coordinate), padded(y.get(), coordinate)};
    }
    return std::nullopt;
}

/// RFC 4055 lets a key say that it is for OAEP only; OpenSSL does not decode it, though what is inside is the
/// same.
EvpKey oaep_key(const X509* certificate) {
    ASN1_OBJECT* algorithm = nullptr;
    const unsigned char* octets = nullptr;
    int size = 0;
    if (X509_PUBKEY_get0_param(&algorithm, &octets, &size, nullptr, X509_get_X509_PUBKEY(certificate)) != 1 ||
        OBJ_obj2nid(algorithm) != NID_rsaesOaep) {
        return nullptr;
    }
    const unsigned char* next = octets;
    EvpKey key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &next, size));
    if (key && next != octets + size) key.reset();
    return key;
}

}  // namespace

std::optional<Certificate::Key> key_numbers(const EVP_PKEY* key) {
    const int type = EVP_PKEY_get_base_id(key);
    if (type == EVP_PKEY_RSA) return rsa_numbers(key);
    if (type == EVP_PKEY_EC) return ecc_numbers(key);
    return std::nullopt;
}

CertificateKey certificate_key(const X509* certificate) {
    CertificateKey found;
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) {
        found.openssl_oaep = oaep_key(certificate);
        key = found.openssl_oaep.get();
    }
    if (key != nullptr) found.key = key_numbers(key);
    return found;
}

std::string certificate_name(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    // RFC 2253, but UTF-8 as it is instead of \xx of each octet.
    constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, kFlags) < 0) return "";
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<std::int64_t> unix_time_of(const ASN1_TIME* time, std::string_view what) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return fail(ErrorCode::malformed, std::string(what) + " is no time: " + openssl_error());
    }
    using namespace std::chrono;
    const sys_days day = year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
    const std::int64_t hours = std::int64_t{day.time_since_epoch().count()} * 24 + parts.tm_hour;
    return (hours * 60 + parts.tm_min) * 60 + parts.tm_sec;
}

}  // namespace assay::tcg
