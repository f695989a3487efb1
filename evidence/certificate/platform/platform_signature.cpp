#include <algorithm>
#include <array>
#include <ctime>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/certificate/platform/platform_judgement.h"

namespace assay::tcg::platform_judgement {
namespace {

struct Algorithm {
    std::string_view oid;
    const char* hash;
    int key;  ///< EVP_PKEY_RSA or EVP_PKEY_EC
    std::string_view name;
};
constexpr std::array<Algorithm, 6> kAlgorithms{{
    {"1.2.840.113549.1.1.11", "SHA256", EVP_PKEY_RSA, "RSASSA with SHA-256"},
    {"1.2.840.113549.1.1.12", "SHA384", EVP_PKEY_RSA, "RSASSA with SHA-384"},
    {"1.2.840.113549.1.1.13", "SHA512", EVP_PKEY_RSA, "RSASSA with SHA-512"},
    {"1.2.840.10045.4.3.2", "SHA256", EVP_PKEY_EC, "ECDSA with SHA-256"},
    {"1.2.840.10045.4.3.3", "SHA384", EVP_PKEY_EC, "ECDSA with SHA-384"},
    {"1.2.840.10045.4.3.4", "SHA512", EVP_PKEY_EC, "ECDSA with SHA-512"},
}};

bool signed_by(const PlatformCertificate& certificate, const Algorithm& algorithm,
               const Certificate& issuer) {
    EVP_PKEY* key = X509_get0_pubkey(issuer.x509());
    if (key == nullptr || EVP_PKEY_get_base_id(key) != algorithm.key) return false;
    const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    const bool valid =
        context &&
        EVP_DigestVerifyInit_ex(context.get(), nullptr, algorithm.hash, nullptr, nullptr, key, nullptr) ==
            1 &&
        EVP_DigestVerify(context.get(), as_uchar(certificate.signature), certificate.signature.size(),
                         as_uchar(certificate.signed_part), certificate.signed_part.size()) == 1;
    ERR_clear_error();
    return valid;
}

/// Is this certificate's subject the issuer that is named, with the key that is named?
bool is_issuer(const PlatformCertificate& certificate, const Certificate& candidate) {
    const auto subject = written_der(
        [&](unsigned char** out) { return i2d_X509_NAME(X509_get_subject_name(candidate.x509()), out); });
    return same_name(certificate.issuer.issuer, subject);
}

/// keyUsage and extendedKeyUsage where they are there (RFC 5755, 4.5): it signs more than certificates.
bool may_sign(const Certificate& issuer) {
    if ((X509_get_key_usage(issuer.x509()) & X509v3_KU_DIGITAL_SIGNATURE) == 0) return false;
    const CHandle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usages(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(issuer.x509(), NID_ext_key_usage, nullptr, nullptr)));
    if (!usages) return X509_get_ext_by_NID(issuer.x509(), NID_ext_key_usage, -1) < 0;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        std::array<char, 64> text{};
        OBJ_obj2txt(text.data(), static_cast<int>(text.size()), sk_ASN1_OBJECT_value(usages.get(), i), 1);
        const std::string_view usage(text.data());
        // anyExtendedKeyUsage, tcg-kp-PlatformAttributeCertificate, tcg-kp-DeltaPlatformAttributeCertificate
        if (usage == "2.5.29.37.0" || usage == "2.23.133.8.2" || usage == "2.23.133.8.5") return true;
    }
    return false;
}

struct FreeBorrowedStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

/// Why the issuer does not lead to a root; empty where it does.
std::string path_problem(const Certificate& issuer, const PlatformQuestion& question) {
    const CHandle<X509_STORE, X509_STORE_free> store(X509_STORE_new());
    const std::unique_ptr<STACK_OF(X509), FreeBorrowedStack> untrusted(sk_X509_new_null());
    const CHandle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
    bool ready = store && untrusted && context;
    for (const auto& root : question.roots) {
        ready = ready && X509_STORE_add_cert(store.get(), root.x509()) == 1;
    }
    for (const auto& each : question.issuers) ready = ready && sk_X509_push(untrusted.get(), each.x509()) > 0;
    if (!ready || X509_STORE_CTX_init(context.get(), store.get(), issuer.x509(), untrusted.get()) != 1) {
        return "the path could not be checked: " + openssl_error();
    }
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(question.at));
    // A pinned certificate ends the path, whoever signed it. Level 2: 112 bits, no SHA-1 below the root.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(limits::kCertificates));
    const bool verified = X509_verify_cert(context.get()) == 1;
    const int error = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (verified) return "";
    return "certificate " + std::to_string(X509_STORE_CTX_get_error_depth(context.get())) +
           " of the path: " + X509_verify_cert_error_string(error);
}

/// The issuer whose key made this signature, among those that bear the name.
const Certificate* signer_of(const PlatformCertificate& certificate, const Algorithm& algorithm,
                             const PlatformQuestion& question, bool& named) {
    for (const auto group : {question.roots, question.issuers}) {
        for (const auto& candidate : group) {
            if (!is_issuer(certificate, candidate)) continue;
            named = true;
            if (signed_by(certificate, algorithm, candidate)) return &candidate;
        }
    }
    return nullptr;
}

}  // namespace

void judge_signature(const PlatformCertificate& certificate, const PlatformQuestion& question,
                     PlatformVerdict& verdict) {
    const auto name = name_of(certificate);
    const auto algorithm = std::ranges::find(kAlgorithms, certificate.signature_algorithm, &Algorithm::oid);
    if (algorithm == kAlgorithms.end()) {
        return verdict.add(signature_algorithm_not_allowed, name + ": " + certificate.signature_algorithm);
    }
    bool named = false;
    const Certificate* issuer = signer_of(certificate, *algorithm, question, named);
    if (issuer == nullptr) {
        return verdict.add(named ? signature_invalid : issuer_not_given,
                           name + ": " + certificate.issuer.issuer_text);
    }
    verdict.holds("signature of " + name + ": " + std::string(algorithm->name) + " by " + issuer->subject());
    if (!may_sign(*issuer)) verdict.add(issuer_may_not_sign, name + ": " + issuer->subject());
    if (question.roots.empty()) return verdict.add(roots_not_given);
    const auto problem = path_problem(*issuer, question);
    if (!problem.empty()) return verdict.add(issuer_not_trusted, name + ": " + problem);
    verdict.holds("issuer of " + name + ": leads to a given root");
}

}  // namespace assay::tcg::platform_judgement
