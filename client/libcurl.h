#pragma once

#include <curl/curl.h>

#include "client/lazy_library.h"

namespace assay::client {

/// libcurl's functions by their names without curl_.
struct LibCurl {
#define CURL_FUNCTION(name)         \
    decltype(&::curl_##name) name = \
        reinterpret_cast<decltype(&::curl_##name)>(library_function("libcurl.so.4", "curl_" #name));
#include "client/libcurl.inc"
#undef CURL_FUNCTION
};

/// Loaded at the first call.
inline const LibCurl& libcurl() {
    static const LibCurl functions;
    return functions;
}

}  // namespace assay::client
