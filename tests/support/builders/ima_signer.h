#pragma once

#include <openssl/x509.h>

#include "evidence/base/byte_writer.h"
#include "evidence/ima/ima_signature.h"
#include "tests/support/tpm/tpm_builder.h"

namespace assay::test {

/// The SubjectPublicKeyInfo of a test key.
inline Bytes ima_public_key(Key key) {
    Bytes out(static_cast<std::size_t>(i2d_PUBKEY(shared_key(key), nullptr)));
    auto* to = as_writable_uchar(out);
    i2d_PUBKEY(shared_key(key), &to);
    return out;
}

/// What security.ima holds of a file with this SHA-256, signed by a test key.
inline Bytes ima_signature(Key key, const Digest& file,
                           tcg::ImaSignature::Kind kind = tcg::ImaSignature::Kind::file) {
    const bool verity = kind == tcg::ImaSignature::Kind::verity;
    const auto digest = verity ? sha256(ByteWriter().u8(6).u8(4).bytes(file.view()).take()) : file;
    const CHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(shared_key(key), nullptr));
    std::size_t size = 1024;
    Bytes signature(size);
    require(EVP_PKEY_sign_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
                EVP_PKEY_sign(context.get(), as_writable_uchar(signature), &size, as_uchar(digest.view()),
                              digest.view().size()) == 1,
            "sign");
    signature.resize(size);
    const auto key_id = tcg::ImaSigner::from_public_key(ima_public_key(key))->key_id();
    return ByteWriter()
        .u8(verity ? 6 : 3)
        .u8(verity ? 3 : 2)
        .u8(4)
        .bytes(key_id)
        .u16be(static_cast<std::uint16_t>(size))
        .bytes(signature)
        .take();
}

}  // namespace assay::test
