// A device's maker stands in for the TPM's: by the certificate of the IAK that certified the AK.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/certificates/iak_builder.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// A host that shows no EK certificate, and an IAK whose maker's root is pinned.
AppraisalCase by_its_iak(EkPathBuilder path = iak_path()) {
    auto made = EvidenceBuilder().build();
    const auto issued = path.make();
    made.roots.push_back(issued.root.der());
    made.bundle.known_host.ek_certificates.clear();
    made.bundle.known_host.iak_certificates = {issued.leaf.der(), issued.intermediate.der()};
    return made;
}

std::vector<std::string> about_identity(const AppraisalCase& made) {
    std::vector<std::string> ids;
    for (const auto& finding : made.appraise().result.findings) {
        if (finding.id.starts_with("identity."))
            ids.push_back(finding.id + " " + std::string(to_string(finding.tier)));
    }
    return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a host without an EK certificate is believed by its IAK's, and not without") {
    auto made = by_its_iak();
    CHECK(iak_standing(made.context())->trusted);
    CHECK(about_identity(made).empty());
    made.bundle.known_host.iak_certificates.reset();
    CHECK_FALSE(iak_standing(made.context())->shown);
    CHECK(about_identity(made) == Ids{"identity.ek_certificate_missing contraindicated"});
}

TEST_CASE("an EK certificate of a CA that nobody pinned is excused by the IAK's, one that is wrong is not") {
    auto made = by_its_iak();
    EkPathBuilder ek;
    ek.root_key = shared_key(Key::p521);
    ek.intermediate_key = shared_key(Key::p384);
    made.bundle.known_host.ek_public = encode_tpm_public(test::ek_public(ek.leaf_key));
    SECTION("unknown") {
        const auto issued = ek.make();
        made.bundle.known_host.ek_certificates = {issued.leaf.der(), issued.intermediate.der()};
        CHECK(about_identity(made).empty());
    }
    SECTION("expired too") {
        ek.leaf.not_after = kNow - 1;
        const auto issued = ek.make();
        made.bundle.known_host.ek_certificates = {issued.leaf.der(), issued.intermediate.der()};
        CHECK(about_identity(made) == Ids{"identity.ek_certificate_untrusted warning"});
    }
    SECTION("of another EK") {
        ek.leaf_key = shared_key(Key::rsa3072);
        const auto issued = ek.make();
        made.bundle.known_host.ek_certificates = {issued.leaf.der(), issued.intermediate.der()};
        CHECK(about_identity(made) == Ids{"identity.ek_certificate_mismatch contraindicated"});
    }
}

TEST_CASE("an IAK certificate that is not trusted any more is a warning, and excuses nothing") {
    auto path = iak_path();
    path.leaf.not_after = kNow - 1;
    auto made = by_its_iak(path);
    auto ids = about_identity(made);
    std::ranges::sort(ids);
    CHECK(ids == Ids{"identity.ek_certificate_missing contraindicated",
                     "identity.iak_certificate_untrusted warning"});
    CHECK_THAT(iak_standing(made.context())->reason, Catch::Contains("iak.expired"));

    const auto honest = EvidenceBuilder().build();
    made.bundle.known_host.ek_certificates = honest.bundle.known_host.ek_certificates;
    CHECK(about_identity(made) == Ids{"identity.iak_certificate_untrusted warning"});
}

TEST_CASE("an EK's certificate in the place of the IAK's stands for nothing") {
    auto made = EvidenceBuilder().build();
    std::swap(made.bundle.known_host.ek_certificates, made.bundle.known_host.iak_certificates.emplace());
    CHECK_FALSE(iak_standing(made.context())->trusted);
    CHECK_THAT(iak_standing(made.context())->reason, Catch::Contains("iak.restricted_not_verified"));
}

TEST_CASE("a known IAK certificate is not parsed again") {
    const auto made = by_its_iak();
    const auto first = iak_standing(made.context());
    auto later = made;
    later.now += 3600;
    CHECK(iak_standing(later.context()) == first);
    later.roots.clear();
    CHECK_FALSE(iak_standing(later.context())->trusted);
}
