#include "verifier/judge/devices/device_sightings.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/device_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;
using Kind = DeviceEventKind;

namespace {

constexpr std::int64_t kReportedAt = kDayMs + 600'000;

/// One host's sightings: (kind, second), in the same port.
std::vector<DeviceSighting> seen(const std::string& host, std::vector<std::pair<Kind, std::int64_t>> events,
                                 const std::string& serial = std::string(kStickSerial),
                                 const std::string& port = "1-4") {
    std::vector<DeviceSighting> fresh;
    for (const auto& [kind, second] : events)
        fresh.push_back(sighting(host, stick_record(fresh.size() + 1, kind, port, serial), second));
    return followed({}, fresh, 0);
}

std::vector<KnownStay> stored(const std::vector<DeviceSighting>& sightings, std::int64_t watched_until_ms) {
    std::vector<KnownStay> out;
    for (const auto& each : sightings) {
        if (each.kind != Kind::remove) out.push_back({each, watched_until_ms});
    }
    return out;
}

bool at_once(const DeviceOnOtherHost& device) {
    return are_at_once(device.here, device.there);
}

}  // namespace

TEST_CASE("a stay ends with the removal from its port, and only there") {
    const auto a = seen("a", {{Kind::insert, 0}, {Kind::remove, 60}});
    REQUIRE(a.size() == 2);
    REQUIRE(a[0].end);
    CHECK(a[0].end->record == 2);
    CHECK(a[0].end->kind == "remove");
    auto other = sighting("a", stick_record(2, Kind::remove, "1-5"), 60);
    const auto b = followed({}, {sighting("a", stick_record(1, Kind::insert), 0), other}, 0);
    CHECK_FALSE(b[0].end);
}

TEST_CASE("a monitor that starts in another boot knows of no stay how it went on") {
    const auto open = followed({}, {sighting("a", stick_record(1, Kind::insert), 0)}, 0);
    const auto reported = kDayMs + 100'000;
    auto start = sighting_of("a", stick_record(2, Kind::monitor_start), Digest{}, at_second(500)).value();
    start.boot_id = "another";
    const auto after = followed(open, {start, sighting("a", stick_record(3, Kind::present), 500)}, reported);
    REQUIRE(after.size() == 2);
    REQUIRE(after[0].end);
    CHECK(after[0].end->kind == "monitor_start");
    CHECK(after[0].end->time.earliest_ms == reported);  // there at the last report; then nobody knows
    CHECK(after[0].end->time.latest_ms == at_second(500).latest_ms);
    CHECK_FALSE(after[1].end);
}

TEST_CASE("a monitor that starts again in one boot says nothing of what is still there") {
    const auto start =
        sighting_of("a", stick_record(2, Kind::monitor_start), Digest{}, at_second(500)).value();
    auto after = followed({sighting("a", stick_record(1, Kind::insert), 0)}, {start}, kDayMs);
    REQUIRE(after.size() == 1);
    CHECK_FALSE(after[0].end);
    after = followed({sighting("a", stick_record(1, Kind::insert), 0)},
                     {start, sighting("a", stick_record(3, Kind::remove), 500)}, kDayMs);
    REQUIRE(after[0].end);
    CHECK(after[0].end->kind == "remove");
}

