#include <algorithm>
#include <ctime>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/tcg/certificate_key.h"

namespace assay::tcg {
namespace {

using Store = CHandle<X509_STORE, X509_STORE_free>;
using StoreContext = CHandle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Owned = CHandle<X509, X509_free>;
struct FreeBorrowedStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using BorrowedStack = std::unique_ptr<STACK_OF(X509), FreeBorrowedStack>;

struct Judgement {
    std::vector<std::string> reasons;
    X509* substituted_leaf = nullptr;  // see checked_leaf
};

void add_reason(std::vector<std::string>& reasons, std::string reason) {
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
}

/// Notes every error and goes on: a reviewer wants all of them. Whoever reads `trusted` reads that none was
/// noted.
int note_error(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    auto* judgement = static_cast<Judgement*>(X509_STORE_CTX_get_app_data(context));
    const int error = X509_STORE_CTX_get_error(context);
    const int depth = X509_STORE_CTX_get_error_depth(context);
    X509* at = X509_STORE_CTX_get_current_cert(context);
    if (error == X509_V_ERR_CERT_SIGNATURE_FAILURE && depth == 0 && judgement->substituted_leaf != nullptr &&
        at == judgement->substituted_leaf) {
        return 1;  // the substitute carries no valid signature; the original's is checked afterwards
    }
    add_reason(judgement->reasons, "certificate " + std::to_string(depth) +
                                       " of the path: " + X509_verify_cert_error_string(error));
    return 1;
}

/// OpenSSL refuses a path whose leaf has a key that it cannot decode, such as one marked id-RSAES-OAEP. It is
/// given a copy with the same key marked as plain RSA; everything is checked on the copy but the signature,
/// which `check_substituted_signature` checks on the original.
Owned checked_leaf(const Certificate& leaf) {
    const auto found = certificate_key(leaf.x509());
    if (!found.openssl_oaep) return nullptr;
    Owned copy(X509_dup(leaf.x509()));
    if (copy && X509_set_pubkey(copy.get(), found.openssl_oaep.get()) != 1) copy.reset();
    return copy;
}

void check_substituted_signature(const Certificate& leaf, const STACK_OF(X509) * chain,
                                 Judgement& judgement) {
    EVP_PKEY* issuer = sk_X509_num(chain) > 1 ? X509_get0_pubkey(sk_X509_value(chain, 1)) : nullptr;
    if (issuer == nullptr || X509_verify(leaf.x509(), issuer) != 1) {
        add_reason(judgement.reasons, "certificate 0 of the path: certificate signature failure");
    }
}

/// What an EK certificate must be beyond being valid. (TCG EK Credential Profile 2.5, 3.2)
void check_leaf_profile(const Certificate& leaf, std::vector<std::string>& reasons) {
    if (X509_check_ca(leaf.x509()) != 0) add_reason(reasons, "the EK certificate is a CA's");
    if (!leaf.has_ek_usage()) {
        add_reason(reasons,
                   "the EK certificate lacks the extended key usage 2.23.133.8.1 (tcg-kp-EKCertificate)");
    }
    if (leaf.subject().empty() && !leaf.tpm()) {
        add_reason(reasons, "the EK certificate names nothing: no subject, and no TPM attributes in the SAN");
    }
    const std::uint32_t usage = X509_get_key_usage(leaf.x509());  // all bits where there is no such extension
    if ((usage & (X509v3_KU_KEY_ENCIPHERMENT | X509v3_KU_KEY_AGREEMENT)) == 0) {
        add_reason(reasons,
                   "the EK certificate's key usage allows neither key encipherment nor key agreement");
    }
    if (!leaf.key()) add_reason(reasons, "the EK certificate's key is neither RSA nor P-256, P-384, P-521");
}

BorrowedStack stack_of(std::span<const Certificate> certificates) {
    BorrowedStack stack(sk_X509_new_null());
    for (const auto& certificate : certificates) {
        if (!stack || sk_X509_push(stack.get(), certificate.x509()) == 0) return nullptr;
    }
    return stack;
}

Store store_of(std::span<const Certificate> roots) {
    Store store(X509_STORE_new());
    for (const auto& root : roots) {
        if (!store || X509_STORE_add_cert(store.get(), root.x509()) != 1) return nullptr;
    }
    return store;
}

void configure(X509_STORE_CTX* context, std::int64_t at_unix_time) {
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(at_unix_time));
    // Strict: RFC 5280's rules for CA flags, key identifiers, empty names and algorithm identifiers too.
    // Level 2: 112 bits, so no RSA under 2048 bits and no signature over SHA-1 or MD5 below the root.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(limits::kCertificates));
}

Digest sha256_of(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owned(der);
    return sha256(std::as_bytes(std::span(der, size > 0 ? static_cast<std::size_t>(size) : 0)));
}

/// The pinned root that the path ends with, byte for byte.
std::optional<Digest> pinned_end(const STACK_OF(X509) * chain, std::span<const Certificate> roots) {
    if (sk_X509_num(chain) < 2) return std::nullopt;
    const Digest end = sha256_of(sk_X509_value(chain, sk_X509_num(chain) - 1));
    for (const auto& root : roots) {
        if (root.sha256() == end) return end;
    }
    return std::nullopt;
}

void add_chain_subjects(const STACK_OF(X509) * chain, EkCertificateVerdict& verdict) {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        verdict.chain_subjects.push_back(
            printable(certificate_name(X509_get_subject_name(sk_X509_value(chain, i)))));
    }
}

}  // namespace

EkCertificateVerdict verify_ek_certificate(const Certificate& leaf,
                                           std::span<const Certificate> intermediates,
                                           std::span<const Certificate> pinned_roots,
                                           std::int64_t at_unix_time) {
    EkCertificateVerdict verdict;
    if (intermediates.size() > limits::kCertificates) {
        verdict.reasons.emplace_back("more intermediate certificates than a path may have");
        return verdict;
    }
    Judgement judgement;
    const Owned substitute = checked_leaf(leaf);
    judgement.substituted_leaf = substitute.get();
    const Store store = store_of(pinned_roots);
    const BorrowedStack untrusted = stack_of(intermediates);
    const StoreContext context(X509_STORE_CTX_new());
    if (!store || !untrusted || !context ||
        X509_STORE_CTX_init(context.get(), store.get(), substitute ? substitute.get() : leaf.x509(),
                            untrusted.get()) != 1) {
        verdict.reasons.push_back("the path could not be checked: " + openssl_error());
        return verdict;
    }
    configure(context.get(), at_unix_time);
    X509_STORE_CTX_set_app_data(context.get(), &judgement);
    X509_STORE_CTX_set_verify_cb(context.get(), note_error);
    const int verified = X509_verify_cert(context.get());
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
    if (verified != 1) {
        add_reason(judgement.reasons,
                   std::string("the path could not be checked: ") +
                       X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
    }
    if (substitute) check_substituted_signature(leaf, chain, judgement);
    check_leaf_profile(leaf, judgement.reasons);
    add_chain_subjects(chain, verdict);
    const auto root = pinned_end(chain, pinned_roots);
    if (!root) add_reason(judgement.reasons, "the path does not end with a pinned root");
    verdict.reasons = std::move(judgement.reasons);
    verdict.trusted = verdict.reasons.empty();
    if (verdict.trusted) verdict.root_sha256 = root;
    ERR_clear_error();
    return verdict;
}

}  // namespace assay::tcg
