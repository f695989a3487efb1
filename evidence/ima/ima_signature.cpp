#include "evidence/ima/ima_signature.h"

#include <algorithm>
#include <span>

#include <openssl/x509.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/limits.h"
#include "evidence/tpm/key/openssl_key.h"

namespace assay::tcg {
namespace {

constexpr std::uint8_t kDigitalSignature = 3;  // EVM_IMA_XATTR_DIGSIG
constexpr std::uint8_t kVeritySignature = 6;   // IMA_VERITY_DIGSIG
constexpr std::uint8_t kFileVersion = 2;
constexpr std::uint8_t kVerityVersion = 3;

// enum hash_algo (include/uapi/linux/hash_info.h)
constexpr std::uint8_t kIdSha1 = 2;
constexpr std::uint8_t kIdSha256 = 4;
constexpr std::uint8_t kIdSha384 = 5;
constexpr std::uint8_t kIdSha512 = 6;

std::optional<HashAlgorithm> hash_of(std::uint8_t id) {
    switch (id) {
        case kIdSha1:
            return HashAlgorithm::sha1;
        case kIdSha256:
            return HashAlgorithm::sha256;
        case kIdSha384:
            return HashAlgorithm::sha384;
        case kIdSha512:
            return HashAlgorithm::sha512;
        default:
            return std::nullopt;
    }
}

std::uint8_t id_of(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return kIdSha1;
        case HashAlgorithm::sha256:
            return kIdSha256;
        case HashAlgorithm::sha384:
            return kIdSha384;
        case HashAlgorithm::sha512:
            return kIdSha512;
    }
    return 0;
}

}  // namespace

Result<ImaSignature> parse_ima_signature(ByteView bytes) {
    return parse_exact(bytes, "IMA signature", [](ByteReader& in) {
        ImaSignature out;
        const auto type = in.u8("type");
        const auto version = in.u8("version");
        const bool verity = type == kVeritySignature && version == kVerityVersion;
        if (!verity && (type != kDigitalSignature || version != kFileVersion))
            in.fail_at(0, ErrorCode::unsupported, "neither a signature of version 2 nor one of fs-verity");
        out.kind = verity ? ImaSignature::Kind::verity : ImaSignature::Kind::file;
        const auto at = in.offset();
        const auto hash = hash_of(in.u8("hash"));
        if (!hash) in.fail_at(at, ErrorCode::unsupported, "a hash that is not known here");
        if (hash) out.hash = *hash;
        const auto key_id = in.bytes(out.key_id.size(), "key id");
        const std::size_t size = in.u16be("signature size");
        const auto signature = in.bytes(size, limits::kSignature, "signature");
        if (!in.ok()) return out;
        std::ranges::copy(key_id, out.key_id.begin());
        out.signature = to_bytes(signature);
        return out;
    });
}

struct ImaSigner::Key {
    EvpKey key;
};

ImaSigner::ImaSigner(std::unique_ptr<Key> key, std::array<std::byte, 4> key_id)
    : key_(std::move(key)), key_id_(key_id) {}
ImaSigner::ImaSigner(ImaSigner&&) noexcept = default;
ImaSigner& ImaSigner::operator=(ImaSigner&&) noexcept = default;
ImaSigner::~ImaSigner() = default;

Result<ImaSigner> ImaSigner::from_public_key(ByteView spki) {
    const auto* at = as_uchar(spki);
    const auto* const end = at + spki.size();
    const CHandle<X509_PUBKEY, X509_PUBKEY_free> info(
        d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (!info || at != end) return fail(ErrorCode::malformed, "no public key in DER: " + openssl_error());
    auto key = std::make_unique<Key>();
    key->key.reset(X509_PUBKEY_get(info.get()));
    const int type = key->key ? EVP_PKEY_get_base_id(key->key.get()) : EVP_PKEY_NONE;
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
        return fail(ErrorCode::unsupported, "neither an RSA nor an EC key: " + openssl_error());
    const unsigned char* bits = nullptr;
    int size = 0;
    X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, info.get());
    const auto ski =
        hash(HashAlgorithm::sha1, {std::as_bytes(std::span(bits, static_cast<std::size_t>(size)))});
    std::array<std::byte, 4> key_id{};
    std::ranges::copy(ski.view().last(key_id.size()), key_id.begin());
    return ImaSigner(std::move(key), key_id);
}

bool ImaSigner::verifies(const ImaSignature& signature, ByteView file_digest) const {
    if (file_digest.size() != digest_size(signature.hash)) return false;
    auto signed_digest = to_bytes(file_digest);
    if (signature.kind == ImaSignature::Kind::verity) {  // calc_file_id_hash, ima_file_id
        const auto id = ByteWriter().u8(kVeritySignature).u8(id_of(signature.hash)).bytes(file_digest).take();
        signed_digest = to_bytes(hash(signature.hash, {id}).view());
    }
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_->key.get(), nullptr));
    const auto* md = EVP_get_digestbyname(openssl_digest_name(signature.hash));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), md) != 1)
        return openssl_error(), false;
    const auto verdict =
        EVP_PKEY_verify(context.get(), as_uchar(signature.signature), signature.signature.size(),
                        as_uchar(signed_digest), signed_digest.size());
    if (verdict != 1) openssl_error();  // the queue is left empty
    return verdict == 1;
}

}  // namespace assay::tcg
