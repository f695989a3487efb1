#include "verifier/service/api/endpoint.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"

namespace assay::api {

#define ENDPOINT(name) Endpoint name();
#include "verifier/service/api/endpoints.inc"
#undef ENDPOINT

namespace {

constexpr std::size_t kShownType = 64;  // bytes of a content type, in a message

/// The part of `path` before the next slash, taken off it.
std::string_view next_segment(std::string_view& path) {
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

std::optional<Parameters> match(std::string_view pattern, std::string_view path) {
    if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return {};
    Parameters parameters;
    while (!pattern.empty()) {
        const auto wanted = next_segment(pattern);
        const auto found = next_segment(path);
        if (!wanted.starts_with('{')) {
            if (wanted != found) return {};
            continue;
        }
        auto value = percent_decoded(found);
        if (!value || value->empty()) return {};
        parameters.emplace(wanted.substr(1, wanted.size() - 2), std::move(*value));
    }
    return parameters;
}

struct Match {
    const Endpoint* endpoint = nullptr;
    Parameters parameters;
    std::string allowed;  // the methods of the path, as in `Allow`; empty where there is no such path
};

void add_methods(std::string& allowed, Verb verb) {
    if (!allowed.empty()) allowed += ", ";
    allowed += verb == Verb::get ? "GET, HEAD" : "POST";
}

Match find(std::optional<Verb> verb, std::string_view path) {
    Match out;
    for (const auto& endpoint : all_endpoints()) {
        auto parameters = match(endpoint.path, path);
        if (!parameters) continue;
        add_methods(out.allowed, endpoint.verb);
        if (endpoint.verb != verb || out.endpoint != nullptr) continue;
        out.endpoint = &endpoint;
        out.parameters = std::move(*parameters);
    }
    return out;
}

Refusal nothing_there(const Match& found) {
    if (found.allowed.empty()) {
        return {problem(404, "not_found", "there is nothing under this path"), "path"};
    }
    auto response = problem(405, "usage", fmt::format("this path takes {}", found.allowed));
    response.headers["Allow"] = found.allowed;
    return {std::move(response), "method"};
}

/// What `operator add` needs beside name and role.
std::string_view options_of(Role role) {
    if (is_feed(role)) return " --person ID --feed NAME";
    return needs_person(role) ? " --person ID" : "";
}

/// "'operator' or 'reviewer'".
std::string roles_of(const Endpoint& endpoint) {
    auto out = fmt::format("'{}'", to_string(endpoint.role.get()));
    return endpoint.or_role ? fmt::format("{} or '{}'", out, to_string(*endpoint.or_role)) : out;
}

std::optional<Response> refused_for_role(const Endpoint& endpoint, const Caller& caller) {
    const auto wanted = endpoint.role.get();
    if (may_call(endpoint, caller.role)) return {};
    if (caller.role != Role::anyone) {
        return problem(403, "refused",
                       fmt::format("this needs the role {}, and '{}' has the role '{}': assay-verifier "
                                   "operator add NAME --role {}{}",
                                   roles_of(endpoint), caller.name, to_string(caller.role), to_string(wanted),
                                   options_of(wanted)));
    }
    return problem(
        403, "refused",
        caller.has_certificate
            ? "this certificate belongs to no operator, or was revoked"
            : fmt::format("this needs an operator's certificate with the role {}", roles_of(endpoint)));
}

Response handled(const Endpoint& endpoint, const Request& request, Service& service) {
    try {
        auto response = endpoint.handler(request, service);
        if (response) return *std::move(response);
        const auto& error = response.error();
        if (http_status(error.code) >= 500) {
            spdlog::error("{} {}: {}", to_string(endpoint.verb), endpoint.path, printable(describe(error)));
        }
        service.metrics.count_error(error.code);
        return problem(error);
    } catch (const std::exception& error) {
        spdlog::error("{} {}: exception: {}", to_string(endpoint.verb), endpoint.path,
                      printable(error.what()));
    } catch (...) {
        spdlog::error("{} {}: unknown exception", to_string(endpoint.verb), endpoint.path);
    }
    service.metrics.count_error(ErrorCode::internal);
    return problem(Error{ErrorCode::internal, "exception", {}});
}

}  // namespace

std::span<const Endpoint> all_endpoints() {
#define ENDPOINT(name) name(),
    static const std::array kEndpoints{
#include "verifier/service/api/endpoints.inc"
    };
#undef ENDPOINT
    return kEndpoints;
}

std::expected<Plan, Refusal> plan(const Request& head, std::uint64_t claimed_length) {
    auto found = find(head.verb, head.path);
    if (found.endpoint == nullptr) return std::unexpected(nothing_there(found));
    const auto& endpoint = *found.endpoint;
    if (auto refused = refused_for_role(endpoint, head.caller)) {
        return std::unexpected(Refusal{*std::move(refused), "role", &endpoint});
    }
    if (!endpoint.accepts.empty() && head.content_type != endpoint.accepts) {
        const auto said = fmt::format(
            "expected a body of type {}, got {}; give the Content-Type", endpoint.accepts,
            head.content_type.empty() ? "none" : printable(shortened(head.content_type, kShownType)));
        return std::unexpected(Refusal{problem(415, "usage", said), "type", &endpoint});
    }
    const std::size_t limit = endpoint.accepts.empty() ? 0 : endpoint.body_limit;
    if (claimed_length > limit) {
        const auto said =
            fmt::format("a body of at most {} bytes is taken here, got {}", limit, claimed_length);
        return std::unexpected(Refusal{problem(413, "limit", said), "length", &endpoint});
    }
    return Plan{&endpoint, std::move(found.parameters), limit};
}

std::expected<Plan, Refusal> plan(const Request& head, std::uint64_t claimed_length, Service& service) {
    auto planned = plan(head, claimed_length);
    if (!planned || planned->endpoint->admit == nullptr) return planned;
    auto admitted = planned->endpoint->admit(planned->parameters, head, service);
    if (!admitted) return std::unexpected(Refusal{std::move(admitted.error()), "ticket", planned->endpoint});
    planned->body_limit = std::min(planned->body_limit, *admitted);
    if (claimed_length > planned->body_limit) {
        const auto said = fmt::format("a body of at most {} bytes is taken here, got {}", planned->body_limit,
                                      claimed_length);
        return std::unexpected(Refusal{problem(413, "limit", said), "length", planned->endpoint});
    }
    return planned;
}

Refusal refuse_method(std::string_view path) {
    return nothing_there(find({}, path));
}

Response handle(Plan plan, Request request, Service& service) {
    const auto& endpoint = *plan.endpoint;
    if (request.body.size() > plan.body_limit) {
        return refused({problem(413, "limit", "the body is too large"), "length", &endpoint}, service);
    }
    const auto start = std::chrono::steady_clock::now();
    request.parameters = std::move(plan.parameters);
    auto response = handled(endpoint, request, service);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    service.metrics.request(to_string(endpoint.verb), endpoint.path, response.status, seconds.count());
    return response;
}

Response refused(Refusal refusal, Service& service) {
    service.metrics.request_refused(refusal.reason);
    if (const auto* endpoint = refusal.endpoint) {
        service.metrics.request(to_string(endpoint->verb), endpoint->path, refusal.response.status, 0);
    }
    return std::move(refusal.response);
}

Response dispatch(Request request, Service& service) {
    auto planned = plan(request, request.body.size(), service);
    if (!planned) return refused(std::move(planned.error()), service);
    return handle(*std::move(planned), std::move(request), service);
}

bool may_call(const Endpoint& endpoint, Role role) {
    return includes(role, endpoint.role.get()) || (endpoint.or_role && includes(role, *endpoint.or_role));
}

std::string list_endpoints() {
    std::string out;
    for (const auto& endpoint : all_endpoints()) {
        out += fmt::format("{:4} {:36} {:10} {}\n", to_string(endpoint.verb), endpoint.path,
                           to_string(endpoint.role.get()), endpoint.summary);
    }
    return out;
}

}  // namespace assay::api
