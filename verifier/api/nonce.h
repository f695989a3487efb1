#pragma once

#include <cstdint>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// A challenge's nonce that needs no state on the verifier: every copy that shares the key can check it.
/// 32 bytes: issue time (4, Unix seconds, big-endian) || random (12) ||
/// HMAC-SHA256(key, "assay-nonce-v1" || 0 || host || 0 || time || random), its first 16 bytes.
namespace assay::api {

/// Fresh, for `host`, issued at `now`. `crypto` where there is no randomness.
Result<Bytes> make_nonce(ByteView key, std::string_view host, std::int64_t now);

/// When it was issued, if this verifier issued it for this host and it is not older than `lifetime_s`; else
/// `conflict` beginning "nonce". That it is used once is the store's to see to.
Result<std::int64_t> check_nonce(ByteView key, std::string_view host, ByteView nonce, std::int64_t now,
                                 std::int64_t lifetime_s);

/// Random bytes of OpenSSL's generator.
Result<Bytes> random_bytes(std::size_t size);
/// In time that depends on the sizes alone.
bool equal_secrets(ByteView a, ByteView b);

}  // namespace assay::api
