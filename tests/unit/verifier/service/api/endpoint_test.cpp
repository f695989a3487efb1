#include <set>
#include <type_traits>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/attestations.h"

using namespace assay;
using namespace assay::judge;
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

/// For who asks; evidence that is not proven is refused for what it is.
bool was_refused(const Response& response) {
    return response.status == 403 && json_of(response).at("detail") != "the evidence is not proven";
}

}  // namespace

TEST_CASE("every endpoint refuses every role that does not include one of its own, and no other") {
    TestService service;
    const std::array callers = {Caller{},
                                Caller{Role::anyone, true, ""},
                                Caller{Role::viewer, true, "v"},
                                Caller{Role::operator_, true, "o"},
                                Caller{Role::keeper, true, "k"},
                                Caller{Role::order_feed, true, "w"},
                                Caller{Role::badge_feed, true, "b"},
                                Caller{Role::desk, true, "d"},
                                Caller{Role::reviewer, true, "r"},
                                Caller{Role::admin, true, "a"}};
    for (const auto& endpoint : all_endpoints()) {
        for (const auto& caller : callers) {
            const bool may = includes(caller.role, endpoint.role.get()) ||
                             (endpoint.or_role && includes(caller.role, *endpoint.or_role));
            const auto response = service.call(endpoint.verb, concrete(endpoint.path), "{}", caller,
                                               std::string(endpoint.accepts));
            INFO(endpoint.path << " as " << to_string(caller.role) << ": " << response.body);
            REQUIRE(was_refused(response) == !may);
        }
    }
}

TEST_CASE("each role looks, an admin is an operator too, and no other role includes another") {
    const std::array roles = {Role::viewer,     Role::operator_, Role::keeper,   Role::order_feed,
                              Role::badge_feed, Role::desk,      Role::reviewer, Role::admin};
    for (const auto has : roles) {
        CHECK(role_from_name(to_string(has)) == has);
        CHECK(includes(has, Role::anyone));
        CHECK(includes(has, Role::agent));
        CHECK_FALSE(includes(Role::agent, has));
        for (const auto wanted : roles) {
            const bool may =
                has == wanted || wanted == Role::viewer || (has == Role::admin && wanted == Role::operator_);
            CHECK(includes(has, wanted) == may);
        }
    }
    CHECK(role_from_name("agent").error().code == ErrorCode::usage);
}

TEST_CASE("a hand is named by what its certificate is for") {
    CHECK(Caller{}.hand().empty());
    CHECK(Caller{Role::keeper, true, "otto"}.hand() == "operator:otto");
    CHECK(Caller{Role::badge_feed, true, "doors"}.hand() == "feed:doors");
}

TEST_CASE("no route that writes for people is open without a certificate") {
    // An agent's evidence is its authentication; a signature is a technician's or escort's.
    const std::set<std::string_view> agents{
        "/v1/enrolments",        "/v1/enrolments/{id}/activation", "/v1/hosts/{host}/evidence",
        "/v1/evidence/{ticket}", "/v1/sessions/{id}/sign",         "/v1/late-attestations"};
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
        REQUIRE((endpoint.verb == Verb::post && endpoint.path != "/v1/challenge") ==
                !endpoint.accepts.empty());
    }
}

TEST_CASE("an unknown path is 404, another verb is 405, another content type is 415") {
    TestService service;
    REQUIRE(service.get("/v1/nothing").status == 404);
    REQUIRE(service.get("/v1/hosts/").status == 404);
    REQUIRE(service.get("/v1/hosts//challenge").status == 404);
    const auto other_verb = service.post("/v1/hosts", {});
    REQUIRE(other_verb.status == 405);
    REQUIRE(other_verb.headers.at("Allow") == "GET, HEAD");
    REQUIRE(service.get("/v1/tokens").headers.at("Allow") == "POST");
    const auto both = refuse_method("/v1/sessions").response;
    REQUIRE(both.status == 405);
    REQUIRE(both.headers.at("Allow") == "GET, HEAD, POST");
    REQUIRE(refuse_method("/v1/nothing").response.status == 404);
    REQUIRE(service.call(Verb::post, "/v1/sessions", "{}", TestService::a_desk(), "text/plain").status ==
            415);
}

