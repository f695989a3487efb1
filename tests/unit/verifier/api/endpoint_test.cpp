#include <set>
#include <type_traits>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/api/test_service.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

// Forgetting the role of an endpoint does not compile: there is no role to fall back on.
static_assert(!std::is_default_constructible_v<RequiredRole>);
static_assert(!std::is_default_constructible_v<Endpoint>);

namespace {

std::string concrete(std::string_view pattern) {
    std::string out;
    bool in_parameter = false;
    for (const char c : pattern) {
        if (c == '{') out += "x", in_parameter = true;
        if (!in_parameter) out.push_back(c);
        if (c == '}') in_parameter = false;
    }
    return out;
}

bool was_refused(const Response& response) {
    return response.status == 403 && json_of(response).at("code") == "refused";
}

}  // namespace

TEST_CASE("every endpoint refuses every role below its own, and no role above") {
    TestService service;
    const std::array callers = {Caller{}, Caller{Role::anyone, true, ""}, Caller{Role::viewer, true, "v"},
                                Caller{Role::operator_, true, "o"}, Caller{Role::admin, true, "a"}};
    for (const auto& endpoint : all_endpoints()) {
        for (const auto& caller : callers) {
            const auto wanted = endpoint.role.get();
            const bool may = wanted <= Role::agent || caller.role >= wanted;
            const auto response = service.call(endpoint.verb, concrete(endpoint.path), "{}", caller,
                                               std::string(endpoint.accepts));
            INFO(endpoint.path << " as " << to_string(caller.role) << ": " << response.body);
            REQUIRE(was_refused(response) == !may);
        }
    }
}

TEST_CASE("no route that writes for people is open without a certificate") {
    // An agent's evidence is its authentication; a signature is a technician's or escort's.
    const std::set<std::string_view> agents{"/v1/enrolments",
                                            "/v1/enrolments/{id}/activation",
                                            "/v1/hosts/{host}/challenge",
                                            "/v1/hosts/{host}/evidence",
                                            "/v1/sessions/{id}/sign",
                                            "/v1/late-attestations"};
    for (const auto& endpoint : all_endpoints()) {
        if (endpoint.verb != Verb::post) continue;
        REQUIRE((endpoint.role.get() == Role::agent) == agents.contains(endpoint.path));
    }
}

TEST_CASE("no two endpoints share verb and path, and each has a summary") {
    std::set<std::pair<Verb, std::string_view>> seen;
    for (const auto& endpoint : all_endpoints()) {
        REQUIRE(seen.emplace(endpoint.verb, endpoint.path).second);
        REQUIRE_FALSE(endpoint.summary.empty());
        REQUIRE((endpoint.verb == Verb::post) == !endpoint.accepts.empty());
    }
}

TEST_CASE("an unknown path is 404, another verb is 405, another content type is 415") {
    TestService service;
    REQUIRE(service.get("/v1/nothing").status == 404);
    REQUIRE(service.get("/v1/hosts/").status == 404);
    REQUIRE(service.get("/v1/hosts//challenge").status == 404);
    const auto other_verb = service.post("/v1/hosts", {});
    REQUIRE(other_verb.status == 405);
    REQUIRE(other_verb.headers.at("Allow") == "GET");
    REQUIRE(service.call(Verb::post, "/v1/sessions", "{}", TestService::an_operator(), "text/plain").status ==
            415);
}

TEST_CASE("a body is allowed only where an endpoint takes one, and large only for evidence") {
    REQUIRE(body_limit(Verb::post, "/v1/hosts/a/evidence") == limits::kEvidenceBody);
    REQUIRE(body_limit(Verb::post, "/v1/sessions") == limits::kJsonBody);
    REQUIRE(body_limit(Verb::get, "/v1/hosts") == 0);
    REQUIRE(body_limit(Verb::post, "/v1/nothing") == 0);
}

TEST_CASE("a target that is not clean text is refused") {
    Request request;
    for (const auto* bad :
         {"", "v1/hosts", "/v1/hosts?a=1&a=2", "/v1?a=%zz", "/v1?a=%0a", "/v1?a=%ff", "/v1?a=%00"}) {
        INFO(bad);
        REQUIRE_FALSE(set_target(request, bad));
    }
    Request good;
    REQUIRE(set_target(good, "/v1/findings?host=web-1&id=usb%2eunaccompanied"));
    REQUIRE(good.query.at("id") == "usb.unaccompanied");
}

TEST_CASE("an exception in the appraisal is a 500 that says nothing, and stores nothing") {
    TestService service;
    service.enrol("web-1");
    service.service().appraise = [](const AppraisalInputs&) -> Appraisal {
        throw std::runtime_error("secret detail");
    };
    const auto response =
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), {}));
    REQUIRE(response.status == 500);
    REQUIRE(json_of(response).at("code") == "internal");
    REQUIRE(response.body.find("secret") == std::string::npos);
    REQUIRE(response.body.find("affirming") == std::string::npos);
    REQUIRE(service.store().newest_result("web-1").error().code == ErrorCode::not_found);
}

TEST_CASE("every error code has an HTTP status, and none is a success") {
    for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
        REQUIRE(http_status(static_cast<ErrorCode>(i)) >= 400);
    }
}

TEST_CASE("liveness, metrics and keys are served") {
    TestService service;
    REQUIRE(service.get("/healthz", {}).body == R"({"status":"ok"})");
    const auto metrics = service.get("/metrics");
    REQUIRE(metrics.status == 200);
    REQUIRE(metrics.body.find("assay_attestations_total{tier=\"affirming\"} 0") != std::string::npos);
    REQUIRE(metrics.body.find(
                "assay_request_duration_seconds_count{method=\"GET\",path=\"/healthz\",status=\"200\"} 1") !=
            std::string::npos);
    REQUIRE(json_of(service.get("/v1/keys", {})).at("keys").at(0).at("kid") ==
            service.service().signer.key_id());
}
