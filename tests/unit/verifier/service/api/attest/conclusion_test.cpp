#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/attest/submission.h"
#include "verifier/service/api/attest/attestation_answer.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

TEST_CASE("a conclusion is read by its digest, and the document that it names is that") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    const auto digest =
        claims_of(json_of(service.submit("web-1", evidence))).at("assay.conclusion").get<std::string>();
    const auto response = service.get("/v1/conclusions/" + digest);
    REQUIRE(response.status == 200);
    REQUIRE(sha256(as_view(response.body)).hex() == digest);
    REQUIRE(service.get("/v1/conclusions/" + std::string(64, '0')).status == 404);
    REQUIRE(service.get("/v1/conclusions/" + digest, {}).status == 403);
}

TEST_CASE("the answer holds the whole result where it is asked for, and says when it is news") {
    Attested attested;
    attested.grants = {"grant"};
    auto& attestation = attested.attestation;
    attestation.result.host = "web-1";
    attestation.conclusion = conclusion_digest(attestation.result);
    attestation.result_id = attestation_result_id(attestation.result);
    REQUIRE(concludes_anew(attestation));
    const auto whole = nlohmann::json::parse(attestation_answer(attested, true));
    REQUIRE(decode_attestation_result(whole.at("result").dump()) == attestation.result);
    attestation.conclusion_before = attestation.conclusion;
    REQUIRE_FALSE(concludes_anew(attestation));
    auto brief = nlohmann::json::parse(attestation_answer(attested, false));
    REQUIRE_FALSE(brief.contains("result"));
    brief["result"] = whole.at("result");
    REQUIRE(brief == whole);
}

TEST_CASE("a steady host's reports come to one conclusion, and each names the one before") {
    TestService service;
    service.enrol("web-1");
    std::string conclusion;
    std::string before;
    for (int i = 0; i < 3; ++i) {
        service.now += 300;
        const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
        const auto answer = json_of(service.submit("web-1", evidence));
        if (i > 0) {
            REQUIRE(claims_of(answer).at("assay.conclusion") == conclusion);
            REQUIRE_FALSE(answer.contains("result"));
            REQUIRE(json_of(service.get("/v1/hosts/web-1/result")).at("result").at("previous") == before);
        }
        conclusion = claims_of(answer).at("assay.conclusion");
        before = answer.at("result_id");
    }
}
