// What a host is given to keep of its enrolment.
#include "verifier/service/api/enrol/activation.h"

#include <catch2/catch.hpp>

#include "evidence/codec/jws.h"
#include "tests/unit/verifier/service/api/attest/submission.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

/// What a token says, under the key that the service publishes.
ActivationStatement verified(TestService& service, const nlohmann::json& answer) {
    const auto token = answer.at("activation").get<std::string>();
    REQUIRE(token.size() <= kMaxActivation);
    const auto jwk = json_of(service.get("/v1/keys")).at("keys").at(0);
    const auto coordinate = [&](const char* name) {
        return must(from_base64url(jwk.at(name).get<std::string>(), kP256Coordinate));
    };
    auto parsed = must(parse_jws(token));
    CHECK(parsed.key_id == jwk.at("kid").get<std::string>());
    const auto key = must(Es256PublicKey::from_point(coordinate("x"), coordinate("y")));
    return must(activation_of(as_text(must(verified_payload(std::move(parsed), key)))));
}

Response report(TestService& service, const std::string& query = {}) {
    const auto evidence = TestService::evidence("web-1", service.challenge(), two_sections());
    return service.call(Verb::post, "/v1/hosts/web-1/evidence" + query,
                        std::string(as_text(encode_proof(service.proof("web-1", evidence)))), {},
                        "application/cbor");
}

}  // namespace

TEST_CASE("the answer that ends an enrolment is a signed statement about the keys that were activated") {
    TestService service;
    const Bytes secret(32, std::byte{9});
    const store::Identity identity{"web-1", "ek", "ak", to_bytes("e"), to_bytes("a"), {}};
    store::Enrolments enrolments(service.store());
    REQUIRE(enrolments.add_token({"d", "web-1", "otto", kStart, kStart + 600, 0}));
    REQUIRE(enrolments.add({"p", "d", identity, sha256(secret).hex(), kStart + 300, 0}, kStart));
    const nlohmann::json body = {{"secret", to_base64url(secret)}};
    service.now += 2;
    const auto first = verified(service, json_of(service.post("/v1/enrolments/p/activation", body)));
    CHECK(first.host == "web-1");
    CHECK(first.ak == sha256(as_view("a")));
    CHECK(first.ek == sha256(as_view("e")));
    CHECK(first.build == "assay test");
    CHECK(first.activated_at == kStart + 2);
    CHECK(first.issued_at == kStart + 2);
    CHECK(first.expires_at == kStart + 2 + kActivationValidity_s);
    // An agent that did not hear the answer is told the same.
    service.now += 5;
    const auto again = verified(service, json_of(service.post("/v1/enrolments/p/activation", body)));
    CHECK(again.activated_at == first.activated_at);
}

TEST_CASE("a report that is answered with the whole result brings a fresh statement, a steady one does not") {
    TestService service;
    service.enrol("web-1");
    service.now += 100;
    const auto first = verified(service, json_of(report(service)));
    CHECK(is_about(first, "web-1", TestService::attestation_key_public(), as_view("ekweb-1")));
    CHECK(first.activated_at == kStart);
    CHECK(first.issued_at == kStart + 100);
    service.now += 300;
    const auto steady = json_of(report(service));
    REQUIRE_FALSE(steady.contains("result"));
    CHECK_FALSE(steady.contains("activation"));
    service.now += 300;
    CHECK(verified(service, json_of(report(service, "?result=whole"))).issued_at == kStart + 700);
}

TEST_CASE("evidence that is not proven brings no statement to anybody") {
    TestService service;
    service.enrol("web-1");
    auto evidence = TestService::evidence("web-1", service.challenge(), two_sections());
    evidence.signature.back() ^= std::byte{1};
    const auto response = service.submit("web-1", evidence);
    require_not_proven(response);
    CHECK_FALSE(json_of(response).contains("activation"));
}

TEST_CASE("a clock that was set back since makes no statement that is later than its own signature") {
    TestService service;
    service.enrol("web-1");
    service.now = kStart - 1000;
    const auto known = store::Hosts(service.store()).find("web-1")->known;
    const auto token = must(signed_activation(service.service(), known));
    CHECK(must(unverified_activation(token)).activated_at == kStart - 1000);
}
