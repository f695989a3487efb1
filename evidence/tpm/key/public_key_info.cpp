#include "evidence/tpm/key/public_key_info.h"

#include <span>

#include <openssl/x509.h>

#include "evidence/tpm/key/openssl_key.h"

namespace assay::tcg {
namespace {

void free_der(unsigned char* der) {
    OPENSSL_free(der);
}

}  // namespace

Result<Bytes> subject_public_key_info(const TpmPublic& key) {
    const auto made = TRY(openssl_key(key));
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(made.get(), &der);
    if (size <= 0) return fail(ErrorCode::crypto, "SubjectPublicKeyInfo: " + openssl_error());
    const CHandle<unsigned char, free_der> owner(der);
    return to_bytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
}

}  // namespace assay::tcg
