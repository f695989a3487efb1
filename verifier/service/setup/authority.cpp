#include "verifier/service/setup/authority.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/cause.h"
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

std::string issuer_of(const X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), X509_get_issuer_name(certificate), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return printable(shortened(text_of(bio), 256));
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

Result<Key> key_from(std::string_view pem, std::string_view whose) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return fail(ErrorCode::crypto, fmt::format("{} is not a private key in PEM", whose));
    return key;
}

Result<Key> public_key_of(X509* certificate) {
    Key key(X509_get_pubkey(certificate));
    if (!key) return fail(ErrorCode::crypto, "a certificate whose key cannot be read");
    return key;
}

Result<std::string> pem_of(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(bio.get(), certificate) != 1)
        return std::unexpected(failed("writing a certificate"));
    return text_of(bio);
}

Result<> belongs(const X509* authority, const EVP_PKEY* key) {
    if (X509_check_private_key(authority, key) == 1) return {};
    ERR_clear_error();
    return fail(ErrorCode::crypto, "the authority's key is not the one of its certificate");
}

/// None is good for longer than the one above it: whoever reads its end must be able to rely on it.
Result<> end_within(X509* certificate, const X509* above, std::int64_t now) {
    const auto* end = X509_get0_notAfter(above);
    if (ASN1_TIME_cmp_time_t(end, static_cast<std::time_t>(now)) <= 0)
        return fail(ErrorCode::refused,
                    "the CA's certificate has ended: 'assay-verifier certificates renew --ca' first, and "
                    "give clients "
                    "the new ca.pem");
    if (ASN1_TIME_compare(X509_get0_notAfter(certificate), end) <= 0) return {};
    if (X509_set1_notAfter(certificate, end) != 1) return std::unexpected(failed("a certificate's end"));
    return {};
}

/// About `key`, which may be a public one, and signed by `issuer`, or by that key where there is none.
Result<std::string> certificate_of(EVP_PKEY* key, const Wanted& wanted, const Credentials* issuer,
                                   std::int64_t now) {
    const Certificate certificate(X509_new());
    if (!certificate) return std::unexpected(failed("a certificate"));
    TRY_VOID(set_basics(certificate.get(), key, wanted.name, now, wanted.span_s));
    Certificate above;
    Key signing;
    if (issuer != nullptr) {
        above = TRY(certificate_from(issuer->certificate));
        signing = TRY(key_from(issuer->key, "the authority's key"));
        TRY_VOID(belongs(above.get(), signing.get()));
        TRY_VOID(end_within(certificate.get(), above.get(), now));
    }
    auto* issued_by = above ? above.get() : certificate.get();
    if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(issued_by)) != 1) {
        return std::unexpected(failed("the issuer's name"));
    }
    for (const auto& [nid, value] : wanted.extensions) {
        TRY_VOID(add_extension(certificate.get(), issued_by, nid, value));
    }
    if (X509_sign(certificate.get(), signing ? signing.get() : key, EVP_sha256()) == 0) {
        return std::unexpected(failed("signing a certificate"));
    }
    return pem_of(certificate.get());
}

