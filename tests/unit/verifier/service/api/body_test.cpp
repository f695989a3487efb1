#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "tests/unit/verifier/service/api/test_service.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

nlohmann::json session() {
    return {
        {"host", "web-1"}, {"order", "WO-1"}, {"technician", "Tess"}, {"escort", "Ed"}, {"unlisted", true}};
}

}  // namespace

TEST_CASE("a session is opened, listed and closed over the API") {
    TestService service;
    const auto opened = service.post("/v1/sessions", session(), TestService::a_desk());
    REQUIRE(opened.status == 201);
    REQUIRE(json_of(opened).at("unlisted") == "operator:dora");
    const auto id = json_of(opened).at("id").get<std::string>();
    REQUIRE(json_of(service.get("/v1/sessions?host=web-1&open=true")).size() == 1);
    service.now += 60;
    const auto closed =
        service.post("/v1/sessions/" + id + "/close", nlohmann::json::object(), TestService::a_desk());
    REQUIRE(json_of(closed).at("closed_at") == rfc3339_text(kStart + 60));
    REQUIRE(service.post("/v1/sessions/" + id + "/close", nlohmann::json::object(), TestService::a_desk())
                .status == 409);
    REQUIRE(json_of(service.get("/v1/sessions?open=true")).empty());
    REQUIRE(json_of(service.get("/v1/sessions")).size() == 1);
}

TEST_CASE("a body with a missing, unknown, doubled or mistyped field is refused and named") {
    TestService service;
    const auto refused = [&](const std::string& body) {
        const auto response = service.call(Verb::post, "/v1/sessions", body, TestService::a_desk());
        return response.status == 400 ? json_of(response).at("detail").get<std::string>() : std::string();
    };
    auto body = session();
    body.erase("order");
    REQUIRE(refused(body.dump()).find("\"order\"") != std::string::npos);
    body = session();
    body["role"] = "admin";
    REQUIRE(refused(body.dump()).find("\"role\"") != std::string::npos);
    body = session();
    body.erase("escort");
    REQUIRE(refused(body.dump()).find("\"escort\"") != std::string::npos);
    body["escort"] = "Tess";
    REQUIRE(refused(body.dump()) ==
            "escort: expected another person than the technician, got Tess for both; name who accompanies");
    body = session();
    body["technician"] = 7;
    REQUIRE(refused(body.dump()) == "body/technician: expected a text of 1 to 256 bytes, got 7");
    body["technician"] = "two\nlines";
    REQUIRE(refused(body.dump()).find("body/technician: ") != std::string::npos);
    body = session();
    body["host"] = "../etc";
    REQUIRE(refused(body.dump()).find("body/host: ") != std::string::npos);
    REQUIRE(refused(R"({"host":"a","host":"b","order":"o","technician":"t"})").find("twice") !=
            std::string::npos);
    REQUIRE(refused("[]") == "body: expected an object, got array of 0");
    REQUIRE_FALSE(refused("").empty());
    REQUIRE_FALSE(refused("{\"host\":\"\xff\"}").empty());
}

TEST_CASE("a query with an unknown or mistyped parameter is refused") {
    TestService service;
    for (const auto* bad :
         {"/v1/findings?limit=0", "/v1/findings?limit=x", "/v1/findings?since=-1", "/v1/findings?x=1",
          "/v1/sessions?open=maybe", "/v1/findings?limit=99999999999999999999999"}) {
        INFO(bad);
        REQUIRE(service.get(bad).status == 400);
    }
    REQUIRE(
        json_of(service.get("/v1/findings?limit=x")).at("detail").get<std::string>().ends_with("got \"x\""));
    REQUIRE(json_of(service.get("/v1/sessions?open=maybe")).at("detail") ==
            "query 'open': expected true or false, got \"maybe\"");
}

TEST_CASE("an integer beyond its range is refused in either direction") {
    TestService service;
    for (const auto* value : {"18446744073709551615", "-1", "1e3", "60.5", "\"60\"", "true"}) {
        const auto body = std::string(R"({"host":"web-1","lifetime_s":)") + value + "}";
        INFO(body);
        REQUIRE(service.call(Verb::post, "/v1/tokens", body, TestService::an_operator()).status == 400);
    }
}

TEST_CASE("a host that is not enrolled is 404 everywhere") {
    TestService service;
    for (const auto* path :
         {"/v1/hosts/nobody", "/v1/hosts/nobody/result", "/v1/hosts/nobody/bundle", "/v1/results/ab"}) {
        REQUIRE(service.get(path).status == 404);
    }
}

TEST_CASE("a host that has not attested is shown without a result, and not as trusted") {
    TestService service;
    service.enrol("web-1");
    const auto host = json_of(service.get("/v1/hosts/web-1"));
    REQUIRE(host.at("tier") == "none");
    REQUIRE(host.at("result").is_null());
    REQUIRE(host.at("jwt").is_null());
    REQUIRE(service.get("/v1/hosts/web-1/result").status == 404);
}
