#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::client {

/// `text` as a path segment or query value: everything but unreserved characters as %XX (RFC 3986, 2.3).
std::string percent_encoded(std::string_view text);

/// "verifier.example:8443", "[::1]:8443": a host's name or address and a port as a URL has them (RFC 3986,
/// 3.2.2).
std::string authority(std::string_view host, std::uint16_t port);
/// "https://" and that.
std::string https_url(std::string_view host, std::uint16_t port);

}  // namespace assay::client
