#include "evidence/wire/statement/activation_statement.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/builders/token_builder.h"

using namespace assay;

namespace {

ActivationStatement honest_statement() {
    return {.host = "rack-7",
            .ak = sha256(as_view("ak")),
            .ek = sha256(as_view("ek")),
            .build = "assay 0.1.0",
            .activated_at = 1'780'000'000,
            .issued_at = 1'790'000'000,
            .expires_at = 1'805'552'000};
}

Result<ActivationStatement> statement_with(const char* field, nlohmann::json value) {
    auto claims = nlohmann::json::parse(activation_claims(honest_statement()));
    claims["assay.activation"][field] = std::move(value);
    return activation_of(claims.dump());
}
Result<ActivationStatement> with_claim(const char* claim, nlohmann::json value) {
    auto claims = nlohmann::json::parse(activation_claims(honest_statement()));
    claims[claim] = std::move(value);
    return activation_of(claims.dump());
}

}  // namespace

TEST_CASE("a statement of activation is the same after a round through its claims") {
    CHECK(activation_of(activation_claims(honest_statement())) == honest_statement());
}

TEST_CASE("a statement of activation with a field that is not as it should be is refused") {
    REQUIRE(statement_with("v", 1));
    CHECK(statement_with("v", 2).error().code == ErrorCode::unsupported);
    CHECK_FALSE(statement_with("host", ""));
    CHECK_FALSE(statement_with("host", std::string(254, 'a')));
    CHECK_FALSE(statement_with("ak", std::string(63, 'a')));
    CHECK_FALSE(statement_with("ak", std::string(64, 'x')));
    CHECK_FALSE(statement_with("ek", nullptr));
    CHECK_FALSE(statement_with("build", 7));
    CHECK_FALSE(statement_with("activated_at", -1));
    CHECK_FALSE(statement_with("activated_at", "yesterday"));
    CHECK_FALSE(statement_with("more", 1));
    CHECK_FALSE(with_claim("iat", nullptr));
    CHECK_FALSE(with_claim("exp", nullptr));
}

TEST_CASE("the times of a statement of activation are in order: activated, issued, expired") {
    REQUIRE(statement_with("activated_at", 1'790'000'000));
    CHECK_FALSE(statement_with("activated_at", 1'790'000'001));
    REQUIRE(with_claim("exp", 1'790'000'001));
    CHECK_FALSE(with_claim("exp", 1'790'000'000));
}

TEST_CASE("another token of the verifier is no statement of activation") {
    CHECK_FALSE(activation_of(R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05","iat":1,"exp":2})"));
    CHECK_FALSE(activation_of(R"({"assay.grant":{"v":1},"iat":1,"exp":2})"));
    CHECK_FALSE(activation_of("[]"));
    CHECK_FALSE(activation_of(""));
}

TEST_CASE("a statement is read from its token, and a token beyond the limit is not") {
    CHECK(unverified_activation(test::unsigned_token(activation_claims(honest_statement()))) ==
          honest_statement());
    auto claims = nlohmann::json::parse(activation_claims(honest_statement()));
    claims["more"] = std::string(kMaxActivation, 'a');
    CHECK(unverified_activation(test::unsigned_token(claims.dump())).error().code == ErrorCode::limit);
    CHECK_FALSE(unverified_activation("a.b"));
}

TEST_CASE("a statement is about one name and two keys") {
    const auto said = honest_statement();
    CHECK(is_about(said, "rack-7", as_view("ak"), as_view("ek")));
    CHECK_FALSE(is_about(said, "rack-8", as_view("ak"), as_view("ek")));
    CHECK_FALSE(is_about(said, "rack-7", as_view("ek"), as_view("ek")));
    CHECK_FALSE(is_about(said, "rack-7", as_view("ak"), as_view("ak")));
}
