#include "verifier/judge/rim/signer_path.h"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "evidence/base/text.h"

namespace assay::rim {
namespace {

using Owned = CHandle<X509, X509_free>;
using Store = CHandle<X509_STORE, X509_STORE_free>;
using StoreContext = CHandle<X509_STORE_CTX, X509_STORE_CTX_free>;
struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeStack>;

constexpr int kDepth = 8;

Owned certificate_of(ByteView der) {
    const auto* next = as_uchar(der);
    Owned made(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
    ERR_clear_error();
    return made && next == as_uchar(der) + der.size() ? std::move(made) : nullptr;
}

Store store_of(const RimTrust& trust) {
    Store store(X509_STORE_new());
    for (const auto& each : trust.certificates) {
        const auto certificate = certificate_of(each.der());
        if (!store || !certificate || X509_STORE_add_cert(store.get(), certificate.get()) != 1)
            return nullptr;
    }
    return store;
}

Certificates stack_of(const std::vector<Bytes>& others) {
    Certificates stack(sk_X509_new_null());
    for (const auto& each : others) {
        const auto certificate = certificate_of(each);  // one that cannot be read is of no use to any path
        if (certificate && stack && sk_X509_push(stack.get(), certificate.get()) > 0)
            X509_up_ref(certificate.get());
    }
    return stack;
}

int note(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    auto* reasons = static_cast<std::vector<std::string>*>(X509_STORE_CTX_get_app_data(context));
    auto reason = fmt::format("certificate {} of the path: {}", X509_STORE_CTX_get_error_depth(context),
                              X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    if (std::ranges::find(*reasons, reason) == reasons->end() && reasons->size() < 16)
        reasons->push_back(std::move(reason));
    return 1;
}

Digest digest_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    const auto digest = sha256(std::as_bytes(std::span(der, size > 0 ? static_cast<std::size_t>(size) : 0)));
    OPENSSL_free(der);
    return digest;
}

std::unexpected<Error> not_trusted(const std::string& subject, const std::vector<std::string>& reasons) {
    const bool time = std::ranges::all_of(reasons, [](const std::string& each) {
        return each.ends_with("has expired") || each.ends_with("not yet valid");
    });
    return fail(
        ErrorCode::refused,
        fmt::format(
            "signed by {}, which is not trusted: {}; {}",
            subject.empty() ? "a certificate without a subject" : subject, fmt::join(reasons, "; "),
            time ? "ask for a manifest that is signed anew, or have it judged as of a time when it was "
                   "valid: --at"
                 : "if it should be, give its root with --roots"));
}

Result<RimSigner> trusted_certificate(const Candidate& candidate, const std::vector<Bytes>& others,
                                      const RimTrust& trust) {
    const auto parsed =
        TRY(with_context(tcg::Certificate::parse(candidate.certificate), "signer's certificate"));
    RimSigner signer{.subject = printable(parsed.subject()),
                     .sha256 = parsed.sha256(),
                     .by_certificate = true,
                     .algorithm = {},
                     .trusted_by = {},
                     .not_before = parsed.not_before(),
                     .not_after = parsed.not_after()};
    const auto leaf = certificate_of(candidate.certificate);
    const auto store = store_of(trust);
    const auto untrusted = stack_of(others);
    const StoreContext context(X509_STORE_CTX_new());
    if (!leaf || !store || !untrusted || !context ||
        X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted.get()) != 1)
        return fail(ErrorCode::crypto, "the signer's certificate cannot be used");
    auto* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(trust.at_unix_time));
    // What the owner names is trusted, root or not; level 2 is 112 bits, so no RSA under 2048, no SHA-1.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_VERIFY_PARAM_set_depth(parameters, kDepth);
    std::vector<std::string> reasons;
    X509_STORE_CTX_set_app_data(context.get(), &reasons);
    X509_STORE_CTX_set_verify_cb(context.get(), note);
    if (X509_verify_cert(context.get()) != 1 && reasons.empty())
        reasons.emplace_back("the path was not checked");
    if ((X509_get_extension_flags(leaf.get()) & EXFLAG_KUSAGE) != 0 &&
        (X509_get_key_usage(leaf.get()) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
        reasons.emplace_back("its key usage is not for signatures");
    ERR_clear_error();
    if (!reasons.empty()) return not_trusted(signer.subject, reasons);
    const auto* path = X509_STORE_CTX_get0_chain(context.get());
    const auto end = digest_of(sk_X509_value(path, sk_X509_num(path) - 1));
    // The store's lookup compares names; that the end is byte for byte what the owner gave is said here.
    if (!std::ranges::any_of(trust.certificates, [&](const auto& each) { return each.sha256() == end; }))
        return not_trusted(signer.subject, {"the path does not end in a trusted certificate"});
    signer.trusted_by = end;
    return signer;
}

}  // namespace

Result<EvpKey> public_key(const Candidate& candidate) {
    EvpKey key;
    if (candidate.certificate.empty()) {
        const auto* next = as_uchar(candidate.key);
        key.reset(d2i_PUBKEY(nullptr, &next, static_cast<long>(candidate.key.size())));
        if (key && next != as_uchar(candidate.key) + candidate.key.size()) key.reset();
    } else if (const auto certificate = certificate_of(candidate.certificate)) {
        key.reset(X509_get_pubkey(certificate.get()));
    }
    ERR_clear_error();
    if (!key) return fail(ErrorCode::crypto, "a certificate or key that cannot be read");
    if (EVP_PKEY_get_security_bits(key.get()) < 112)
        return fail(ErrorCode::crypto,
                    fmt::format("a key of {} bits is too small", EVP_PKEY_get_bits(key.get())));
    return key;
}

Result<RimSigner> trusted_signer(const Candidate& candidate, const std::vector<Bytes>& others,
                                 const RimTrust& trust) {
    if (!candidate.certificate.empty()) return trusted_certificate(candidate, others, trust);
    if (std::ranges::find(trust.keys, candidate.key) == trust.keys.end())
        return fail(ErrorCode::refused, "signed by a key that is not trusted");
    return RimSigner{.subject = "public key",
                     .sha256 = sha256(candidate.key),
                     .by_certificate = false,
                     .algorithm = {},
                     .trusted_by = {},
                     .not_before = {},
                     .not_after = {}};
}

}  // namespace assay::rim
