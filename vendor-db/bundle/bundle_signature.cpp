#include "vendor-db/bundle/bundle_signature.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/text.h"

namespace assay::vendors {
namespace {

using PublicOrPrivateKey = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Context = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::size_t kRawKey = 32;
constexpr std::size_t kSignature = 64;

CHandle<BIO, BIO_free> reading(std::string_view text) {
    return CHandle<BIO, BIO_free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Without this OpenSSL asks at the terminal.
int give_passphrase(char* out, int size, int /*writing*/, void* passphrase) {
    const auto& text = *static_cast<const std::string*>(passphrase);
    if (size < 0 || text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(out, text.data(), text.size());
    return static_cast<int>(text.size());
}

Result<BundleKey> key_of(const EVP_PKEY* key, std::string name) {
    if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519)
        return fail(ErrorCode::unsupported,
                    name + ": not an Ed25519 key; make one with: openssl genpkey -algorithm ed25519");
    BundleKey out{Bytes(kRawKey), {}, std::move(name)};
    std::size_t size = out.raw.size();
    if (EVP_PKEY_get_raw_public_key(key, as_writable_uchar(out.raw), &size) != 1 || size != kRawKey)
        return fail(ErrorCode::crypto, out.name + ": a key that OpenSSL cannot give out");
    out.id = sha256(out.raw);
    return out;
}

}  // namespace

Result<BundleKey> BundleKey::from_pem(std::string name, std::string_view pem) {
    name = printable(name);
    if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
        return fail(
            ErrorCode::refused,
            name + ": a private key, where only public ones belong; give out: openssl pkey -in KEY -pubout");
    const auto bio = reading(pem);
    const PublicOrPrivateKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return fail(ErrorCode::crypto, name + ": no public key in PEM");
    return key_of(key.get(), std::move(name));
}

Bytes signed_message(ByteView content) {
    auto message = to_bytes(kBundleProduct);
    message.push_back(std::byte{0});
    const auto digest = sha256(content);
    message.insert(message.end(), digest.view().begin(), digest.view().end());
    return message;
}

Result<BundleSignature> sign_content(ByteView content, std::string_view pem, const std::string& passphrase) {
    const auto bio = reading(pem);
    auto secret = passphrase;
    const PublicOrPrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &secret));
    if (!key)
        return fail(ErrorCode::crypto,
                    "no private key in PEM that can be opened; an encrypted one needs its passphrase");
    const auto signer = TRY(key_of(key.get(), "the signing key"));
    const auto message = signed_message(content);
    const Context context(EVP_MD_CTX_new());
    BundleSignature out{signer.id, Bytes(kSignature)};
    std::size_t size = out.signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), as_writable_uchar(out.signature), &size, as_uchar(message),
                       message.size()) != 1 ||
        size != kSignature) {
        return fail(ErrorCode::crypto, "OpenSSL could not sign");
    }
    return out;
}

bool verifies(const BundleSignature& signature, const BundleKey& key, ByteView content) {
    const PublicOrPrivateKey opened(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_uchar(key.raw), key.raw.size()));
    const Context context(EVP_MD_CTX_new());
    const auto message = signed_message(content);
    return signature.key == key.id && opened && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, opened.get()) == 1 &&
           EVP_DigestVerify(context.get(), as_uchar(signature.signature), signature.signature.size(),
                            as_uchar(message), message.size()) == 1;
}

}  // namespace assay::vendors
