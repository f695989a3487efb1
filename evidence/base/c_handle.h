#pragma once

#include <memory>

namespace assay {

/// A deleter that calls a C library's own function, whatever that returns.
template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

/// Owns a handle of a C library: `CHandle<BIO, BIO_free>`.
template <typename T, auto Free>
using CHandle = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace assay
