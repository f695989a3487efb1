#include "client/signing/signing_key.h"

#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "evidence/base/text.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::client {
namespace {

using Store = CHandle<OSSL_STORE_CTX, OSSL_STORE_close>;
using Info = CHandle<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
using Context = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

bool is_ed25519(const EVP_PKEY* key) {
    return EVP_PKEY_is_a(key, "ED25519") == 1;
}

}  // namespace

Result<SigningKey> SigningKey::open(const std::string& file_or_uri) {
    if (file_or_uri.starts_with("pkcs11:")) return SigningKey(TRY(TokenKey::open(file_or_uri)));
    const Store store(OSSL_STORE_open(file_or_uri.c_str(), UI_OpenSSL(), nullptr, nullptr, nullptr));
    if (!store) {
        return fail(ErrorCode::not_found,
                    printable(file_or_uri) +
                        ": OpenSSL cannot open it; expected a PEM file, or \"pkcs11:token=NAME\"");
    }
    while (OSSL_STORE_eof(store.get()) == 0) {
        const Info info(OSSL_STORE_load(store.get()));
        if (!info || OSSL_STORE_INFO_get_type(info.get()) != OSSL_STORE_INFO_PKEY) continue;
        Key key(OSSL_STORE_INFO_get1_PKEY(info.get()));
        if (!key || (!is_ed25519(key.get()) && EVP_PKEY_is_a(key.get(), "EC") != 1)) {
            return fail(ErrorCode::unsupported,
                        printable(file_or_uri) +
                            ": expected an Ed25519 or P-256 key, got another; make one with: openssl genpkey "
                            "-algorithm ed25519 -out KEY.pem");
        }
        return SigningKey(std::move(key));
    }
    return fail(ErrorCode::not_found,
                printable(file_or_uri) + ": no private key in it, or the passphrase was wrong");
}

Result<Bytes> SigningKey::public_key() const {
    if (token_) return token_->public_key();
    const int size = i2d_PUBKEY(key_.get(), nullptr);
    if (size <= 0) return fail(ErrorCode::crypto, "the key does not give its public part");
    Bytes out(static_cast<std::size_t>(size));
    auto* at = as_writable_uchar(out);
    i2d_PUBKEY(key_.get(), &at);
    return out;
}

Result<Bytes> SigningKey::sign(std::string_view text) const {
    if (token_) {
        auto out = TRY(token_->sign(text));
        // A token may show another key's public half under this key's id.
        if (!TRY(session_signature_verifies(token_->public_key(), text, out)))
            return fail(ErrorCode::crypto, "the token's signature is not of the public key that it shows");
        return out;
    }
    const Context context(EVP_MD_CTX_new());
    const auto bytes = as_view(text);
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), nullptr, is_ed25519(key_.get()) ? nullptr : "SHA256", nullptr,
                              nullptr, key_.get(), nullptr) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, as_uchar(bytes), bytes.size()) != 1) {
        return fail(ErrorCode::crypto, "the key does not sign");
    }
    Bytes out(size);
    if (EVP_DigestSign(context.get(), as_writable_uchar(out), &size, as_uchar(bytes), bytes.size()) != 1)
        return fail(ErrorCode::crypto, "the key does not sign");
    out.resize(size);
    return out;
}

}  // namespace assay::client
