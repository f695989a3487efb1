#include "verifier/service/api/attest/ear.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/codec/jws.h"
#include "tests/support/builders/token_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/api/attest/attestation_answer.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

Signer new_signer() {
    return must(Signer::from_pem(TokenKeys::make().private_pem));
}

AttestationResult a_result() {
    AttestationResult result;
    result.host = "web-1";
    result.tier = Tier::warning;
    result.claims = {{TrustClaim::hardware, Tier::warning}, {TrustClaim::instance_identity, Tier::affirming}};
    result.appraised_at = kStart;
    result.appraiser = "assay test";
    result.findings.push_back(
        {"tpm.software", Tier::warning, Basis::bound, "TPM", "\xc3\xa9", "b", "c", "d"});
    return result;
}

std::string part(const std::string& jwt, int index) {
    std::size_t start = 0;
    for (int i = 0; i < index; ++i) start = jwt.find('.', start) + 1;
    const auto text = jwt.substr(start, jwt.find('.', start) - start);
    return std::string(as_text(must(from_base64url(text, 1 << 20))));
}

/// The public key of a JWK Set, rebuilt from its coordinates alone.
Es256PublicKey public_key(const Signer& signer) {
    const auto jwk = nlohmann::json::parse(signer.jwks()).at("keys").at(0);
    const auto x = must(from_base64url(jwk.at("x").get<std::string>(), 32));
    const auto y = must(from_base64url(jwk.at("y").get<std::string>(), 32));
    return must(Es256PublicKey::from_point(x, y));
}

bool verifies(const std::string& token, const Signer& signer) {
    auto parsed = parse_jws(token);
    return parsed && verified_payload(*std::move(parsed), public_key(signer)).has_value();
}

}  // namespace

TEST_CASE("the EAR says profile, tier and claims, and names result, conclusion and policy by their digests") {
    auto result = a_result();
    result.inputs["policy"] = std::string(64, 'b');
    const auto names = result_names(result);
    const ActHead acts{12, sha256(as_view("acts"))};
    const auto payload = must(ear_payload(result, names, "assay test", acts));
    const auto ear = nlohmann::json::parse(payload);
    REQUIRE(ear.at("eat_profile") == "tag:ietf.org,2026:rats/ear#05");
    REQUIRE(ear.at("iat") == kStart);
    REQUIRE(ear.at("exp") == kStart + 24 * 3600);
    REQUIRE(ear.at("ear.verifier-id") == nlohmann::json({{"developer", "Assay"}, {"build", "assay test"}}));
    const auto& host = ear.at("submods").at("web-1");
    REQUIRE(host.at("ear.status") == "warning");
    REQUIRE(host.at("ear.trustworthiness-vector").at("hardware") == 32);
    REQUIRE(host.at("ear.trustworthiness-vector").at("instance-identity") == 2);
    REQUIRE(host.at("ear.appraisal-policy-id") == "urn:assay:policy:sha256:" + std::string(64, 'b'));
    REQUIRE(ear.at("assay.conclusion") == names.conclusion);
    REQUIRE(ear.at("assay.result-id") == names.id);
    REQUIRE(act_head_from(ear.at("assay.acts").get<std::string>()) == acts);
    REQUIRE(must(ear_payload(result, names, "assay test", acts)) == payload);
}

TEST_CASE("a token has the same size whatever was found, and a steady report's answer fits into 1.5 KiB") {
    auto result = a_result();
    result.host = std::string(64, 'h');
    result.inputs["policy"] = std::string(64, 'b');
    for (int i = 0; i <= static_cast<int>(TrustClaim::sourced_data); ++i)
        result.claims[static_cast<TrustClaim>(i)] = Tier::contraindicated;
    const auto signer = new_signer();
    const auto token_of = [&] {
        return must(signer.sign(
            must(ear_payload(result, result_names(result), "assay 0.1.0", {9'999'999'999, sha256({})}))));
    };
    const auto small = token_of();
    Attested attested;
    attested.attestation.result = result;
    attested.attestation.result_id = attested.attestation.conclusion = std::string(64, 'a');
    attested.attestation.jwt = small;
    CHECK(attestation_answer(attested, false).size() <= 1536);
    result.findings.resize(10'000, result.findings.front());
    CHECK(token_of().size() == small.size());
}

TEST_CASE(
    "the published key verifies a JWT, its thumbprint is the key id, and the payload is what was signed") {
    const auto signer = new_signer();
    const auto payload = must(ear_payload(a_result(), result_names(a_result()), "assay test", {}));
    const auto token = must(signer.sign(payload));
    const auto jwk = nlohmann::json::parse(signer.jwks()).at("keys").at(0);
    REQUIRE(verifies(token, signer));
    REQUIRE(part(token, 1) == payload);
    const auto header = nlohmann::json::parse(part(token, 0));
    REQUIRE(header == nlohmann::json({{"alg", "ES256"}, {"kid", signer.key_id()}, {"typ", "JWT"}}));
    const nlohmann::json required = {
        {"crv", jwk.at("crv")}, {"kty", jwk.at("kty")}, {"x", jwk.at("x")}, {"y", jwk.at("y")}};
    REQUIRE(signer.key_id() == to_base64url(sha256(as_view(required.dump())).view()));
}

TEST_CASE("a JWT that was changed, or is under another key, does not verify") {
    const auto signer = new_signer();
    const auto other = new_signer();
    auto token = must(signer.sign(R"({"a":1})"));
    REQUIRE(verifies(token, signer));
    REQUIRE_FALSE(verifies(must(other.sign(R"({"a":1})")), signer));
    const auto dot = token.find('.');
    token.replace(dot + 1, 4, to_base64url(as_view("{\"b")));
    REQUIRE_FALSE(verifies(token, signer));
}

TEST_CASE("only a P-256 private key can sign") {
    REQUIRE_FALSE(Signer::from_pem(""));
    REQUIRE_FALSE(
        Signer::from_pem("-----BEGIN "
                         "PRIVATE KEY-----\nAAAA\n-----END "
                         "PRIVATE KEY-----\n"));
}