TEST_CASE("one serial in two hosts at once is told, however the reports come") {
    const auto a = seen("a", {{Kind::insert, 0}});
    const auto b = seen("b", {{Kind::insert, 300}});
    // b reports first: that a still had it then is not known yet.
    CHECK_FALSE(at_once(devices_elsewhere(b, kDayMs + 310'000, stored(a, kDayMs + 290'000), 0).at(0)));
    // Then a reports, and has it still.
    const auto told = devices_elsewhere(a, kReportedAt, stored(b, kDayMs + 310'000), 1);
    REQUIRE(told.size() == 1);
    CHECK(at_once(told[0]));
    CHECK(told[0].there.host == "b");
    // It came and went in b while a had it.
    const auto brief = seen("b", {{Kind::insert, 300}, {Kind::remove, 301}});
    CHECK(at_once(devices_elsewhere(a, kReportedAt, stored(brief, kReportedAt), 1).at(0)));
}

TEST_CASE("a stick that left one host before it came to the other roams, and is no copy") {
    const auto a = seen("a", {{Kind::insert, 0}, {Kind::remove, 200}});
    const auto b = seen("b", {{Kind::insert, 300}});
    const auto told = devices_elsewhere(b, kReportedAt, stored(a, kReportedAt), 0);
    REQUIRE(told.size() == 1);
    CHECK_FALSE(at_once(told[0]));
    CHECK(told[0].there.until_record == 2);
    // No news, nothing to tell; and from a's side it never came from b.
    CHECK(devices_elsewhere(b, kReportedAt, stored(a, kReportedAt), b.size()).empty());
    CHECK(devices_elsewhere(a, kReportedAt, stored(b, kReportedAt), 0).empty());
}

TEST_CASE("a stick that comes back to its host, or is found there again, did not roam") {
    const auto elsewhere = seen("a", {{Kind::insert, 0}, {Kind::remove, 100}});
    const auto mine = seen("b", {{Kind::insert, 200}, {Kind::remove, 300}, {Kind::insert, 400}});
    const auto told = devices_elsewhere(mine, kReportedAt, stored(elsewhere, kReportedAt), 0);
    REQUIRE(told.size() == 1);
    CHECK(told[0].here.record == 1);
}

TEST_CASE("a clock that is not known to the moment makes no copy out of a stick that was carried") {
    auto a = seen("a", {{Kind::insert, 0}, {Kind::remove, 310}});
    const auto b = seen("b", {{Kind::insert, 300}});
    CHECK(at_once(devices_elsewhere(b, kReportedAt, stored(a, kReportedAt), 0).at(0)));
    a[0].end->time.earliest_ms -= 30'000;
    CHECK_FALSE(at_once(devices_elsewhere(b, kReportedAt, stored(a, kReportedAt), 0).at(0)));
}

TEST_CASE("no serial, a default serial and a hub are never compared") {
    for (const auto* serial : {"", "1", "SN-1", "0123456789ABCDEF"}) {
        CAPTURE(serial);
        const auto a = seen("a", {{Kind::insert, 0}}, serial);
        const auto b = seen("b", {{Kind::insert, 300}}, serial);
        CHECK(devices_elsewhere(a, kReportedAt, stored(b, kReportedAt), 0).empty());
    }
    auto hub = seen("a", {{Kind::insert, 0}});
    hub[0].hub = true;
    CHECK_FALSE(is_comparable(hub[0]));
}

TEST_CASE("what each host of a model has in the same place since its start is built in") {
    const auto a = seen("a", {{Kind::present, 0}});
    const auto b = seen("b", {{Kind::present, 300}});
    CHECK(devices_elsewhere(a, kReportedAt, stored(b, kReportedAt), 0).empty());
    const auto moved = seen("b", {{Kind::present, 300}}, std::string(kStickSerial), "1-9");
    CHECK(at_once(devices_elsewhere(a, kReportedAt, stored(moved, kReportedAt), 0).at(0)));
}

TEST_CASE("texts of a device are kept printable, and tell the same device by what it sent") {
    const auto hostile = sighting("a", stick_record(1, Kind::insert, "1-4", "\x1b[31mSN\xff\\"), 0);
    CHECK(hostile.serial == "\\x1b[31mSN\\xff\\\\");
    const auto imitation = sighting("a", stick_record(1, Kind::insert, "1-4", hostile.serial), 0);
    CHECK(imitation.device != hostile.device);
    auto faster = stick_record(1, Kind::insert);
    faster.device->descriptors.at(2) = std::byte{0};  // bcdUSB, as in a port of another speed
    CHECK(sighting("a", faster, 0).device == sighting("a", stick_record(1, Kind::insert), 0).device);
}
