#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

// As an agent sends it: only what is not acknowledged. Appraised, and the next attestation's builder knows
// what the verifier then knows.
Appraisal attested(EvidenceBuilder& builder) {
    builder.before_manifest = [&builder](AppraisalCase& made) {
        auto& bytes = made.bundle.evidence.sections.at(std::string(section::kJournal));
        auto journal = decode_journal_section(bytes).value();
        std::erase_if(journal.records, [&](const Bytes& record) {
            return decode_journal_record(record).value().sequence <= builder.known.journal_sequence;
        });
        bytes = encode_journal_section(journal);
    };
    auto appraisal = builder.build().appraise();
    builder.known.journal_sequence = appraisal.next.journal_sequence;
    builder.known.journal_head = appraisal.next.journal_head;
    builder.known.journal_anchor = appraisal.next.journal_anchor;
    return appraisal;
}

JournalRecord anchor_record(const EvidenceBuilder& builder, std::uint64_t counter) {
    auto record = builder.event(DeviceEventKind::monitor_start);
    record.kind = DeviceEventKind::anchor;
    record.counter = counter;
    return record;
}

}  // namespace

TEST_CASE("the TPM's word is folded on from one attestation to the next") {
    EvidenceBuilder builder;
    const auto first = attested(builder);
    CHECK(first.result.tier == Tier::affirming);
    REQUIRE(first.next.journal_anchor);
    CHECK(first.next.journal_anchor->counter == 41);
    builder.journal.push_back(builder.event(DeviceEventKind::gap));
    const auto second = attested(builder);
    CHECK(second.next.journal_sequence == 2);
    CHECK(second.next.journal_anchor->counter == 42);
    CHECK_FALSE(has_finding(second.result, "journal.rewritten"));
}

TEST_CASE("a host whose TPM was never set up is told how, and its journal is acknowledged") {
    EvidenceBuilder builder;
    builder.anchored = false;
    builder.known.journal_anchor.reset();
    const auto appraisal = attested(builder);
    CHECK(appraisal.result.tier == Tier::warning);
    CHECK(has_finding(appraisal.result, "journal.unanchored"));
    CHECK(appraisal.next.journal_sequence == 1);
    CHECK_FALSE(appraisal.next.journal_anchor);
}

TEST_CASE("from the record `anchor` on the TPM vouches, also for a journal that had records before") {
    EvidenceBuilder builder;
    builder.known.journal_anchor.reset();
    builder.journal.push_back(anchor_record(builder, 6));
    builder.journal.push_back(builder.event(DeviceEventKind::gap));
    const auto appraisal = attested(builder);
    REQUIRE(appraisal.next.journal_anchor);
    CHECK(appraisal.next.journal_anchor->counter == 8);
    CHECK(appraisal.next.journal_sequence == 3);
    CHECK_FALSE(has_finding(appraisal.result, "journal.rewritten"));
}

TEST_CASE("indices without the record that says from where on they vouch belong to another journal") {
    EvidenceBuilder builder;
    builder.known.journal_anchor.reset();
    const auto appraisal = attested(builder);
    CHECK(appraisal.result.tier == Tier::contraindicated);
    CHECK(has_finding(appraisal.result, "journal.rewritten"));
    CHECK(appraisal.next.journal_sequence == 0);
}

TEST_CASE("an anchor record waits for the TPM's word: it is not acknowledged without") {
    EvidenceBuilder builder;
    builder.known.journal_anchor.reset();
    builder.journal.push_back(anchor_record(builder, 6));
    builder.anchored = false;
    CHECK(attested(builder).next.journal_sequence == 1);
    builder.anchored = true;
    CHECK(attested(builder).next.journal_sequence == 2);
}

TEST_CASE("what the TPM does not have yet is not acknowledged, and is judged when it is sent again") {
    EvidenceBuilder builder;
    builder.journal.push_back(builder.event(DeviceEventKind::gap));
    const auto before = *builder.known.journal_anchor;
    builder.before_certifying = [&](JournalAnchor& held) { held = before; };
    const auto behind = attested(builder);
    CHECK(has_finding(behind.result, "journal.behind"));
    CHECK(behind.next.journal_sequence == 0);
    CHECK(behind.next.journal_anchor == before);
    builder.before_certifying = {};
    const auto caught_up = attested(builder);
    CHECK_FALSE(has_finding(caught_up.result, "journal.behind"));
    CHECK(caught_up.next.journal_sequence == 2);
}

TEST_CASE("a start after which the kernel had sent nothing is proof of quiet, not unobserved time") {
    EvidenceBuilder builder;
    auto start = builder.event(DeviceEventKind::monitor_start);
    start.downtime = Downtime{.boot_id = builder.boot_id,
                              .last_boottime_ms = 20'000,
                              .last_wall_ms = 0,
                              .quiet = true,
                              .uevents = 0,
                              .disks = 0,
                              .devnums = 0,
                              .log = "read"};
    SECTION("it was quiet") {
        builder.journal.push_back(start);
        CHECK(attested(builder).result.tier == Tier::affirming);
    }
    SECTION("the kernel sent events") {
        start.downtime->quiet = false;
        start.downtime->uevents = 75;
        start.downtime->devnums = 1;
        builder.journal.push_back(start);
        const auto appraisal = attested(builder);
        REQUIRE(has_finding(appraisal.result, "journal.unobserved"));
        const auto finding = std::ranges::find(appraisal.result.findings, "journal.unobserved", &Finding::id);
        CHECK(
            finding->actual.find("75 kernel events; disk numbers used: not known; USB device numbers used: 1 "
                                 "(the kernel's log: read)") != std::string::npos);
    }
    SECTION("it was quiet in another boot") {
        start.downtime->boot_id = "22222222-2222-3333-4444-555555555555";
        builder.journal.push_back(start);
        CHECK(has_finding(attested(builder).result, "journal.unobserved"));
    }
}

TEST_CASE("each boot since the last attestation has its monitor_start, by the TPM's count") {
    EvidenceBuilder builder;
    builder.clock.reset_count = 9;
    builder.journal.front().resets = 8;
    auto start = builder.event(DeviceEventKind::monitor_start);
    start.resets = 9;
    SECTION("both are there") {
        builder.journal.push_back(start);
        CHECK_FALSE(has_finding(attested(builder).result, "journal.missing_boot"));
    }
    SECTION("the second is missing") {
        CHECK(has_finding(attested(builder).result, "journal.missing_boot"));
    }
}
