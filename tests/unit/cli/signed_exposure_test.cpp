#include "cli/signed_exposure.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/digest.h"
#include "evidence/codec/jws.h"
#include "tests/support/builders/token_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

nlohmann::json an_exposure() {
    return {{"entity", "maker"},
            {"coverage", {{"hosts", 2}, {"attested", 1}}},
            {"parts", nlohmann::json::array()}};
}

TokenBuilder token_of(const nlohmann::json& exposure) {
    TokenBuilder made;
    made.payload =
        nlohmann::json{{"assay.exposure", sha256(as_view(exposure.dump())).hex()}, {"iat", 1'795'344'145}}
            .dump();
    return made;
}

}  // namespace

TEST_CASE("a signed exposure verifies however it is laid out, and says when it was made") {
    const auto made = token_of(an_exposure());
    for (const int step : {-1, 0, 2, 8}) {
        INFO(step);
        const auto found = cli::verify_exposure(made.token(), made.keys.public_pem, an_exposure().dump(step));
        REQUIRE(found);
        CHECK(found->issued_at == 1'795'344'145);
        CHECK(found->document == an_exposure().dump());
    }
    CHECK(cli::is_exposure(made.token()));
}

TEST_CASE("an exposure in which a number was changed, or one of another token, is refused") {
    const auto made = token_of(an_exposure());
    auto changed = an_exposure();
    changed["coverage"]["attested"] = 2;
    const auto refused = cli::verify_exposure(made.token(), made.keys.public_pem, changed.dump());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
    auto left_out = an_exposure();
    left_out.erase("coverage");
    CHECK_FALSE(cli::verify_exposure(made.token(), made.keys.public_pem, left_out.dump()));
    CHECK_FALSE(cli::verify_exposure(made.token(), made.keys.public_pem, "{}"));
}

TEST_CASE("a token of an exposure alone asks for the whole answer") {
    const auto made = token_of(an_exposure());
    const auto refused = cli::verify_exposure(made.token(), made.keys.public_pem, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::usage);
}

TEST_CASE("an exposure is believed under the verifier's key alone") {
    const auto made = token_of(an_exposure());
    CHECK_FALSE(cli::verify_exposure(made.token(), R"({"keys":[]})", an_exposure().dump()));
    CHECK_FALSE(cli::verify_exposure(made.token() + "A", made.keys.public_pem, an_exposure().dump()));
}

TEST_CASE("another token of the verifier is no exposure") {
    TokenBuilder result;
    result.payload = R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05","iat":1})";
    CHECK_FALSE(cli::is_exposure(result.token()));
    CHECK_FALSE(cli::verify_exposure(result.token(), result.keys.public_pem, an_exposure().dump()));
    CHECK_FALSE(cli::is_exposure("no token"));
}
