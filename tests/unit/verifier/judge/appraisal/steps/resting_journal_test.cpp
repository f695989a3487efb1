#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

// A host whose journal is acknowledged and rests: no record came since.
EvidenceBuilder resting_host() {
    EvidenceBuilder host;
    const auto first = host.build();
    const auto journal = decode_journal_section(first.bundle.evidence.sections.at("journal")).value();
    const auto next = first.appraise().next;
    host.known.journal_sequence = journal.head_sequence;
    host.known.journal_head = to_bytes(journal.head.view());
    host.known.journal_anchor = next.journal_anchor;
    host.known.watch = next.watch;
    host.before_manifest = [head = journal.head, sequence = journal.head_sequence](AppraisalCase& made) {
        const auto section = made.bundle.evidence.sections.find("journal");
        if (section != made.bundle.evidence.sections.end())
            section->second = encode_journal_section({sequence, head, {}});
    };
    return host;
}

// Another report, and what it says of the monitor.
std::vector<Finding> reported(EvidenceBuilder& host, Tier& tier) {
    auto after = host.build().appraise();
    host.known.open = after.next.open;
    host.known.watch = after.next.watch;
    tier = after.result.tier;
    std::erase_if(after.result.findings, [](const Finding& each) { return each.id != "usb.unwatched"; });
    return after.result.findings;
}

}  // namespace

TEST_CASE(
    "a killed agent is told in each report over the old head, and so is a journal that is sent no more") {
    auto host = resting_host();
    std::string told;
    SECTION("nobody lives") {
        host.heartbeat.reset();
        told = "no sign of life of a monitor";
    }
    SECTION("its last look is told again and again") {
        host.heartbeat->idle_s = 6 * 300;
        told = "the monitor has not looked for more than three intervals";
    }
    SECTION("the journal stays away") {
        host.left_out["journal"] = true;
        told = "no journal";
    }
    auto tier = Tier::affirming;
    for (int report = 0; report < 10; ++report) {
        const auto findings = reported(host, tier);
        REQUIRE(findings.size() == 1);
        CHECK(findings.front().actual == told);
        CHECK(findings.front().tier == Tier::none);
        CHECK(tier != Tier::affirming);
    }
    // It watches again: what was not seen meanwhile waits for a person.
    host.left_out.clear();
    host.heartbeat = resting_host().heartbeat;
    CHECK(reported(host, tier).size() == 1);
    REQUIRE(host.known.open);
    for (auto& matter : *host.known.open) matter.acks = {{"olga", kNow}};
    CHECK(reported(host, tier).empty());
}

TEST_CASE("a monitor that lives is told of in no report, though its journal rests") {
    auto host = resting_host();
    auto tier = Tier::none;
    for (int report = 0; report < 10; ++report) CHECK(reported(host, tier).empty());
    CHECK(tier == Tier::affirming);
}
