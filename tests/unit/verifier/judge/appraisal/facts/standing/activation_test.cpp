// A bundle that a host saved: on the verifier's signed statement alone its key counts as activated.
#include "verifier/judge/appraisal/facts/standing/activation.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/activation_builder.h"
#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

using Standing = ShownActivation::Standing;

/// A bundle of a host, and its verifier's statement, which verified. A test breaks one thing.
struct SavedByHost {
    AppraisalCase made = EvidenceBuilder().build();
    ActivationStatement statement = statement_about(made.bundle.known_host);
    Standing standing = Standing::authentic;

    SavedByHost() { made.bundle.known_host.ak_activated = false; }

    AttestationResult judged() {
        ShownActivation shown;
        shown.standing = standing;
        if (standing != Standing::missing) shown.token = sha256(as_view("token"));
        if (standing == Standing::authentic) {
            shown.key_id = "verifier-1";
            shown.statement = statement;
        } else {
            shown.reason = "a reason";
        }
        shown.keys = sha256(as_view("keys"));
        made.activation = shown;
        return made.appraise().result;
    }
    void check(std::string_view id, Tier tier, std::string_view actual) {
        const auto result = judged();
        CHECK(result.tier == tier);
        const auto* finding = test::find_finding(result, id);
        REQUIRE(finding != nullptr);
        CHECK(finding->tier == tier);
        CHECK_THAT(finding->actual, Catch::Contains(std::string(actual)));
        CHECK(activation_words(made.context()).empty());
    }
};

std::string words_of(const AttestationResult& result) {
    for (const auto& check : result.checks)
        if (check.check == kIndispensableCheck) return check.summary;
    return {};
}

}  // namespace

TEST_CASE("a statement about these keys affirms, and the result says on whose word and what is not known") {
    SavedByHost host;
    const auto result = host.judged();
    CHECK(result.tier == Tier::affirming);
    CHECK_THAT(words_of(result), Catch::Contains("by the word of verifier key verifier-1") &&
                                     Catch::Contains("revoked since is not known"));
    CHECK(result.inputs.at("activation") == sha256(as_view("token")).hex());
    CHECK(result.inputs.at("verifier_keys") == sha256(as_view("keys")).hex());
}

TEST_CASE("without a statement nothing counts instead, not even the bundle's own word") {
    SavedByHost host;
    host.standing = Standing::missing;
    SECTION("the bundle says nothing") {}
    SECTION("the bundle says that it was activated") {
        host.made.bundle.known_host.ak_activated = true;
    }
    host.check("identity.not_activated", Tier::none, "none");
    CHECK_FALSE(host.judged().inputs.contains("activation"));
}

TEST_CASE(
    "a statement that is not the verifier's does not affirm, and one that was altered is held against it") {
    SavedByHost host;
    SECTION("of a key that is not known") {
        host.standing = Standing::unknown_key;
        host.check("identity.activation_unverified", Tier::none, "a reason");
    }
    SECTION("none that can be read") {
        host.standing = Standing::unreadable;
        host.check("identity.activation_unverified", Tier::none, "a reason");
    }
    SECTION("altered") {
        host.standing = Standing::altered;
        host.check("identity.activation_unverified", Tier::contraindicated, "a reason");
    }
}

TEST_CASE("a genuine statement about something else is held against the host") {
    SavedByHost host;
    SECTION("another host") {
        host.statement.host = "rack-8";
        host.check("identity.activation_mismatch", Tier::contraindicated, "one about host rack-8");
    }
    SECTION("another attestation key") {
        host.statement.ak = sha256(as_view("another"));
        host.check("identity.activation_mismatch", Tier::contraindicated,
                   "attestation key " + sha256(as_view("another")).hex());
    }
    SECTION("another endorsement key") {
        host.statement.ek = sha256(as_view("another"));
        host.check("identity.activation_mismatch", Tier::contraindicated,
                   "endorsement key " + sha256(as_view("another")).hex());
    }
}

TEST_CASE("a statement speaks from when it was issued, but for a clock that is behind, until it expires") {
    SavedByHost host;
    SECTION("issued in the future") {
        host.statement.issued_at = kNow + kActivationSkew_s + 1;
        host.check("identity.activation_untimely", Tier::none, "issued at");
    }
    SECTION("issued in the future, no more than clocks differ") {
        host.statement.issued_at = kNow + kActivationSkew_s;
        CHECK(host.judged().tier == Tier::affirming);
    }
    SECTION("expired") {
        host.statement.expires_at = kNow;
        host.check("identity.activation_untimely", Tier::none, "expired at");
    }
    SECTION("about to expire") {
        host.statement.expires_at = kNow + 1;
        CHECK(host.judged().tier == Tier::affirming);
    }
}

TEST_CASE("where nobody gave keys the known host's word stands as before, and no input more is named") {
    auto made = EvidenceBuilder().build();
    const auto result = made.appraise().result;
    CHECK(result.tier == Tier::affirming);
    CHECK_FALSE(result.inputs.contains("verifier_keys"));
    CHECK_THAT(words_of(result), !Catch::Contains("activated"));
    made.bundle.known_host.ak_activated = false;
    CHECK(test::find_finding(made.appraise().result, "identity.not_activated") != nullptr);
}