Result<Credentials> make(const Wanted& wanted, const Credentials* issuer, std::int64_t now) {
    const auto key = TRY(new_key());
    auto certificate = TRY(certificate_of(key.get(), wanted, issuer, now));
    auto key_pem = TRY(pem_of(key.get()));
    return Credentials{std::move(certificate), std::move(key_pem)};
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

Wanted authority_named(std::string_view name) {
    return {std::string(name),
            kAuthority_s,
            {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
             {NID_key_usage, "critical,keyCertSign,cRLSign"},
             {NID_subject_key_identifier, "hash"}}};
}

Result<Wanted> server_named(const std::vector<std::string>& names) {
    std::string alternatives;
    for (const auto& name : names) {
        if (!alternatives.empty()) alternatives += ",";
        alternatives += TRY(alternative_name(name));
    }
    if (names.empty()) return fail(ErrorCode::usage, "a server certificate needs a name");
    constexpr std::size_t kCommonName = 64;  // RFC 5280, ub-common-name
    return Wanted{names.front().substr(0, kCommonName),
                  kLeaf_s,
                  {{NID_basic_constraints, "critical,CA:FALSE"},
                   {NID_key_usage, "critical,digitalSignature"},
                   {NID_ext_key_usage, "serverAuth"},
                   {NID_subject_key_identifier, "hash"},
                   {NID_authority_key_identifier, "keyid:always"},
                   {NID_subject_alt_name, alternatives}}};
}

Wanted operator_named(std::string_view name) {
    return {std::string(name),
            kLeaf_s,
            {{NID_basic_constraints, "critical,CA:FALSE"},
             {NID_key_usage, "critical,digitalSignature"},
             {NID_ext_key_usage, "clientAuth"},
             {NID_subject_key_identifier, "hash"},
             {NID_authority_key_identifier, "keyid:always"}}};
}

/// A certificate that this authority's key signed; another one's is not ours to renew.
Result<Certificate> own_certificate(const Credentials& authority, std::string_view pem) {
    auto certificate = TRY(certificate_from(pem));
    const auto above = TRY(certificate_from(authority.certificate));
    const auto key = TRY(public_key_of(above.get()));
    if (X509_verify(certificate.get(), key.get()) == 1) return certificate;
    ERR_clear_error();
    const auto issuer = issuer_of(certificate.get());
    return std::unexpected(error_of(Cause::certificate_of_others, "renewing", "its issuer is " + issuer));
}

std::string common_name(const X509* certificate) {
    std::array<char, 65> name{};  // RFC 5280, ub-common-name, and the NUL
    const auto size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                                name.data(), static_cast<int>(name.size()));
    return size > 0 ? name.data() : "";
}

}  // namespace

Result<Credentials> make_authority(std::string_view name, std::int64_t now) {
    return make(authority_named(name), nullptr, now);
}

Result<Credentials> issue_server(const Credentials& authority, const std::vector<std::string>& names,
                                 std::int64_t now) {
    return make(TRY(server_named(names)), &authority, now);
}

Result<Credentials> issue_operator(const Credentials& authority, std::string_view name, std::int64_t now) {
    return make(operator_named(name), &authority, now);
}

Result<std::string> renew_authority(const Credentials& authority, std::int64_t now) {
    const auto before = TRY(own_certificate(authority, authority.certificate));
    const auto key = TRY(key_from(authority.key, "the authority's key"));
    TRY_VOID(belongs(before.get(), key.get()));
    return certificate_of(key.get(), authority_named(common_name(before.get())), nullptr, now);
}

Result<std::string> renew_server(const Credentials& authority, std::string_view certificate,
                                 const std::vector<std::string>& names, std::int64_t now) {
    const auto before = TRY(own_certificate(authority, certificate));
    const auto key = TRY(public_key_of(before.get()));
    return certificate_of(key.get(), TRY(server_named(names)), &authority, now);
}

Result<std::string> renew_operator(const Credentials& authority, std::string_view certificate,
                                   std::string_view name, std::int64_t now) {
    const auto before = TRY(own_certificate(authority, certificate));
    const auto key = TRY(public_key_of(before.get()));
    return certificate_of(key.get(), operator_named(name), &authority, now);
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

Result<std::vector<std::string>> server_names(std::string_view pem) {
    const auto certificate = TRY(certificate_from(pem));
    const CHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> out;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int kind = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &kind));
        if (kind != GEN_DNS && kind != GEN_IPADD) continue;
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
        const auto bytes = std::as_bytes(std::span(ASN1_STRING_get0_data(value), size));
        std::array<char, INET6_ADDRSTRLEN> text{};
        const int family = size == sizeof(in_addr) ? AF_INET : AF_INET6;
        if (kind == GEN_DNS) out.emplace_back(as_text(bytes));
        if (kind == GEN_IPADD && inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr)
            out.emplace_back(text.data());
    }
    if (out.empty())
        return fail(ErrorCode::crypto, "the server's certificate has no names: give them with --name");
    return out;
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
