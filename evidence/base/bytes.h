#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;  ///< borrowed: valid as long as what it was made from

inline ByteView as_view(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT: std::byte may alias char
}
inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}
inline Bytes to_bytes(std::string_view text) {
    return to_bytes(as_view(text));
}
inline bool equal(ByteView a, ByteView b) {
    return as_text(a) == as_text(b);
}

inline const unsigned char* as_uchar(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT: what C libraries take
}
inline unsigned char* as_writable_uchar(std::span<std::byte> bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());  // NOLINT: what C libraries take
}

}  // namespace assay
