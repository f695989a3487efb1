#pragma once

#include <string>
#include <string_view>

namespace assay::client {

/// `text` as a path segment or query value: everything but unreserved characters as %XX (RFC 3986, 2.3).
std::string percent_encoded(std::string_view text);

}  // namespace assay::client
