#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::test;

namespace {

const std::string kPath = "/v1/hosts/rack-7/endorsement";

nlohmann::json list(const std::string& text, const std::string& format = "csv") {
    return {{"list", to_base64url(as_view(text))}, {"format", format}};
}
const std::string kList = "class,serial\nmemory,S1\ndrive,S2\n";

}  // namespace

TEST_CASE("an as-built list is kept with who gave it, and goes into what is known of the host") {
    TestService service;
    service.enrol("rack-7");
    CHECK(service.get(kPath).status == 404);
    const auto answer = service.post(kPath, list(kList), TestService::an_operator());
    REQUIRE(answer.status == 201);
    const auto kept = json_of(service.get(kPath));
    CHECK(kept == json_of(answer));
    CHECK(kept.at("by") == "otto");
    CHECK(kept.at("source") == "as-built list");
    CHECK(kept.at("parts").size() == 2);
    CHECK_FALSE(kept.at("outdated").get<bool>());
    const auto known = store::Hosts(service.store()).find("rack-7")->known;
    REQUIRE(known.delivery);
    CHECK(known.delivery->parts.at(1).serial == "S2");

    // The newest counts.
    CHECK(service.post(kPath, list(R"([{"class":"cpu","model":"X"}])", "json"), TestService::an_operator())
              .status == 201);
    CHECK(store::Hosts(service.store()).find("rack-7")->known.delivery->parts.size() == 1);
}

TEST_CASE("an endorsement that is not one is refused, and changes nothing") {
    TestService service;
    service.enrol("rack-7");
    const auto status = [&](const nlohmann::json& body) {
        return service.post(kPath, body, TestService::an_operator()).status;
    };
    CHECK(status(nlohmann::json::object()) == 400);
    CHECK(status(list(kList, "xml")) == 400);
    CHECK(status(list("class,serial\nram,S1\n")) == 400);
    auto both = list(kList);
    both["platform_certificates"] = {to_base64url(as_view("x"))};
    CHECK(status(both) == 400);
    CHECK(status({{"platform_certificates", {to_base64url(as_view("x"))}}}) == 400);
    CHECK(service.get(kPath).status == 404);
    CHECK(service.post(kPath, list(kList), TestService::viewer()).status == 403);
    CHECK(service.post("/v1/hosts/rack-8/endorsement", list(kList), TestService::an_operator()).status ==
          404);
}
