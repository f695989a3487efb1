#include "evidence/base/hex.h"

#include <array>
#include <cstdint>

namespace assay {
namespace {

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// By a character's number: the digit that it is; -1 where it is none. A table, for the store's bytes cross as
// hexadecimal, and digits of digests branch at random.
constexpr auto kHexValues = [] {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    for (std::size_t i = 0; i < kHexDigits.size(); ++i) {
        const auto digit = kHexDigits[i];
        out.at(static_cast<unsigned char>(digit)) = static_cast<std::int8_t>(i);
        if (digit >= 'a') out.at(static_cast<unsigned char>(digit - 'a' + 'A')) = static_cast<std::int8_t>(i);
    }
    return out;
}();

int hex_value(char c) {
    return kHexValues[static_cast<unsigned char>(c)];
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto value = std::to_integer<unsigned>(bytes[i]);
        out[2 * i] = kHexDigits[value >> 4U];
        out[2 * i + 1] = kHexDigits[value & 15U];
    }
    return out;
}

std::string hex4(std::uint16_t value) {
    std::string out(4, '0');
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kHexDigits[(value >> (12U - 4U * i)) & 15U];
    return out;
}

Result<Bytes> from_hex(std::string_view text, std::size_t limit) {
    if (text.size() % 2 != 0)
        return fail(ErrorCode::malformed, "hexadecimal: an odd number of digits", text.size());
    if (text.size() / 2 > limit) return fail(ErrorCode::limit, "hexadecimal: longer than allowed", limit * 2);
    Bytes out(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return fail(ErrorCode::malformed, "hexadecimal: not a digit", high < 0 ? i : i + 1);
        out[i / 2] = static_cast<std::byte>(high * 16 + low);
    }
    return out;
}

std::string to_base64url(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const auto byte : bytes) {
        buffer = (buffer << 8U) | std::to_integer<std::uint32_t>(byte);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out.push_back(kBase64Url[(buffer >> bits) & 63U]);
        }
    }
    if (bits > 0) out.push_back(kBase64Url[(buffer << (6 - bits)) & 63U]);
    return out;
}

Result<Bytes> from_base64url(std::string_view text, std::size_t limit) {
    if (text.size() / 4 * 3 > limit) return fail(ErrorCode::limit, "base64url: longer than allowed");
    if (text.size() % 4 == 1) return fail(ErrorCode::malformed, "base64url: impossible length", text.size());
    Bytes out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto value = kBase64Url.find(text[i]);
        if (value == std::string_view::npos)
            return fail(ErrorCode::malformed, "base64url: not a digit of it", i);
        buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::byte>(buffer >> bits));
            buffer &= (1U << bits) - 1U;
        }
    }
    if (buffer != 0)
        return fail(ErrorCode::malformed, "base64url: bits set beyond the last byte", text.size());
    return out;
}

}  // namespace assay
