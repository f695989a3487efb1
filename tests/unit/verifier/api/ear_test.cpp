#include "verifier/api/ear.h"

#include <memory>

#include <catch2/catch.hpp>
#include <jwt.h>

#include "tests/unit/verifier/api/test_service.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

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

/// The public key of a JWK Set, rebuilt from its coordinates alone, as PEM.
std::string public_pem(const nlohmann::json& jwk) {
    const auto x = must(from_base64url(jwk.at("x").get<std::string>(), 32));
    const auto y = must(from_base64url(jwk.at("y").get<std::string>(), 32));
    Bytes spki = must(from_hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64));
    spki.insert(spki.end(), x.begin(), x.end());
    spki.insert(spki.end(), y.begin(), y.end());
    const auto* at = as_uchar(spki);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

bool verifies(const std::string& token, const std::string& pem) {
    jwt_t* raw = nullptr;
    const int status =
        jwt_decode(&raw, token.c_str(), reinterpret_cast<const unsigned char*>(pem.c_str()),  // NOLINT
                   static_cast<int>(pem.size()));
    const std::unique_ptr<jwt_t, decltype(&jwt_free)> jwt(raw, jwt_free);
    return status == 0 && jwt_get_alg(jwt.get()) == JWT_ALG_ES256;
}

}  // namespace

TEST_CASE("the EAR says profile, tier and claims, and carries the canonical result and its id") {
    const auto result = a_result();
    const auto payload = must(ear_payload(result, sha256(as_view("policy")), "assay test"));
    const auto ear = nlohmann::json::parse(payload);
    REQUIRE(ear.at("eat_profile") == "tag:ietf.org,2026:rats/ear#05");
    REQUIRE(ear.at("iat") == kStart);
    REQUIRE(ear.at("ear.verifier-id") == nlohmann::json({{"developer", "Assay"}, {"build", "assay test"}}));
    const auto& host = ear.at("submods").at("web-1");
    REQUIRE(host.at("ear.status") == "warning");
    REQUIRE(host.at("ear.trustworthiness-vector").at("hardware") == 32);
    REQUIRE(host.at("ear.trustworthiness-vector").at("instance-identity") == 2);
    REQUIRE(ear.at("assay.result").dump() == encode_attestation_result(result));
    REQUIRE(ear.at("assay.result-id") == attestation_result_id(result));
    REQUIRE(must(ear_payload(result, sha256(as_view("policy")), "assay test")) == payload);
}

TEST_CASE(
    "the published key verifies a JWT, its thumbprint is the key id, and the payload is what was signed") {
    const auto signer = must(Signer::from_pem(new_signing_key()));
    const auto payload = must(ear_payload(a_result(), {}, "assay test"));
    const auto token = must(signer.sign(payload));
    const auto jwk = nlohmann::json::parse(signer.jwks()).at("keys").at(0);
    REQUIRE(verifies(token, public_pem(jwk)));
    REQUIRE(part(token, 1) == payload);
    const auto header = nlohmann::json::parse(part(token, 0));
    REQUIRE(header == nlohmann::json({{"alg", "ES256"}, {"kid", signer.key_id()}, {"typ", "JWT"}}));
    const nlohmann::json required = {
        {"crv", jwk.at("crv")}, {"kty", jwk.at("kty")}, {"x", jwk.at("x")}, {"y", jwk.at("y")}};
    REQUIRE(signer.key_id() == to_base64url(sha256(as_view(required.dump())).view()));
}

TEST_CASE("a JWT that was changed, or is under another key, does not verify") {
    const auto signer = must(Signer::from_pem(new_signing_key()));
    const auto other = must(Signer::from_pem(new_signing_key()));
    const auto pem = public_pem(nlohmann::json::parse(signer.jwks()).at("keys").at(0));
    auto token = must(signer.sign(R"({"a":1})"));
    REQUIRE(verifies(token, pem));
    REQUIRE_FALSE(verifies(must(other.sign(R"({"a":1})")), pem));
    const auto dot = token.find('.');
    token.replace(dot + 1, 4, to_base64url(as_view("{\"b")));
    REQUIRE_FALSE(verifies(token, pem));
}

TEST_CASE("only a P-256 private key can sign") {
    REQUIRE_FALSE(Signer::from_pem(""));
    REQUIRE_FALSE(
        Signer::from_pem("-----BEGIN "
                         "PRIVATE KEY-----\nAAAA\n-----END "
                         "PRIVATE KEY-----\n"));
}
