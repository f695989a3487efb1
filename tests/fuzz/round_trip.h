#pragma once

#include <cstdint>
#include <cstdlib>

#include "evidence/base/bytes.h"

namespace assay::fuzz {

inline ByteView view_of(const std::uint8_t* data, std::size_t size) {
    return std::as_bytes(std::span(data, size));
}

/// What decodes has one encoding: the bytes that it was decoded from.
template <typename Decode, typename Encode>
void round_trip(ByteView bytes, Decode decode, Encode encode) {
    const auto value = decode(bytes);
    if (value && !equal(encode(*value), bytes)) std::abort();
}

}  // namespace assay::fuzz
