// What an EK's certificates are worth is worked out once for each distinct host, set of roots and span of
// time: the same object comes back, so nothing was parsed.
#include <limits>
#include <thread>

#include <catch2/catch.hpp>

#include "evidence/base/fault.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/certificates/ek_path_builder.h"
#include "tests/support/machine/skip.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// Nobody is on it.
Bytes list_of_the_root(std::int64_t next_update) {
    const auto& identity = TestIdentity::get();
    const auto root = tcg::Certificate::parse(identity.root).value();
    RevocationSpec spec;
    spec.next_update = next_update;
    return make_revocation_list(spec, root, identity.root_key);
}

/// How many certificates were parsed in the first appraisal, in ten more, and when a list has gone stale.
struct Passed {
    std::uint64_t first = 0, steady = 0, past_next_update = 0;
};

Passed count() {
    auto made = EvidenceBuilder().build();
    made.revocation_lists = {list_of_the_root(kNow + 1000)};
    static_cast<void>(made.trust());  // parsed, as a verifier does when it starts
    const auto parsed = [](const AppraisalCase& each) {
        fault::arm(std::numeric_limits<std::uint64_t>::max(), "certificate");
        static_cast<void>(each.appraise());
        return fault::disarm().points;
    };
    Passed out;
    out.first = parsed(made);
    for (int i = 1; i <= 10; ++i) {
        made.now = kNow + i;
        out.steady += parsed(made);
    }
    made.now = kNow + 1001;
    out.past_next_update = parsed(made);
    return out;
}

}  // namespace

TEST_CASE("a known EK certificate is not parsed again") {
    const auto made = EvidenceBuilder().build();
    const auto first = ek_standing(made.context());
    CHECK(first->trusted);
    auto later = made;
    later.now += 3600;
    CHECK(ek_standing(later.context()) == first);
}

// Must show 5 of the budget: the steady path does no certificate parsing at all.
TEST_CASE("a certificate is parsed once, and in all appraisals after that none is") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    Passed passed;
    // A thread of its own has kept nothing yet.
    std::thread([&] { passed = count(); }).join();
    CHECK(passed.first == 1);  // the EK's; the roots were parsed when they were loaded
    CHECK(passed.steady == 0);
    CHECK(passed.past_next_update == 1);
}

TEST_CASE("each host of a fleet of a thousand is looked at once") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    constexpr unsigned kHosts = 1000;
    std::uint64_t first = 0;
    std::uint64_t again = 0;
    std::thread([&] {
        auto made = EvidenceBuilder().build();
        static_cast<void>(made.trust());
        for (auto* points : {&first, &again}) {
            fault::arm(std::numeric_limits<std::uint64_t>::max(), "certificate");
            for (unsigned host = 0; host < kHosts; ++host) {
                made.bundle.known_host.ek_public = to_bytes("a key of host " + std::to_string(host));
                static_cast<void>(ek_standing(made.context()));
            }
            *points = fault::disarm().points;
        }
    }).join();
    CHECK(first == kHosts);
    CHECK(again == 0);
}

TEST_CASE("another certificate, key, set of roots or span of validity is a new question") {
    const auto made = EvidenceBuilder().build();
    const auto first = ek_standing(made.context());
    auto changed = made;
    SECTION("roots") {
        changed.roots.clear();
        CHECK_THAT(ek_standing(changed.context())->reason, Catch::Contains("ek.no_issuer"));
    }
    SECTION("time") {
        changed.now = 2'000'000'001;
        CHECK_THAT(ek_standing(changed.context())->reason, Catch::Contains("ek.expired"));
    }
    SECTION("revocation lists") {
        changed.revocation_lists = {list_of_the_root(kNow + 1000)};
        CHECK(ek_standing(changed.context())->trusted);
    }
    SECTION("a list's next update") {
        changed.revocation_lists = {list_of_the_root(kNow + 1000)};
        CHECK(ek_standing(changed.context())->trusted);
        changed.now = kNow + 1001;
        CHECK_THAT(ek_standing(changed.context())->reason, Catch::Contains("ek.crl_stale"));
    }
    SECTION("makers") {
        changed.makers = {{sha256(changed.roots.front()), {"id:FFFFFFFF"}}};
        CHECK_THAT(ek_standing(changed.context())->reason, Catch::Contains("ek.maker_differs"));
    }
    SECTION("certificate") {
        changed.bundle.known_host.ek_certificates.front().back() ^= std::byte{1};
        CHECK_THAT(ek_standing(changed.context())->reason, Catch::Contains("ek.signature_invalid"));
    }
    SECTION("key") {
        changed.bundle.known_host.ek_public = encode_tpm_public(test::ek_public(shared_key(Key::p256)));
        CHECK_FALSE(ek_standing(changed.context())->is_about_the_ek);
    }
    CHECK(ek_standing(changed.context()) != first);
    CHECK(ek_standing(made.context())->trusted);
}
