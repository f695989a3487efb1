#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "evidence/base/limits.h"
#include "verifier/service/api/http.h"
#include "verifier/service/shared/service.h"

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

/// From the path's pattern, decoded.
using Parameters = std::map<std::string, std::string>;

struct Endpoint {
    Verb verb;
    std::string_view path;  ///< a literal: "/v1/hosts/{host}/evidence"
    RequiredRole role;
    std::string_view summary;
    Result<Response> (*handler)(const Request&, Service&);
    std::string_view accepts = {};               ///< content type of the body; empty where there is none
    std::size_t body_limit = limits::kJsonBody;  ///< bytes, for those that accept one
    /// Answers at once, whatever else goes on: it has threads of its own, that no evidence is judged on.
    bool quick = false;
    /// Looks at nothing but the request and memory, for microseconds: answered by the thread that read it.
    bool from_memory = false;
    /// Whose it is too.
    std::optional<Role> or_role = std::nullopt;
    /// Where there is one: how many bytes this very request may send, or what it is answered without a byte
    /// read.
    std::expected<std::size_t, Response> (*admit)(const Parameters&, const Request&, Service&) = nullptr;
};

bool may_call(const Endpoint& endpoint, Role role);

/// Every endpoint, in the order of endpoints.inc.
std::span<const Endpoint> all_endpoints();

/// What is to be done with a request whose body was not read yet.
struct Plan {
    const Endpoint* endpoint = nullptr;  ///< never null
    Parameters parameters;
    std::size_t body_limit = 0;  ///< bytes; 0 where the endpoint takes no body
};

/// A request that no endpoint will see.
struct Refusal {
    Response response;
    std::string_view reason;             ///< "path", "method", "role", "type", "length", "ticket"
    const Endpoint* endpoint = nullptr;  ///< that was asked for; null where there is none
};

/// Decides before a byte of the body: path, verb, role, content type, claimed length, in this order. `head`
/// has all but parameters and body; `claimed_length` is 0 where none is claimed.
std::expected<Plan, Refusal> plan(const Request& head, std::uint64_t claimed_length);
/// The same, and then what the endpoint itself asks of this request: Endpoint::admit.
std::expected<Plan, Refusal> plan(const Request& head, std::uint64_t claimed_length, Service& service);

/// For a method that no endpoint has: 405 with the path's own methods in `Allow`, or 404.
Refusal refuse_method(std::string_view path);

/// What the planned endpoint answers; `request` with its body. An exception is a 500, a body above the plan's
/// limit a 413. Counts and times it in the service's metrics.
Response handle(Plan plan, Request request, Service& service);

/// Counts a refusal in the service's metrics, and is its answer.
Response refused(Refusal refusal, Service& service);

/// The whole way of one request, body and all: `plan`, then `handle` or `refused`.
Response dispatch(Request request, Service& service);

/// What `--list-endpoints` prints: one "VERB path  role  summary" a line.
std::string list_endpoints();

}  // namespace assay::api
