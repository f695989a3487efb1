#include "verifier/service/setup/authority.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "verifier/service/setup/state_folder.h"

namespace assay::setup {
namespace {

using Bio = CHandle<BIO, BIO_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Certificate = CHandle<X509, X509_free>;
using Extension = CHandle<X509_EXTENSION, X509_EXTENSION_free>;
using Number = CHandle<BIGNUM, BN_free>;

constexpr std::int64_t kAuthority_s = 3653 * kDay_s;
constexpr std::int64_t kLeaf_s = 730 * kDay_s;
constexpr std::int64_t kBefore_s = 3600;  // for clients whose clocks are behind

Error failed(std::string_view what) {
    return {ErrorCode::crypto, fmt::format("OpenSSL: {} failed", what), {}};
}

std::string text_of(const Bio& bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<std::string> pem_of(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return std::unexpected(failed("writing a key"));
    }
    return text_of(bio);
}

Result<Key> new_key() {
    Key key(EVP_EC_gen("P-256"));
    if (!key) return std::unexpected(failed("making a key"));
    return key;
}

Result<Certificate> certificate_from(std::string_view pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return fail(ErrorCode::crypto, "not a certificate in PEM");
    return certificate;
}

Result<> add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        return std::unexpected(failed("an extension"));
    }
    return {};
}

Result<> set_basics(X509* certificate, EVP_PKEY* key, std::string_view name, std::int64_t now,
                    std::int64_t span_s) {
    constexpr int kSerialBits = 127;
    const Number serial(BN_new());
    auto* subject = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(name.data());  // NOLINT: what the library takes
    const bool ok =
        serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
        BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
        X509_set_version(certificate, X509_VERSION_3) == 1 &&
        ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<std::time_t>(now - kBefore_s)) !=
            nullptr &&
        ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<std::time_t>(now + span_s)) != nullptr &&
        X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, text,
                                   static_cast<int>(name.size()), -1, 0) == 1 &&
        X509_set_pubkey(certificate, key) == 1;
    if (!ok) return std::unexpected(failed("filling a certificate"));
    return {};
}

struct Wanted {
    std::string name;
    std::int64_t span_s = 0;
    std::vector<std::pair<int, std::string>> extensions;
};

/// Signed by `issuer`, or by its own key where there is none.
Result<Credentials> make(const Wanted& wanted, const Credentials* issuer, std::int64_t now) {
    const auto key = TRY(new_key());
    const Certificate certificate(X509_new());
    if (!certificate) return std::unexpected(failed("a certificate"));
    TRY_VOID(set_basics(certificate.get(), key.get(), wanted.name, now, wanted.span_s));
    Certificate above;
    Key signing;
    if (issuer != nullptr) {
        above = TRY(certificate_from(issuer->certificate));
        const Bio bio(BIO_new_mem_buf(issuer->key.data(), static_cast<int>(issuer->key.size())));
        signing.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
        if (!signing) return fail(ErrorCode::crypto, "the authority's key is not a private key in PEM");
    }
    auto* issued_by = above ? above.get() : certificate.get();
    if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(issued_by)) != 1) {
        return std::unexpected(failed("the issuer's name"));
    }
    for (const auto& [nid, value] : wanted.extensions) {
        TRY_VOID(add_extension(certificate.get(), issued_by, nid, value));
    }
    if (X509_sign(certificate.get(), signing ? signing.get() : key.get(), EVP_sha256()) == 0) {
        return std::unexpected(failed("signing a certificate"));
    }
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(bio.get(), certificate.get()) != 1)
        return std::unexpected(failed("writing a certificate"));
    auto key_pem = TRY(pem_of(key.get()));
    return Credentials{text_of(bio), std::move(key_pem)};
}

/// One entry of a subjectAltName in OpenSSL's own syntax, in which a comma would begin another entry.
Result<std::string> alternative_name(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    if (inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
        inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
        return "IP:" + name;
    }
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-';
    };
    if (name.empty() || name.size() > 253 || !std::ranges::all_of(name, plain)) {
        return fail(ErrorCode::usage, fmt::format("'{}' is neither a DNS name nor an IP address",
                                                  printable(shortened(name, 64))));
    }
    return "DNS:" + name;
}

}  // namespace

Result<Credentials> make_authority(std::string_view name, std::int64_t now) {
    return make({std::string(name),
                 kAuthority_s,
                 {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                  {NID_key_usage, "critical,keyCertSign,cRLSign"},
                  {NID_subject_key_identifier, "hash"}}},
                nullptr, now);
}

Result<Credentials> issue_server(const Credentials& authority, const std::vector<std::string>& names,
                                 std::int64_t now) {
    std::string alternatives;
    for (const auto& name : names) {
        if (!alternatives.empty()) alternatives += ",";
        alternatives += TRY(alternative_name(name));
    }
    if (names.empty()) return fail(ErrorCode::usage, "a server certificate needs a name");
    constexpr std::size_t kCommonName = 64;  // RFC 5280, ub-common-name
    return make({names.front().substr(0, kCommonName),
                 kLeaf_s,
                 {{NID_basic_constraints, "critical,CA:FALSE"},
                  {NID_key_usage, "critical,digitalSignature"},
                  {NID_ext_key_usage, "serverAuth"},
                  {NID_subject_key_identifier, "hash"},
                  {NID_authority_key_identifier, "keyid:always"},
                  {NID_subject_alt_name, alternatives}}},
                &authority, now);
}

Result<Credentials> issue_operator(const Credentials& authority, std::string_view name, std::int64_t now) {
    return make({std::string(name),
                 kLeaf_s,
                 {{NID_basic_constraints, "critical,CA:FALSE"},
                  {NID_key_usage, "critical,digitalSignature"},
                  {NID_ext_key_usage, "clientAuth"},
                  {NID_subject_key_identifier, "hash"},
                  {NID_authority_key_identifier, "keyid:always"}}},
                &authority, now);
}

Result<std::string> make_signing_key() {
    return pem_of(TRY(new_key()).get());
}

Result<KeyPair> make_bundle_key() {
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) return std::unexpected(failed("making a key"));
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return std::unexpected(failed("writing a key"));
    auto key_pem = TRY(pem_of(key.get()));
    return KeyPair{std::move(key_pem), text_of(bio)};
}

Result<std::string> certificate_sha256(std::string_view pem) {
    const auto certificate = TRY(certificate_from(pem));
    std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), as_writable_uchar(digest), &size) != 1) {
        return std::unexpected(failed("a digest"));
    }
    return to_hex(ByteView(digest).first(size));
}

}  // namespace assay::setup
