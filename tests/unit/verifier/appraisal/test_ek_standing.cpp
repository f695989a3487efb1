// What an EK's certificates are worth is worked out once for each distinct host, set of roots and span of
// time: the same object comes back, so nothing was parsed.
#include <catch2/catch.hpp>

#include "tests/support/evidence_builder.h"
#include "verifier/appraisal/identity.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("a known EK certificate is not parsed again") {
    const auto made = EvidenceBuilder().build();
    const auto first = ek_standing(made.inputs());
    CHECK(first->trusted);
    auto later = made;
    later.now += 3600;
    CHECK(ek_standing(later.inputs()) == first);
}

TEST_CASE("another certificate, key, set of roots or span of validity is a new question") {
    const auto made = EvidenceBuilder().build();
    const auto first = ek_standing(made.inputs());
    auto changed = made;
    SECTION("roots") {
        changed.roots.clear();
        CHECK_THAT(ek_standing(changed.inputs())->reason, Catch::Contains("ek.no_issuer"));
    }
    SECTION("time") {
        changed.now = 2'000'000'001;
        CHECK_THAT(ek_standing(changed.inputs())->reason, Catch::Contains("ek.expired"));
    }
    SECTION("certificate") {
        changed.bundle.known_host.ek_certificates.front().back() ^= std::byte{1};
        CHECK_THAT(ek_standing(changed.inputs())->reason, Catch::Contains("ek.signature_invalid"));
    }
    SECTION("key") {
        changed.bundle.known_host.ek_public = encode_tpm_public(test::ek_public(shared_key(Key::p256)));
        CHECK_FALSE(ek_standing(changed.inputs())->is_about_the_ek);
    }
    CHECK(ek_standing(changed.inputs()) != first);
    CHECK(ek_standing(made.inputs())->trusted);
}
