// The path from the certificate of a TPM's key to a pinned root, by OpenSSL, with every reason against it.
#include <algorithm>
#include <ctime>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "evidence/base/limits.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/certificate/ek_path.h"

namespace assay::tcg {
namespace {

using Kind = EkReasonKind;
using Store = CHandle<X509_STORE, X509_STORE_free>;
using StoreContext = CHandle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Owned = CHandle<X509, X509_free>;
// These stacks borrow what is in them.
struct FreeBorrowedStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
    void operator()(STACK_OF(X509_CRL) * stack) const { sk_X509_CRL_free(stack); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeBorrowedStack>;
using Lists = std::unique_ptr<STACK_OF(X509_CRL), FreeBorrowedStack>;
using Roots = std::vector<const Certificate*>;

constexpr std::size_t kIntermediates = 4096;
constexpr std::size_t kRoots = 1024;  // pinned; and of those that share a subject, each is tried

struct Judgement {
    EkCertificateVerdict verdict;
    X509* substituted_leaf = nullptr;  // see checked_leaf
};

std::string place(int depth) {
    return "certificate " + std::to_string(depth) + " of the path";
}

/// Notes every error and goes on: a reviewer wants all of them. Whoever reads `trusted` reads that none was
/// noted.
int note_error(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    auto* judgement = static_cast<Judgement*>(X509_STORE_CTX_get_app_data(context));
    const int error = X509_STORE_CTX_get_error(context);
    const int depth = X509_STORE_CTX_get_error_depth(context);
    const X509* at = X509_STORE_CTX_get_current_cert(context);
    if (error == X509_V_ERR_CERT_SIGNATURE_FAILURE && depth == 0 && judgement->substituted_leaf != nullptr &&
        at == judgement->substituted_leaf) {
        return 1;  // the substitute carries no valid signature; the original's is checked afterwards
    }
    const Kind kind = ek_reason_of(error);
    // Whoever pins a root trusts it until the pin is taken away: nobody revokes a root but its owner.
    const int last = sk_X509_num(X509_STORE_CTX_get0_chain(context)) - 1;
    if (kind == Kind::crl_missing && depth > 0 && depth == last) return 1;
    // OpenSSL says this in two ways.
    if (kind == Kind::no_issuer && judgement->verdict.has(kind)) return 1;
    std::string detail = place(depth) + ": " + X509_verify_cert_error_string(error);
    if (kind == Kind::unknown_critical_extension && at != nullptr)
        detail += " " + unknown_critical_extensions(at);
    judgement->verdict.add(kind, std::move(detail));
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

void check_substituted_signature(const Certificate& leaf, EkPath path, EkCertificateVerdict& verdict) {
    if (path.size() < 2) return;  // nobody issued it: that is said already
    EVP_PKEY* issuer = X509_get0_pubkey(path[1]);
    if (issuer == nullptr || X509_verify(leaf.x509(), issuer) != 1) {
        verdict.add(Kind::signature_invalid,
                    place(0) + ": " + X509_verify_cert_error_string(X509_V_ERR_CERT_SIGNATURE_FAILURE));
    }
}

Certificates stack_of(std::span<const Certificate> certificates) {
    Certificates stack(sk_X509_new_null());
    for (const auto& certificate : certificates) {
        if (!stack || sk_X509_push(stack.get(), certificate.x509()) == 0) return nullptr;
    }
    return stack;
}

Lists stack_of(std::span<const RevocationList> lists) {
    Lists stack(sk_X509_CRL_new_null());
    for (const auto& list : lists) {
        if (!stack || sk_X509_CRL_push(stack.get(), list.crl()) == 0) return nullptr;
    }
    return stack;
}

Store store_of(const Roots& roots) {
    Store store(X509_STORE_new());
    for (const auto* root : roots) {
        if (!store || X509_STORE_add_cert(store.get(), root->x509()) != 1) return nullptr;
    }
    return store;
}

void configure(X509_STORE_CTX* context, const EkQuestion& question) {
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(question.at_unix_time));
    // Strict: RFC 5280's rules for CA flags, key identifiers, empty names and algorithm identifiers too.
    // Level 2: 112 bits, so no RSA under 2048 bits and no signature over SHA-1 or MD5 below the root.
    unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE;
    if (!question.revocation_lists.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(limits::kCertificates));
}

/// The pinned root that the path ends with, byte for byte.
std::optional<Digest> pinned_end(EkPath path, const Roots& roots) {
    if (path.size() < 2) return std::nullopt;
    const Digest end = certificate_digest(path.back());
    const bool pinned = std::ranges::any_of(roots, [&](const auto* root) { return root->sha256() == end; });
    return pinned ? std::optional(end) : std::nullopt;
}

/// Does one of the lists name the issuer of a certificate of the path?
bool has_a_list(const EkQuestion& question, EkPath path) {
    return std::ranges::any_of(question.revocation_lists, [&](const RevocationList& list) {
        return std::ranges::any_of(path, [&](const X509* each) {
            return X509_NAME_cmp(X509_CRL_get_issuer(list.crl()), X509_get_issuer_name(each)) == 0;
        });
    });
}

std::ptrdiff_t objections(const EkCertificateVerdict& verdict) {
    return std::ranges::count_if(verdict.reasons,
                                 [](const EkReason& each) { return each.effect() != Effect::remark; });
}

void conclude(EkCertificateVerdict& verdict, const std::optional<Digest>& root) {
    sort_stably(verdict.reasons, {}, &EkReason::kind);
    if (!root || objections(verdict) != 0) return;
    verdict.root_sha256 = root;
    verdict.holds("path: " + std::to_string(verdict.chain_subjects.size()) +
                  " certificates, to the pinned root " + root->hex());
}

EkCertificateVerdict verify_with(const EkQuestion& question, const Roots& roots) {
    Judgement judgement;
    auto& verdict = judgement.verdict;
    const Owned substitute = checked_leaf(question.leaf);
    judgement.substituted_leaf = substitute.get();
    const Store store = store_of(roots);
    const Certificates untrusted = stack_of(question.intermediates);
    const Lists lists = stack_of(question.revocation_lists);
    const StoreContext context(X509_STORE_CTX_new());
    if (!store || !untrusted || !lists || !context ||
        X509_STORE_CTX_init(context.get(), store.get(), substitute ? substitute.get() : question.leaf.x509(),
                            untrusted.get()) != 1) {
        verdict.add(Kind::not_checked, openssl_error());
        return std::move(verdict);
    }
    configure(context.get(), question);
    X509_STORE_CTX_set0_crls(context.get(), lists.get());
    X509_STORE_CTX_set_app_data(context.get(), &judgement);
    X509_STORE_CTX_set_verify_cb(context.get(), note_error);
    if (X509_verify_cert(context.get()) != 1) {
        verdict.add(Kind::not_checked,
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
    }
    std::vector<X509*> path;
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
    path.reserve(static_cast<std::size_t>(std::max(0, sk_X509_num(chain))));
    for (int i = 0; i < sk_X509_num(chain); ++i) path.push_back(sk_X509_value(chain, i));
    if (substitute) check_substituted_signature(question.leaf, path, verdict);
    if (question.role == TpmKeyRole::ek)
        judge_ek_profile(question.leaf, verdict);
    else
        judge_device_profile(question.leaf, question.role, verdict);
    const auto root = pinned_end(path, roots);
    // Said already, and better, where the path has no end, or one that signs itself.
    if (!root && !verdict.has(Kind::no_issuer) && !verdict.has(Kind::self_signed))
        verdict.add(Kind::root_not_pinned);
    if (root) judge_ek_maker(question, *root, verdict);
    note_ek_quirks(question, path, verdict);
    if (question.lists_of_many_makers && !has_a_list(question, path)) {
        std::erase_if(verdict.reasons, [](const EkReason& each) { return each.kind == Kind::crl_missing; });
        verdict.add(Kind::revocation_not_checked);
    }
    for (const auto* each : path)
        verdict.chain_subjects.push_back(printable(certificate_name(X509_get_subject_name(each))));
    conclude(verdict, root);
    ERR_clear_error();
    return std::move(verdict);
}

bool share_a_subject(const Certificate& one, const Certificate& other) {
    return X509_NAME_cmp(X509_get_subject_name(one.x509()), X509_get_subject_name(other.x509())) == 0;
}

}  // namespace

void EkCertificateVerdict::add(EkReasonKind kind, std::string detail) {
    if (std::ranges::find(reasons, EkReason{kind, detail}) == reasons.end())
        VerdictOf::add(kind, std::move(detail));
}

EkReasonKind ek_reason_of(int openssl_error) {
    switch (openssl_error) {
        case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
        case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return Kind::signature_invalid;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return Kind::not_yet_valid;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return Kind::expired;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return Kind::no_issuer;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return Kind::self_signed;
        case X509_V_ERR_INVALID_CA:
            return Kind::issuer_not_a_ca;
        case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
            return Kind::issuer_may_not_sign;
        case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        case X509_V_ERR_CERT_CHAIN_TOO_LONG:
            return Kind::path_too_long;
        case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
            return Kind::unknown_critical_extension;
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return Kind::signature_weak;
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
            return Kind::key_too_small;
        case X509_V_ERR_CERT_REVOKED:
            return Kind::revoked;
        case X509_V_ERR_CRL_HAS_EXPIRED:
            return Kind::crl_stale;
        case X509_V_ERR_CRL_NOT_YET_VALID:
            return Kind::crl_not_yet_valid;
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
        case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
            return Kind::crl_signature_invalid;
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            return Kind::crl_missing;
        case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
        case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
        case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
        case X509_V_ERR_DIFFERENT_CRL_SCOPE:
        case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
        case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
            return Kind::crl_unusable;
        default:
            return Kind::against_the_rules;
    }
}

EkCertificateVerdict verify_ek_certificate(const EkQuestion& question) {
    EkCertificateVerdict refused;
    if (question.intermediates.size() > kIntermediates)
        refused.add(Kind::not_checked, "more intermediate certificates than are looked at");
    if (question.pinned_roots.size() > kRoots || question.revocation_lists.size() > kRevocationLists)
        refused.add(Kind::not_checked, "more roots or revocation lists than are looked at");
    if (!refused.reasons.empty()) return refused;
    Roots all;
    all.reserve(question.pinned_roots.size());
    for (const auto& root : question.pinned_roots) all.push_back(&root);
    auto verdict = verify_with(question, all);
    if (verdict.trusted() || !verdict.has(Kind::quirk_roots_share_a_subject)) return verdict;
    // OpenSSL takes the first of a name, and does not come back when another one signed.
    for (const auto* chosen : all) {
        Roots some;
        std::ranges::copy_if(all, std::back_inserter(some), [&](const auto* each) {
            return each == chosen || !share_a_subject(*each, *chosen);
        });
        if (some.size() == all.size()) continue;
        auto again = verify_with(question, some);
        if (again.trusted()) return again;
        if (objections(again) < objections(verdict)) verdict = std::move(again);
    }
    return verdict;
}

EkCertificateVerdict verify_ek_certificate(const Certificate& leaf,
                                           std::span<const Certificate> intermediates,
                                           std::span<const Certificate> pinned_roots,
                                           std::int64_t at_unix_time) {
    return verify_ek_certificate(EkQuestion{.leaf = leaf,
                                            .intermediates = intermediates,
                                            .pinned_roots = pinned_roots,
                                            .at_unix_time = at_unix_time});
}

}  // namespace assay::tcg
