#pragma once

#include <string>
#include <string_view>

#include "vendor-db/bundle/bundle.h"

/// Ed25519 (RFC 8032) over vendor bundles, with OpenSSL.
namespace assay::vendors {

/// A signer's public key.
struct BundleKey {
    Bytes raw;         ///< 32 bytes (RFC 8032, 5.1.5)
    Digest id;         ///< SHA-256 of `raw`
    std::string name;  ///< for messages: the file it was read from

    /// `crypto` for what is no public key, `unsupported` for one that is not Ed25519. A private key is
    /// refused: it does not belong where public keys do.
    static Result<BundleKey> from_pem(std::string name, std::string_view pem);
};

/// What a signature of a bundle's content is over: domain, a zero byte, SHA-256 of the content; 55 bytes.
Bytes signed_message(ByteView content);

/// `pem`: an Ed25519 private key in PEM, PKCS #8; `passphrase` where it is encrypted.
Result<BundleSignature> sign_content(ByteView content, std::string_view pem, const std::string& passphrase);

/// True only where the signature is the key's, over this content.
bool verifies(const BundleSignature& signature, const BundleKey& key, ByteView content);

}  // namespace assay::vendors
