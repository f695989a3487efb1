#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/judge/appraisal/checks/findings.h"

using namespace assay;
using namespace assay::judge;
using assay::test::AppraisalCase;
using assay::test::EvidenceBuilder;

namespace {

// A small bundle, with every section that the builder has.
AppraisalCase small() {
    EvidenceBuilder builder;
    builder.log.banks = {HashAlgorithm::sha256};
    builder.ima_files.clear();
    return builder.build();
}

// Every byte, its lowest and its highest bit in turn: nothing of that may pass, and each has a named finding.
void walk(const char* what, AppraisalCase& honest, Bytes& bytes) {
    REQUIRE(honest.appraise().result.tier == Tier::affirming);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto bit = at % 2 == 0 ? std::byte{0x01} : std::byte{0x80};
        bytes[at] ^= bit;
        const auto result = honest.appraise().result;
        bytes[at] ^= bit;
        const bool named = std::ranges::any_of(result.findings, [](const Finding& finding) {
            return finding.tier == Tier::contraindicated && find_finding(finding.id) != nullptr;
        });
        if (!named || result.tier != Tier::contraindicated) {
            FAIL_CHECK(what << ", byte " << at << " of " << bytes.size() << ": " << to_string(result.tier));
        }
    }
    REQUIRE(honest.appraise().result.tier == Tier::affirming);
}

}  // namespace

TEST_CASE("one byte of the nonce changed, on either side, is contraindicated with a named finding") {
    auto honest = small();
    walk("evidence nonce", honest, honest.bundle.evidence.nonce);
    walk("challenge nonce", honest, honest.bundle.challenge.nonce);
}

TEST_CASE("one byte of the quote or of its signature changed is contraindicated with a named finding") {
    auto honest = small();
    walk("quote", honest, honest.bundle.evidence.quote);
    walk("signature", honest, honest.bundle.evidence.signature);
}

TEST_CASE("one byte of the manifest changed is contraindicated with a named finding") {
    auto honest = small();
    walk("manifest", honest, honest.bundle.evidence.manifest);
}

TEST_CASE("one byte of any section changed is contraindicated with a named finding") {
    auto honest = small();
    for (auto& [name, bytes] : honest.bundle.evidence.sections) walk(name.c_str(), honest, bytes);
}
