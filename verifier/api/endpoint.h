#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "evidence/base/limits.h"
#include "verifier/api/http.h"
#include "verifier/api/service.h"

namespace assay::api {

/// A role that has no default: an Endpoint that does not name one does not compile.
class RequiredRole {
  public:
    RequiredRole() = delete;
    constexpr RequiredRole(Role role)
        : role_(role) {}  // NOLINT(google-explicit-constructor): reads as a role
    [[nodiscard]] constexpr Role get() const { return role_; }

  private:
    Role role_;
};

struct Endpoint {
    Verb verb;
    std::string_view path;  ///< a literal: "/v1/hosts/{host}/evidence"
    RequiredRole role;
    std::string_view summary;
    Result<Response> (*handler)(const Request&, Service&);
    std::string_view accepts = {};               ///< content type of the body; empty where there is none
    std::size_t body_limit = limits::kJsonBody;  ///< bytes, for those that accept one
};

/// Every endpoint, in the order of endpoints.inc.
std::span<const Endpoint> all_endpoints();

/// Bytes that may be read as the body of this request, before anything else is known of it: 0 for a path or
/// verb that is not there, or takes none.
std::size_t body_limit(Verb verb, std::string_view path);

/// The whole way of one request: path, verb, role, content type, handler, error. An exception is a 500.
/// Counts and times it in the service's metrics.
Response dispatch(Request request, Service& service);

/// What `--list-endpoints` prints: one "VERB path  role  summary" a line.
std::string list_endpoints();

}  // namespace assay::api
