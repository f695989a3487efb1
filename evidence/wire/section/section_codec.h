#pragma once

#include "evidence/codec/fields.h"

namespace assay::wire {

/// A section's payload: at most limits::kSection bytes.
template <typename T, typename Shape>
Result<T> decode_section(const Shape& shape, ByteView bytes, std::string_view name) {
    return decode_document<T>(shape, bytes, name, limits::kSection);
}

}  // namespace assay::wire
