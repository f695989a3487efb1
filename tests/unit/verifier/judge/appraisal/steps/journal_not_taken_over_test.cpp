#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

// A host with an acknowledged stick, that now tells of its removal.
EvidenceBuilder host_with_removal() {
    EvidenceBuilder host;
    host.journal.push_back(host.event(DeviceEventKind::insert));
    host.known.open = judge::appraise(host.build().inputs()).next.open;
    REQUIRE(host.known.open->size() == 1);
    REQUIRE(host.known.open->front().device->gone_record == 0);
    host.known.open->front().acks = {{"olga", kNow}, {"otto", kNow}};
    host.journal.push_back(host.event(DeviceEventKind::remove));
    return host;
}

std::size_t open_after(EvidenceBuilder& host, bool& is_taken_over) {
    const auto made = host.build();
    const auto after = judge::appraise(made.inputs());
    is_taken_over = after.next.journal_sequence == host.journal.size();
    return after.next.open.size();
}

}  // namespace

TEST_CASE("a removal in a journal that is in order ends an acknowledged matter") {
    auto host = host_with_removal();
    bool is_taken_over = false;
    CHECK(open_after(host, is_taken_over) == 0);
    CHECK(is_taken_over);
}

TEST_CASE("a removal in a journal that is not taken over ends nothing, though the TPM vouches for it") {
    auto host = host_with_removal();
    SECTION("it is dated in the future") {
        host.journal.back().wall_ms = (kNow + 86'400) * 1000;
    }
    SECTION("a record is missing") {
        ++host.journal.back().sequence;
    }
    bool is_taken_over = true;
    CHECK(open_after(host, is_taken_over) == 1);
    CHECK_FALSE(is_taken_over);
}
