#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// A challenge's nonce that needs no state on the verifier: every copy that shares the key can check it.
/// 32 bytes: issue time (4, Unix seconds, big-endian) || random (12) ||
/// HMAC-SHA256(key, "assay-nonce-v2" || 0 || time || random), its first 16 bytes. It is of no host: who asks
/// is not known, and is told nothing.
namespace assay::api {

/// Fresh, issued at `now`. `internal` where there is no randomness.
Result<Bytes> make_nonce(ByteView key, std::int64_t now);

/// When it was issued, if this verifier issued it and it is younger than `lifetime_s`; else nothing. That it
/// is used once is the store's to see to.
std::optional<std::int64_t> check_nonce(ByteView key, ByteView nonce, std::int64_t now,
                                        std::int64_t lifetime_s);

/// The first 16 bytes of HMAC-SHA256(key, domain || 0 || message).
Result<Bytes> short_code(ByteView key, std::string_view domain, ByteView message);

/// Random bytes of OpenSSL's generator.
Result<Bytes> random_bytes(std::size_t size);
/// In time that depends on the sizes alone.
bool equal_secrets(ByteView a, ByteView b);

}  // namespace assay::api
