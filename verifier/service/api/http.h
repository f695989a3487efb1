#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/result.h"

/// Requests and answers as the endpoints see them: no socket, no TLS, no parser.
namespace assay::api {

/// HEAD is the server's business: endpoints answer it as GET, and the body stays behind.
enum class Verb : std::uint8_t { get, post };
std::string_view to_string(Verb verb);

/// Who may call. `agent` needs no certificate: an agent's evidence is its authentication. From `viewer` on it
/// is the role of an operator's certificate: a set, no ladder, so that no certificate gives two of the inputs
/// that a verdict on a device needs.
enum class Role : std::uint8_t {
    anyone,
    agent,
    viewer,
    operator_,   ///< tokens, purchase lists, endorsements, replacements
    keeper,      ///< the directory of persons
    order_feed,  ///< work orders, of its own issuer
    badge_feed,  ///< badge rows, of its own source
    desk,        ///< opens and closes work sessions
    reviewer,    ///< acknowledges
    admin        ///< labels, policies
};
std::string_view to_string(Role role);  ///< "operator" for operator_, "order-feed", "badge-feed"
/// Whoever has `has` may do what `wanted` may: each operator may look, `admin` is an operator too, and nobody
/// is more than that.
bool includes(Role has, Role wanted);
/// Of one feed: its certificate says of which.
bool is_feed(Role role);
/// A verdict may depend on what it does: its certificate says who keeps the key.
bool needs_person(Role role);
Result<Role> role_from_name(std::string_view name);

/// Who is calling, as the server found out.
struct Caller {
    Role role = Role::anyone;      ///< `anyone` without a valid certificate of a known operator
    bool has_certificate = false;  ///< a certificate was shown, known or not
    std::string name;              ///< the operator's; empty without one
    std::string person = {};       ///< who keeps its key; empty: not known
    std::string feed = {};         ///< of order_feed the issuer, of badge_feed the source

    /// As acts name it: "operator:otto", "feed:doors"; empty without a certificate of a known operator.
    [[nodiscard]] std::string hand() const;
};

struct Request {
    Verb verb = Verb::get;
    std::string path;                               ///< as received, without the query
    std::map<std::string, std::string> query;       ///< decoded; each name once
    std::map<std::string, std::string> parameters;  ///< from the path's pattern, decoded
    std::string content_type;                       ///< without parameters, lower case
    std::string body;
    Caller caller;
    std::string source;  ///< the client's address: IPv4, or the /64 of IPv6
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::map<std::string, std::string> headers;
};

/// `text` is JSON.
Response json_response(std::string text, int status = 200);

/// application/problem+json (RFC 9457) with the error's code; the one place that maps errors to HTTP codes.
/// What only concerns the verifier itself (io, tpm, internal) goes to the log, and the answer says no more
/// than that.
Response problem(const Error& error);
Response problem(int status, std::string_view code, std::string_view detail);
/// With further members.
Response problem(int status, std::string_view code, std::string_view detail, const nlohmann::json& more);
/// 503 with `Retry-After`: a share is used up, and will be free again in seconds.
Response busy(std::string_view detail);
int http_status(ErrorCode code);

/// Splits "/path?a=b&c=d" and decodes the query. `malformed`: a bad escape, a name twice, text that is not
/// UTF-8 or has control characters, a path that does not begin with "/".
Result<> set_target(Request& request, std::string_view target);
/// Percent-decoding; the same rules. By hand, since it is strangers' text: docs/adr/0016.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace assay::api
