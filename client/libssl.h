#pragma once

#include <openssl/ssl.h>

#include "client/lazy_library.h"

namespace assay::client {

/// Those functions of the libssl that libcurl uses by which one looks at a handshake.
struct LibSsl {
#define SSL_FUNCTION(name) \
    decltype(&::name) name = reinterpret_cast<decltype(&::name)>(library_function("libssl.so.3", #name));
#include "client/libssl.inc"
#undef SSL_FUNCTION
};

/// Loaded at the first call.
inline const LibSsl& libssl() {
    static const LibSsl functions;
    return functions;
}

}  // namespace assay::client
