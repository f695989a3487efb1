#include "verifier/service/api/http.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay::api {
namespace {

constexpr int kUnprocessable = 422;

std::string_view title(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case kUnprocessable:
            return "Unprocessable Content";
        case 431:
            return "Request Header Fields Too Large";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        default:
            return "Internal Server Error";
    }
}

}  // namespace

std::string_view to_string(Verb verb) {
    return verb == Verb::get ? "GET" : "POST";
}

std::string_view to_string(Role role) {
    switch (role) {
        case Role::anyone:
            return "anyone";
        case Role::agent:
            return "agent";
        case Role::viewer:
            return "viewer";
        case Role::operator_:
            return "operator";
        case Role::keeper:
            return "keeper";
        case Role::order_feed:
            return "order-feed";
        case Role::badge_feed:
            return "badge-feed";
        case Role::desk:
            return "desk";
        case Role::reviewer:
            return "reviewer";
        case Role::admin:
            return "admin";
    }
    return "unknown";
}

Result<Role> role_from_name(std::string_view name) {
    for (const auto role : {Role::viewer, Role::operator_, Role::keeper, Role::order_feed, Role::badge_feed,
                            Role::desk, Role::reviewer, Role::admin}) {
        if (to_string(role) == name) return role;
    }
    return fail(ErrorCode::usage,
                fmt::format("role: expected viewer, operator, keeper, order-feed, badge-feed, desk, reviewer "
                            "or admin, got \"{}\"",
                            printable(shortened(name, 32))));
}

bool includes(Role has, Role wanted) {
    if (has == wanted || wanted <= Role::agent) return true;
    if (has <= Role::agent) return false;
    return wanted == Role::viewer || (has == Role::admin && wanted == Role::operator_);
}

bool is_feed(Role role) {
    return role == Role::order_feed || role == Role::badge_feed;
}

bool needs_person(Role role) {
    return role > Role::operator_;
}

std::string Caller::hand() const {
    if (role <= Role::agent) return {};
    return (is_feed(role) ? "feed:" : "operator:") + name;
}

Response json_response(std::string text, int status) {
    return {status, "application/json", std::move(text), {}};
}

int http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
        case ErrorCode::truncated:
        case ErrorCode::unsupported:
        case ErrorCode::crypto:  // a key or signature that came with the request
        case ErrorCode::usage:
            return 400;
        case ErrorCode::refused:
            return 403;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::limit:
            return 413;
        case ErrorCode::io:
            return 503;
        case ErrorCode::tpm:
        case ErrorCode::internal:
            return 500;
    }
    return 500;
}

Response problem(int status, std::string_view code, std::string_view detail, const nlohmann::json& more) {
    nlohmann::json body = {{"type", "about:blank"},
                           {"title", title(status)},
                           {"status", status},
                           {"code", code},
                           {"detail", detail}};
    body.update(more);
    return {status,
            "application/problem+json",
            body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
            {}};
}

Response problem(int status, std::string_view code, std::string_view detail) {
    return problem(status, code, detail, nlohmann::json::object());
}

Response busy(std::string_view detail) {
    auto response = problem(503, "io", detail);
    response.headers["Retry-After"] = "2";  // seconds
    return response;
}

Response problem(const Error& error) {
    const int status = http_status(error.code);
    if (status == 500)
        return problem(status, "internal", "an error in the verifier; its log has the details");
    if (status == 503)
        return problem(status, "io", "the verifier cannot reach its database; try again later");
    auto detail = error.context;
    if (error.offset) detail += fmt::format(" (at byte {})", *error.offset);
    return problem(status, to_string(error.code), detail);
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2), 1);
        if (!byte || byte->size() != 1) return fail(ErrorCode::malformed, "URL: a bad percent escape");
        out.push_back(static_cast<char>(byte->front()));
        i += 2;
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!is_utf8(out) || std::ranges::any_of(out, control)) {
        return fail(ErrorCode::malformed, "URL: not text");
    }
    return out;
}

Result<> set_target(Request& request, std::string_view target) {
    if (!target.starts_with('/'))
        return fail(ErrorCode::malformed, fmt::format("URL: expected a path that begins with /, got \"{}\"",
                                                      printable(shortened(target, 64))));
    const auto mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    auto rest = target.substr(std::min(mark + 1, target.size()));
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = TRY(percent_decoded(pair.substr(0, equals)));
        auto value = TRY(percent_decoded(pair.substr(std::min(equals + 1, pair.size()))));
        if (!request.query.emplace(std::move(name), std::move(value)).second) {
            return fail(ErrorCode::malformed, "URL: a query parameter twice");
        }
    }
    return {};
}

}  // namespace assay::api
