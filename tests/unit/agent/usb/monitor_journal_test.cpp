#include "agent/usb/monitor_journal.h"

#include <catch2/catch.hpp>

#include "evidence/base/fault.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using Kind = DeviceEventKind;

namespace {

struct Written {
    test::TempFolder folder;
    test::FakeHost host;
    AnchoredJournal file{Journal::open(folder.path() / "j").value(), folder.path() / "j", nullptr};
    GapRule gaps;
    int recorded = 0;
    std::vector<std::string> trouble;
    MonitorJournal journal{
        host,
        file,
        gaps,
        {[this] { ++recorded; }, [this](const std::string& text) { trouble.push_back(text); }}};

    Written() { REQUIRE(journal.begin()); }
    [[nodiscard]] std::vector<JournalRecord> records() const {
        return test::decoded(read_journal(file.folder(), 0, 1U << 20U).value());
    }
};

JournalRecord record_of(Kind kind, const std::string& serial) {
    auto record = test::insertion(serial);
    record.kind = kind;
    return record;
}

}  // namespace

TEST_CASE("each record has this boot's id and the clocks of its moment") {
    Written written;
    written.host.now = {1'700'000'005'000, 65'000, true};
    CHECK(written.journal.append(test::insertion("S1")));
    const auto records = written.records();
    REQUIRE(records.size() == 1);
    CHECK(records[0].boot_id == test::kBootId);
    CHECK(records[0].wall_ms == 1'700'000'005'000);
    CHECK(records[0].boottime_ms == 65'000);
    CHECK(written.recorded == 1);
}

TEST_CASE("an open gap stands before the next record") {
    Written written;
    written.gaps.lose(4);
    CHECK(written.journal.append(test::insertion("S1")));
    const auto records = written.records();
    REQUIRE(records.size() == 2);
    CHECK(records[0].kind == Kind::gap);
    CHECK(records[0].lost == 4);
    CHECK_FALSE(written.gaps.open());
}

TEST_CASE("a record that cannot be written counts as the events that it stands for, and is logged") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    Written written;
    fault::arm(0, "journal: before the record is written");
    CHECK_FALSE(written.journal.append(test::insertion("S1"), 7));
    CHECK(fault::disarm().failed);
    CHECK(written.trouble.size() == 1);
    REQUIRE(written.gaps.open());
    CHECK(written.gaps.open()->lost == 7);
    CHECK(written.records().empty());
}

TEST_CASE("the journal's presence is what came and did not go, in this boot alone") {
    Written written;
    auto other_boot = test::insertion("old");
    other_boot.boot_id = "76543210-89ab-cdef-0123-456789abcdef";
    other_boot.device->port_path = "1-9";
    REQUIRE(written.file.append(other_boot));
    CHECK_FALSE(written.journal.presence().watched);
    REQUIRE(written.journal.write(test::start_record()));
    CHECK(written.journal.append(record_of(Kind::insert, "S1")));
    CHECK(written.journal.presence().present.at("1-4").serial == "S1");
    CHECK(written.journal.append(record_of(Kind::remove, "S1")));
    const auto presence = written.journal.presence();
    CHECK(presence.watched);
    CHECK(presence.present.empty());
    CHECK(presence.recorded == std::set<std::pair<std::string, std::uint64_t>>{{"1-4", 5}});
}
