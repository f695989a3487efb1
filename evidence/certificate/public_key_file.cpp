#include "evidence/certificate/public_key_file.h"

#include <openssl/pem.h>

#include "evidence/base/limits.h"
#include "evidence/certificate/certificate_key.h"

namespace assay::tcg {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN ";

Result<PublicKeyFile> from_pem(ByteView bytes) {
    const CHandle<BIO, BIO_free_all> bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    if (!bio) return fail(ErrorCode::crypto, "no memory for a PEM file");
    const EvpKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return fail(ErrorCode::malformed, "not a PEM public key: " + openssl_error());
    const auto numbers = key_numbers(key.get());
    if (!numbers) return fail(ErrorCode::unsupported, "a key that is neither RSA nor on P-256, -384, -521");
    PublicKeyFile file;
    file.form = "PEM";
    file.key.scheme = {};
    std::visit([&](const auto& each) { file.key.key = each; }, *numbers);
    return file;
}

std::size_t claimed_size(ByteView bytes) {
    return (std::to_integer<std::size_t>(bytes[0]) << 8U) + std::to_integer<std::size_t>(bytes[1]);
}

}  // namespace

Result<PublicKeyFile> parse_public_key_file(ByteView bytes) {
    if (bytes.size() > limits::kCertificate) {
        return fail(ErrorCode::limit, "public key of " + std::to_string(bytes.size()) + " bytes");
    }
    if (as_text(bytes).starts_with(kPemBegin)) return from_pem(bytes);
    // A TPMT_PUBLIC begins with its type, 0x0001 or 0x0023: sizes that no TPM2B_PUBLIC can have.
    const bool sized = bytes.size() > 2 && claimed_size(bytes) == bytes.size() - 2;
    auto key = TRY(parse_tpm_public(sized ? bytes.subspan(2) : bytes));
    return PublicKeyFile{std::move(key), true, sized ? "TPM2B_PUBLIC" : "TPMT_PUBLIC"};
}

}  // namespace assay::tcg
