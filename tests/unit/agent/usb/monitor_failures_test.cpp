#include "evidence/base/fault.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/agent/usb/watched.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::test;

namespace {

// A storm in which another device than before came to stay: as many records as a port may have, then a count.
// The number of events that are only counted.
std::uint64_t storm_that_ends_with_another(Watched& watched) {
    std::uint64_t events = 0;
    const auto tell = [&](const std::string& action, int devnum) {
        watched.send_numbered(action, 1000 + events++, std::to_string(devnum));
        watched.step();
    };
    tell("remove", 4);  // so that the last record before the storm is one of a device that came
    for (int devnum = 5; devnum < 25; ++devnum) {
        watched.host.plug("1-4", devnum);
        tell("bind", devnum);
        if (devnum == 24) break;
        watched.host.unplug();
        tell("remove", devnum);
    }
    REQUIRE(watched.kinds().size() == 1 + Storms::kPerPort);
    REQUIRE(watched.kinds().back() == Kind::insert);
    return events - Storms::kPerPort;
}

}  // namespace

TEST_CASE("what a storm ended with is counted where it cannot be written, and the count is written") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    struct Failing {
        std::uint64_t nth;
        std::vector<Kind> kinds;
        std::size_t gap;
    };
    const auto failing = GENERATE(Failing{0, {Kind::gap, Kind::remove, Kind::present}, 0},
                                  Failing{1, {Kind::storm, Kind::gap, Kind::present}, 1},
                                  Failing{2, {Kind::storm, Kind::remove, Kind::gap}, 2},
                                  Failing{3, {Kind::storm, Kind::remove, Kind::present}, 3});
    Watched watched;
    watched.start();
    const auto counted = storm_that_ends_with_another(watched);
    const auto told = watched.recorded;
    fault::arm(failing.nth, "journal: before the record is written");
    watched.step(10s);
    const bool failed = fault::disarm().failed;
    auto records = watched.records();
    records.erase(records.begin(), records.begin() + 1 + Storms::kPerPort);
    std::vector<Kind> kinds;
    for (const auto& record : records) kinds.push_back(record.kind);
    CHECK(kinds == failing.kinds);
    CHECK(failed == (failing.gap < 3));
    CHECK(watched.trouble.size() == (failed ? 1 : 0));
    CHECK(watched.recorded > told);
    if (failed) CHECK(records.at(failing.gap).lost == (failing.nth == 0 ? counted : 1));
    CHECK_FALSE(watched.monitor->next_deadline());
}

TEST_CASE("a state that cannot be saved is logged once, and once more when it fails anew") {
    Watched watched;
    watched.start();
    // A folder under the file's name: no file can take its place.
    const auto in_the_way = watched.folder.path() / "j" / "watched";
    const auto put_in_the_way = [&] {
        std::filesystem::remove(in_the_way);
        std::filesystem::create_directory(in_the_way);
    };
    put_in_the_way();
    watched.step(1s);
    watched.step(2s);
    REQUIRE(watched.trouble.size() == 1);
    CHECK(watched.trouble[0].find("watched") != std::string::npos);
    std::filesystem::remove(in_the_way);
    watched.step(3s);
    CHECK(watched.trouble.size() == 1);
    put_in_the_way();
    watched.step(4s);
    CHECK(watched.trouble.size() == 2);
}
