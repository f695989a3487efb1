#include "verifier/api/endpoint.h"

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
#include "verifier/api/endpoints.inc"
#undef ENDPOINT

namespace {

/// The part of `path` before the next slash, taken off it.
std::string_view next_segment(std::string_view& path) {
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

using Parameters = std::map<std::string, std::string>;

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
    bool path_is_there = false;  // with another verb
};

Match find(Verb verb, std::string_view path) {
    Match out;
    for (const auto& endpoint : all_endpoints()) {
        auto parameters = match(endpoint.path, path);
        if (!parameters) continue;
        out.path_is_there = true;
        if (endpoint.verb != verb) continue;
        out.endpoint = &endpoint;
        out.parameters = std::move(*parameters);
        return out;
    }
    return out;
}

std::optional<Response> refusal(const Endpoint& endpoint, const Caller& caller) {
    const auto wanted = endpoint.role.get();
    if (wanted <= Role::agent || caller.role >= wanted) return {};
    if (caller.role != Role::anyone) {
        return problem(403, "refused",
                       fmt::format("this needs the role '{}', and '{}' has the role '{}'", to_string(wanted),
                                   caller.name, to_string(caller.role)));
    }
    return problem(
        403, "refused",
        caller.has_certificate
            ? "this certificate belongs to no operator, or was revoked"
            : fmt::format("this needs an operator's certificate with the role '{}'", to_string(wanted)));
}

Response handled(const Endpoint& endpoint, const Request& request, Service& service) {
    if (auto refused = refusal(endpoint, request.caller)) return *std::move(refused);
    if (!endpoint.accepts.empty() && request.content_type != endpoint.accepts) {
        return problem(415, "usage", fmt::format("a body of type {} is wanted", endpoint.accepts));
    }
    if (request.body.size() > endpoint.body_limit) return problem(413, "limit", "the body is too large");
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
#include "verifier/api/endpoints.inc"
    };
#undef ENDPOINT
    return kEndpoints;
}

std::size_t body_limit(Verb verb, std::string_view path) {
    const auto found = find(verb, path);
    if (found.endpoint == nullptr || found.endpoint->accepts.empty()) return 0;
    return found.endpoint->body_limit;
}

Response dispatch(Request request, Service& service) {
    const auto start = std::chrono::steady_clock::now();
    auto found = find(request.verb, request.path);
    if (found.endpoint == nullptr) {
        if (!found.path_is_there) return problem(404, "not_found", "there is nothing under this path");
        auto response = problem(405, "usage", "this path takes another method");
        response.headers["Allow"] = request.verb == Verb::get ? "POST" : "GET";
        return response;
    }
    request.parameters = std::move(found.parameters);
    auto response = handled(*found.endpoint, request, service);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    service.metrics.request(to_string(found.endpoint->verb), found.endpoint->path, response.status,
                            seconds.count());
    return response;
}

std::string list_endpoints() {
    std::string out;
    for (const auto& endpoint : all_endpoints()) {
        out += fmt::format("{:4} {:36} {:8} {}\n", to_string(endpoint.verb), endpoint.path,
                           to_string(endpoint.role.get()), endpoint.summary);
    }
    return out;
}

}  // namespace assay::api
