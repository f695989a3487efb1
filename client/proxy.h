#pragma once

#include <functional>
#include <optional>
#include <string>

#include "evidence/base/result.h"

namespace assay::client {

/// By what a connection goes.
struct Proxy {
    std::string url;      ///< for libcurl, with name and password where it has them; empty for none
    std::string shown;    ///< the same without them
    std::string without;  ///< hosts that are reached directly, as NO_PROXY lists them
};

/// `configured` before the environment: HTTPS_PROXY, then https_proxy, and NO_PROXY or no_proxy, to which the
/// loopback is added. `usage` for one that is neither http:// nor socks5h://: to a proxy that speaks TLS
/// itself another authority than the verifier's would have to be believed. Its password is in no error.
Result<Proxy> proxy_of(const std::optional<std::string>& configured,
                       const std::function<std::string(const char* name)>& environment);

}  // namespace assay::client
