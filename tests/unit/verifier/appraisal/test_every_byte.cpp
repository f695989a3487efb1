#include <catch2/catch.hpp>

#include "tests/support/evidence_builder.h"
#include "verifier/appraisal/findings.h"

using namespace assay;
using assay::test::AppraisalCase;
using assay::test::EvidenceBuilder;

namespace {

// Each byte with its lowest bit turned, and with its highest: nothing of that may pass, and each has a named
// finding.
void walk(const char* what, AppraisalCase& honest, Bytes& bytes) {
    REQUIRE(honest.appraise().result.tier == Tier::affirming);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const auto bit : {std::byte{0x01}, std::byte{0x80}}) {
            bytes[at] ^= bit;
            const auto appraisal = honest.appraise();
            bytes[at] ^= bit;
            bool named = false;
            for (const auto& finding : appraisal.result.findings) {
                named =
                    named || (finding.tier == Tier::contraindicated && find_finding(finding.id) != nullptr);
            }
            if (!named || appraisal.result.tier != Tier::contraindicated) {
                FAIL_CHECK(what << ", byte " << at << " of " << bytes.size() << ", bit "
                                << std::to_integer<int>(bit) << ": " << to_string(appraisal.result.tier));
            }
        }
    }
    REQUIRE(honest.appraise().result.tier == Tier::affirming);
}

}  // namespace

TEST_CASE("one byte of the nonce changed, on either side, is contraindicated with a named finding") {
    auto honest = EvidenceBuilder().build();
    walk("evidence nonce", honest, honest.bundle.evidence.nonce);
    walk("challenge nonce", honest, honest.bundle.challenge.nonce);
}

TEST_CASE("one byte of the quote or of its signature changed is contraindicated with a named finding") {
    auto honest = EvidenceBuilder().build();
    walk("quote", honest, honest.bundle.evidence.quote);
    walk("signature", honest, honest.bundle.evidence.signature);
}

TEST_CASE("one byte of the manifest changed is contraindicated with a named finding") {
    auto honest = EvidenceBuilder().build();
    walk("manifest", honest, honest.bundle.evidence.manifest);
}

TEST_CASE("one byte of any section changed is contraindicated with a named finding") {
    auto honest = EvidenceBuilder().build();
    for (auto& [name, bytes] : honest.bundle.evidence.sections) walk(name.c_str(), honest, bytes);
}
