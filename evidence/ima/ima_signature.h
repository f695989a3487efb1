#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// Signatures of files as IMA measures them: the field "sig" of the templates ima-sig and ima-sigv2.
/// (security/integrity/integrity.h, signature_v2_hdr; security/integrity/digsig_asymmetric.c)
namespace assay::tcg {

/// signature_v2_hdr, big-endian: u8 type, u8 version, u8 hash, u32 key id, u16 size, signature.
struct ImaSignature {
    enum class Kind : std::uint8_t {
        file,    ///< type 3, version 2: over the file's digest
        verity,  ///< type 6, version 3: over ima_file_id of the file's fs-verity digest
    };
    Kind kind = Kind::file;
    HashAlgorithm hash = HashAlgorithm::sha256;  ///< of the file's digest
    std::array<std::byte, 4> key_id{};           ///< a hint at the key, and nothing more
    Bytes signature;
};

/// All of `bytes`. `unsupported` for other types, versions and hashes (a plain hash is type 1 or 4).
Result<ImaSignature> parse_ima_signature(ByteView bytes);

/// Someone's public key: RSA (PKCS #1 v1.5) or ECDSA. Movable, not copyable.
class ImaSigner {
  public:
    /// SubjectPublicKeyInfo in DER.
    static Result<ImaSigner> from_public_key(ByteView spki);
    ImaSigner(ImaSigner&&) noexcept;
    ImaSigner& operator=(ImaSigner&&) noexcept;
    ~ImaSigner();

    /// The last four bytes of the SHA-1 of the key: what a signature's key id is. (public_key's SKI)
    [[nodiscard]] const std::array<std::byte, 4>& key_id() const { return key_id_; }
    /// Whether this key made the signature over a file with this digest. The key id is not looked at.
    [[nodiscard]] bool verifies(const ImaSignature& signature, ByteView file_digest) const;

  private:
    struct Key;
    ImaSigner(std::unique_ptr<Key> key, std::array<std::byte, 4> key_id);
    std::unique_ptr<Key> key_;
    std::array<std::byte, 4> key_id_{};
};

}  // namespace assay::tcg
