#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay {

/// TPM_ALG_ID of the hashes that Assay knows (TCG Algorithm Registry). SHA-1 only to replay old logs, never
/// to trust.
enum class HashAlgorithm : std::uint16_t { sha1 = 0x0004, sha256 = 0x000b, sha384 = 0x000c, sha512 = 0x000d };

/// "sha1", "sha256", "sha384", "sha512".
std::string_view to_string(HashAlgorithm algorithm);
Result<HashAlgorithm> hash_algorithm_from_name(std::string_view name);
/// From the 16-bit TPM_ALG_ID on the wire; `unsupported` for every other value.
Result<HashAlgorithm> hash_algorithm_from_id(std::uint16_t id);
/// Bytes of one digest: 20, 32, 48, 64.
std::size_t digest_size(HashAlgorithm algorithm);

/// A digest by value: no allocation, compared over its own size.
class Digest {
  public:
    static constexpr std::size_t kMaxSize = 64;

    Digest() = default;  ///< SHA-256 of nothing known: all zero
    /// All bytes `fill`: a PCR's reset value.
    static Digest filled(HashAlgorithm algorithm, std::byte fill);
    /// `malformed` unless `bytes` has exactly the algorithm's size.
    static Result<Digest> from_bytes(HashAlgorithm algorithm, ByteView bytes);

    [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
    [[nodiscard]] ByteView view() const { return ByteView(bytes_).first(digest_size(algorithm_)); }
    [[nodiscard]] std::string hex() const;
    [[nodiscard]] bool is_filled_with(std::byte value) const;

    auto operator<=>(const Digest&) const = default;

  private:
    friend class Hasher;
    HashAlgorithm algorithm_ = HashAlgorithm::sha256;
    std::array<std::byte, kMaxSize> bytes_{};  // beyond digest_size: always zero
};

/// Incremental hashing. The algorithm is fetched once per thread (EVP_MD_fetch) and the context is kept.
class Hasher {
  public:
    explicit Hasher(HashAlgorithm algorithm);
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    ~Hasher();
    Hasher& update(ByteView bytes);
    Hasher& update(std::string_view text) { return update(as_view(text)); }
    [[nodiscard]] Digest finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
    HashAlgorithm algorithm_;
};

/// The digest of the concatenation of `parts`.
Digest hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts);
inline Digest sha256(ByteView bytes) {
    return hash(HashAlgorithm::sha256, {bytes});
}

/// PCR extend: H(old || digest), in the PCR's own algorithm. (TPM 2.0 Part 1, 17.2)
Digest extend(const Digest& old, const Digest& with);

}  // namespace assay
