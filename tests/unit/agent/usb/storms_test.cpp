#include "agent/usb/storms.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::agent;
using namespace std::chrono_literals;

namespace {
constexpr Storms::Time kStart{};

JournalRecord stick(std::uint64_t devnum) {
    JournalRecord record;
    record.device.emplace().devnum = devnum;
    return record;
}
}  // namespace

TEST_CASE("a port that flaps is counted from the thirteenth event on, and told of when it is quiet") {
    Storms storms;
    for (std::size_t i = 0; i < Storms::kPerPort; ++i) CHECK(storms.admits("1-4", stick(i), kStart));
    for (std::uint64_t i = 0; i < 100; ++i) CHECK_FALSE(storms.admits("1-4", stick(i), kStart + 1s));
    CHECK(storms.take_due(kStart + 2s).empty());
    CHECK(storms.next_due() == kStart + 1s + Storms::kQuiet);
    const auto due = storms.take_due(kStart + 6s);
    REQUIRE(due.size() == 1);
    CHECK(due[0].port == "1-4");
    CHECK(due[0].record.kind == DeviceEventKind::storm);
    CHECK(due[0].record.count == 100);
    CHECK(due[0].record.device->devnum == 99);
    CHECK_FALSE(storms.next_due());
}

TEST_CASE("a storm that does not end is told of each minute") {
    Storms storms;
    std::uint64_t told = 0, sent = 0;
    for (auto at = kStart; at < kStart + 180s; at += 100ms) {
        sent += 1;
        if (storms.admits("1-4", {}, at)) ++told;
        for (const auto& storm : storms.take_due(at)) told += storm.record.count.value();
    }
    for (const auto& storm : storms.take_due(kStart + 300s)) told += storm.record.count.value();
    CHECK(told == sent);
}

TEST_CASE("a storm on one port does not hide another port") {
    Storms storms;
    for (int i = 0; i < 1000; ++i) static_cast<void>(storms.admits("1-4", {}, kStart));
    CHECK(storms.admits("1-5", {}, kStart));
}

TEST_CASE("many ports at once are bounded too") {
    Storms storms;
    std::size_t admitted = 0;
    for (int port = 0; port < 1000; ++port)
        admitted += storms.admits(std::to_string(port), {}, kStart) ? 1 : 0;
    CHECK(admitted == Storms::kOverall);
}
