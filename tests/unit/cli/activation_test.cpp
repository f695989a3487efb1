#include "cli/hosts/activation.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/activation_builder.h"
#include "tests/support/builders/wire_samples.h"

using namespace assay;
using namespace assay::test;

namespace {

using Standing = judge::ShownActivation::Standing;

struct Signed {
    StatementSigner verifier;
    ActivationStatement statement = statement_about(sample::known_host());
    std::string token = verifier.token(statement);

    [[nodiscard]] judge::ShownActivation shown(const std::string& keys) const {
        return cli::verify_activation(token, keys).value();
    }
    [[nodiscard]] Standing standing() const { return shown(verifier.jwks()).standing; }
};

}  // namespace

TEST_CASE("what one of the verifier's keys signed is authentic, with the keys as JWKS or as PEM") {
    const Signed made;
    for (const auto& keys : {made.verifier.jwks(), made.verifier.keys.public_pem}) {
        const auto shown = made.shown(keys);
        CHECK(shown.standing == Standing::authentic);
        CHECK(shown.statement == made.statement);
        CHECK(shown.key_id == "verifier-1");
        CHECK(shown.token == sha256(as_view(made.token)));
        CHECK(shown.keys == sha256(as_view(keys)));
    }
}

TEST_CASE("a bundle without a statement has none, whatever the keys are") {
    CHECK(cli::verify_activation(std::nullopt, StatementSigner().jwks())->standing == Standing::missing);
}

TEST_CASE("a key that is not among those given is named, and the statement is not believed") {
    Signed made;
    StatementSigner another;
    another.key_id = "verifier-2";
    const auto shown = made.shown(another.jwks());
    CHECK(shown.standing == Standing::unknown_key);
    CHECK_THAT(shown.reason, Catch::Contains("verifier-1"));
    CHECK_FALSE(shown.statement);
    // One PEM key has no id to compare.
    CHECK(made.shown(another.keys.public_pem).standing == Standing::unknown_key);
}

TEST_CASE("a statement that was altered, or signed by another key under this one's id, is told as altered") {
    Signed made;
    SECTION("another host under the old signature") {
        made.token = token_with(made.token, "rack-7", "rack-8");
    }
    SECTION("another end") {
        made.token = token_with(made.token, std::to_string(made.statement.expires_at),
                                std::to_string(made.statement.expires_at + 1));
    }
    SECTION("another key") {
        made.token = StatementSigner().token(made.statement);
    }
    CHECK(made.standing() == Standing::altered);
}

TEST_CASE("what is no token, or a signed token of another kind, is no statement") {
    Signed made;
    SECTION("no token") {
        made.token = "a.b.c.d";
    }
    SECTION("a result") {
        made.token =
            made.verifier.signed_claims(R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05","iat":1,"exp":2})");
    }
    SECTION("a statement of another version") {
        auto claims = activation_claims(made.statement);
        const auto at = claims.find(R"("v":1)");
        REQUIRE(at != std::string::npos);
        made.token = made.verifier.signed_claims(claims.replace(at, 5, R"("v":2)"));
    }
    CHECK(made.standing() == Standing::unreadable);
}

TEST_CASE("a file that holds no keys is an error: nothing can be told by it") {
    const Signed made;
    for (const std::string keys :
         {"", "{}", "not keys", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}) {
        const auto refused = cli::verify_activation(made.token, keys);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().context, Catch::StartsWith("--keys"));
    }
}
