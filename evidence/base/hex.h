#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::size_t kSha256Digits = 64;  ///< of a SHA-256 in hexadecimal

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);
/// Four digits, the most significant first: "8086".
std::string hex4(std::uint16_t value);

/// Upper or lower case, no separators; at most `limit` bytes come out.
Result<Bytes> from_hex(std::string_view text, std::size_t limit);

/// RFC 4648 section 5 (URL and file-name safe), without padding.
std::string to_base64url(ByteView bytes);
/// Strict: no padding, no white space, no bits set beyond the last byte; at most `limit` bytes come out.
Result<Bytes> from_base64url(std::string_view text, std::size_t limit);

}  // namespace assay
