#include <cstdlib>
#include <memory>

#include <catch2/catch.hpp>
#include <jwt.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "verifier/cli/ear.h"

using namespace assay;

namespace {

struct KeyPair {
    std::string private_pem;
    std::string public_pem;
};

std::string pem_of(EVP_PKEY* key, bool with_private) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (with_private)
        PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    else
        PEM_write_bio_PUBKEY(out.get(), key);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

KeyPair new_key() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    return {pem_of(key.get(), true), pem_of(key.get(), false)};
}

std::string token_of(const nlohmann::json& claims, jwt_alg_t algorithm, const std::string& key) {
    jwt_t* raw = nullptr;
    REQUIRE(jwt_new(&raw) == 0);
    const std::unique_ptr<jwt_t, decltype(&jwt_free)> token(raw, jwt_free);
    REQUIRE(jwt_add_grants_json(raw, claims.dump().c_str()) == 0);
    REQUIRE(jwt_add_header(raw, "kid", "k1") == 0);
    REQUIRE(
        jwt_set_alg(raw, algorithm,
                    algorithm == JWT_ALG_NONE ? nullptr : reinterpret_cast<const unsigned char*>(key.data()),
                    algorithm == JWT_ALG_NONE ? 0 : static_cast<int>(key.size())) == 0);
    const std::unique_ptr<char, decltype(&std::free)> text(jwt_encode_str(raw), std::free);
    REQUIRE(text);
    return text.get();
}

nlohmann::json honest_claims() {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::warning;
    result.appraiser = "assay 0.1.0";
    return {{"eat_profile", "tag:ietf.org,2026:rats/ear#05"},
            {"iat", 1'795'344'145},
            {"submods", {{"rack-7", {{"ear.status", "warning"}}}}},
            {"assay.result", nlohmann::json::parse(encode_attestation_result(result))},
            {"assay.result-id", attestation_result_id(result)}};
}

}  // namespace

TEST_CASE("a token signed by the verifier's key verifies and gives back its result") {
    const auto key = new_key();
    const auto verified =
        cli::verify_token(token_of(honest_claims(), JWT_ALG_ES256, key.private_pem), key.public_pem);
    REQUIRE(verified);
    CHECK(verified->result.host == "rack-7");
    CHECK(verified->result.tier == Tier::warning);
}

TEST_CASE("a token under another key, or with one character changed, is refused") {
    const auto key = new_key();
    auto token = token_of(honest_claims(), JWT_ALG_ES256, key.private_pem);
    CHECK_FALSE(cli::verify_token(token, new_key().public_pem));
    for (std::size_t i = 0; i < token.size(); i += 7) {
        auto changed = token;
        changed[i] = changed[i] == 'A'
                         ? 'Q'
                         : 'A';  // differs in high bits too, so that base64's unused low bits do not hide it
        INFO("character " << i);
        CHECK_FALSE(cli::verify_token(changed, key.public_pem));
    }
}

TEST_CASE("the token does not choose its algorithm: none, and HMAC keyed with the public key, are refused") {
    const auto key = new_key();
    CHECK_FALSE(cli::verify_token(token_of(honest_claims(), JWT_ALG_NONE, ""), key.public_pem));
    CHECK_FALSE(cli::verify_token(token_of(honest_claims(), JWT_ALG_HS256, key.public_pem), key.public_pem));
}

TEST_CASE("a token whose parts contradict each other is refused, though its signature is good") {
    const auto key = new_key();
    const auto refused = [&](const std::string& pointer, const nlohmann::json& value) {
        auto claims = honest_claims();
        REQUIRE(cli::verify_token(token_of(claims, JWT_ALG_ES256, key.private_pem),
                                  key.public_pem));  // the honest twin
        claims[nlohmann::json::json_pointer(pointer)] = value;
        return !cli::verify_token(token_of(claims, JWT_ALG_ES256, key.private_pem), key.public_pem);
    };
    CHECK(refused("/submods/rack-7/ear.status", "affirming"));
    CHECK(refused("/assay.result/host", "rack-8"));
    CHECK(refused("/assay.result-id", std::string(64, '0')));
    CHECK(refused("/eat_profile", "tag:example.org,2026:other"));
}

TEST_CASE("a JWKS document gives the key with the token's id, and says so where it has none") {
    const auto key = new_key();
    const auto none =
        cli::verify_token(token_of(honest_claims(), JWT_ALG_ES256, key.private_pem), R"({"keys":[]})");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::not_found);
    CHECK(none.error().context.find("k1") != std::string::npos);
}
