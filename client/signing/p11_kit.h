#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "client/lazy_library.h"

namespace assay::client {

/// p11-kit's functions by their names without p11_kit_.
struct P11Kit {
#define P11_KIT_FUNCTION(name)                                                        \
    decltype(&::p11_kit_##name) name = reinterpret_cast<decltype(&::p11_kit_##name)>( \
        library_function("libp11-kit.so.0", "p11_kit_" #name));
#include "client/signing/p11_kit.inc"
#undef P11_KIT_FUNCTION
};

/// Loaded at the first call.
inline const P11Kit& p11_kit() {
    static const P11Kit functions;
    return functions;
}

}  // namespace assay::client