namespace {

Request head_of(Verb verb, std::string path, const Caller& caller = {},
                std::string type = "application/json") {
    Request head;
    head.verb = verb;
    head.path = std::move(path);
    head.caller = caller;
    head.content_type = std::move(type);
    return head;
}

}  // namespace

TEST_CASE("what a stranger may send is small: a proof; more only with a ticket") {
    const auto limit = [](std::string path) {
        return plan(head_of(Verb::post, std::move(path), {}, "application/cbor"), 0).value().body_limit;
    };
    REQUIRE(plan(head_of(Verb::post, "/v1/challenge", {}, ""), 0).value().body_limit == 0);
    REQUIRE(limit("/v1/hosts/a/evidence") == kProofSize);
    REQUIRE(limit("/v1/evidence/a-ticket") == limits::kEvidenceBody);
}

TEST_CASE("a body is allowed only where an endpoint takes one, and not above its limit") {
    for (const auto& endpoint : all_endpoints()) {
        const auto head = head_of(endpoint.verb, concrete(endpoint.path), {endpoint.role.get(), true, "a"},
                                  std::string(endpoint.accepts));
        const auto limit = endpoint.accepts.empty() ? 0 : endpoint.body_limit;
        INFO(endpoint.path);
        REQUIRE(plan(head, limit).value().body_limit == limit);
        REQUIRE(plan(head, limit).value().endpoint->path == endpoint.path);
        const auto refused = plan(head, limit + 1);
        REQUIRE_FALSE(refused);
        REQUIRE(refused.error().response.status == 413);
    }
}

TEST_CASE("who may not call is told so whatever the body claims to be") {
    const auto sessions = head_of(Verb::post, "/v1/sessions", {}, "text/plain");
    REQUIRE(plan(sessions, ~std::uint64_t{0}).error().reason == "role");
    const auto a_desk = head_of(Verb::post, "/v1/sessions", TestService::a_desk(), "text/plain");
    REQUIRE(plan(a_desk, ~std::uint64_t{0}).error().reason == "type");
    REQUIRE(plan(head_of(Verb::post, "/v1/nothing"), ~std::uint64_t{0}).error().reason == "path");
}

TEST_CASE("a body that is larger than it was said to be is refused all the same") {
    TestService service;
    auto request = head_of(Verb::post, "/v1/enrolments");
    auto planned = plan(request, 0).value();
    request.body.assign(planned.body_limit + 1, ' ');
    REQUIRE(handle(std::move(planned), std::move(request), service.service()).status == 413);
}

TEST_CASE("refusals are counted by reason, and with their endpoint where there is one") {
    TestService service;
    service.get("/v1/nothing");
    service.get("/v1/hosts", {});
    const auto text = service.service().metrics.text();
    REQUIRE(text.find("assay_requests_refused_total{reason=\"path\"} 1") != std::string::npos);
    REQUIRE(text.find("assay_requests_refused_total{reason=\"role\"} 1") != std::string::npos);
    REQUIRE(text.find("assay_requests_refused_total{reason=\"share\"} 0") != std::string::npos);
    REQUIRE(text.find(
                "assay_request_duration_seconds_count{method=\"GET\",path=\"/v1/hosts\",status=\"403\"} 1") !=
            std::string::npos);
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
    service.service().judge = [](const OpenedEvidence&, const Context&) -> Appraisal {
        throw std::runtime_error("secret detail");
    };
    const auto response =
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), {}));
    REQUIRE(response.status == 500);
    REQUIRE(json_of(response).at("code") == "internal");
    REQUIRE(response.body.find("secret") == std::string::npos);
    REQUIRE(response.body.find("affirming") == std::string::npos);
    REQUIRE(store::Results(service.store()).newest("web-1").error().code == ErrorCode::not_found);
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
