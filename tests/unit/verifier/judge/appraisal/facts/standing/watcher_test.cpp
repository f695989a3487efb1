#include "verifier/judge/appraisal/facts/standing/watcher.h"

#include <utility>

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::judge;

namespace {

// A host that reports every five minutes; a test changes what one report has.
struct Host {
    std::optional<Heartbeat> heartbeat = Heartbeat{.seen = 1000,
                                                   .kernel = 1000,
                                                   .start_ms = 20'000,
                                                   .diskseq = 3,
                                                   .devnums = {std::byte{4}, std::byte{1}}};
    std::optional<WatchPoint> known;
    std::string boot_id = "01234567-89ab-cdef-0123-456789abcdef";
    std::uint64_t tpm_ms = 1'000'000;
    std::optional<std::uint64_t> head = 7;
    std::uint64_t acknowledged = 7;
    std::string gap;
    std::vector<BoundRecord> records;
    bool whole = true;
    std::vector<UsbDevice> usb{device("usb1", 1), device("1-1", 4), device("usb2", 1)};
    bool tells_usb = true;

    static UsbDevice device(std::string port, std::uint64_t devnum) {
        UsbDevice out;
        out.port_path = std::move(port);
        out.controller = "0000:00:14.0";
        out.devnum = devnum;
        return out;
    }
    // A monitor starts and says so.
    void starts(std::uint64_t at_ms) {
        heartbeat->start_ms = at_ms;
        JournalRecord record;
        record.kind = DeviceEventKind::monitor_start;
        record.boot_id = boot_id;
        record.boottime_ms = at_ms;
        record.sequence = ++*head;
        records = {{Digest{}, record, ""}};
    }
    /// The trouble that this report gives, empty where there is none.
    std::string report(std::uint64_t after_ms = 300'000) {
        tpm_ms += after_ms;
        auto watching = watching_of({.heartbeat = heartbeat,
                                     .before = known,
                                     .boot_id = boot_id,
                                     .tpm_ms = tpm_ms,
                                     .interval_s = 300,
                                     .head = head,
                                     .gap = gap,
                                     .acknowledged = acknowledged,
                                     .records = records,
                                     .whole = whole,
                                     .usb = tells_usb ? &usb : nullptr});
        known = std::move(watching.next);
        acknowledged = head.value_or(acknowledged);
        records.clear();
        return watching.trouble;
    }
};

constexpr auto kNoLife = "no sign of life of a monitor";
constexpr auto kBehind = "the kernel counted events that the monitor had not handled by the report after";
constexpr auto kBack = "numbers of the monitor went back";
constexpr auto kOthers = "other USB devices than in the report before, and no record in the journal";
constexpr auto kUnknown = "USB device numbers that the monitor does not know, and no record in the journal";
constexpr auto kUntold = "a monitor whose start is in no record";
constexpr auto kIdle = "the monitor has not looked for more than three intervals";

}  // namespace

TEST_CASE("a quiet host on which nothing moves is watched, report after report") {
    Host host;
    for (int i = 0; i < 5; ++i) CHECK(host.report().empty());
    CHECK_FALSE(host.known->unlike_ms);
}

TEST_CASE("without a sign of life nobody watches, and what was known is not forgotten for it") {
    Host host;
    REQUIRE(host.report().empty());
    const auto known = host.known;
    const auto heartbeat = std::exchange(host.heartbeat, std::nullopt);
    CHECK(host.report() == kNoLife);
    CHECK(host.known == known);
    host.heartbeat = heartbeat;
    CHECK(host.report().empty());
}

TEST_CASE("what the host itself says of its monitor stands before its sign of life") {
    Host host;
    CHECK_FALSE(absence_of({.trouble = host.report(), .next = {}}));
    host.head = 0;
    CHECK(host.report() == "an empty journal: no monitor ever started");
    host.head.reset();
    CHECK(host.report() == "no journal");
    host.head = 7;
    host.gap = "usb monitor not running";
    const auto absence = absence_of({.trouble = host.report(), .next = {}});
    REQUIRE(absence);
    CHECK(absence->actual == "usb monitor not running");
    CHECK(absence->kind == ChangeKind::watch);
}

TEST_CASE("a monitor that has not looked for three intervals does not watch") {
    Host host;
    host.heartbeat->idle_s = 901;
    CHECK(host.report() == kIdle);
    host.heartbeat->idle_s = 900;  // an attestation beside a daemon tells how long ago that was
    CHECK(host.report().empty());
}

TEST_CASE("what the kernel had counted must be handled one report later, and is told until it is") {
    Host host;
    host.heartbeat->kernel = 1001;
    CHECK(host.report().empty());  // it may be on its way
    CHECK(host.report() == kBehind);
    host.heartbeat->kernel = 1000;  // he who freezes the count as well is late: it was told
    CHECK(host.report() == kBehind);
    host.heartbeat->seen = 1001;
    host.heartbeat->kernel = 1001;
    CHECK(host.report().empty());
}

TEST_CASE("a host of many containers and loop devices, whose count is always ahead, is watched") {
    Host host;
    const auto after_ms = GENERATE(300'000U, 15'000U, 2'000U);
    for (std::uint64_t i = 0; i < 100; ++i) {
        // 50 events a second, of which the monitor learns up to 20 s late
        const auto late = 50 * 20;
        host.heartbeat->kernel += 50 * after_ms / 1000;
        if (host.heartbeat->kernel > 1000 + late) host.heartbeat->seen = host.heartbeat->kernel - late;
        host.heartbeat->diskseq += 3;
        CHECK(host.report(after_ms).empty());
    }
}

TEST_CASE("reports in quick succession do not shake off a count that is never handled") {
    Host host;
    std::string trouble;
    int reports = 0;
    for (; trouble.empty() && reports < 10; ++reports) {
        host.heartbeat->kernel += 10;
        trouble = host.report(15'000);
    }
    CHECK(trouble == kBehind);
    CHECK(reports == 6);  // a minute after the first
}

TEST_CASE("numbers of one monitor that go back are no monitor's") {
    const auto change = GENERATE(
        +[](Heartbeat& beat) { beat.seen = 999; }, +[](Heartbeat& beat) { beat.diskseq = 2; },
        +[](Heartbeat& beat) { beat.devnums = {std::byte{4}}; },
        +[](Heartbeat& beat) { beat.devnums[0] = std::byte{3}; });
    Host host;
    host.usb = {Host::device("usb1", 1)};
    REQUIRE(host.report().empty());
    change(*host.heartbeat);
    host.heartbeat->kernel = 999;
    CHECK(host.report() == kBack);
}

TEST_CASE("a monitor that started anew begins with numbers of its own") {
    Host host;
    REQUIRE(host.report().empty());
    host.starts(900'000);
    host.heartbeat->seen = host.heartbeat->kernel = 1500;
    host.heartbeat->diskseq = 1;
    host.usb = {Host::device("usb1", 1)};
    host.heartbeat->devnums = {std::byte{1}};
    CHECK(host.report().empty());
    CHECK(host.report().empty());
}

TEST_CASE("a monitor whose start is in no record is told until its start is in one") {
    Host host;
    REQUIRE(host.report().empty());
    SECTION("of the same boot") {
        host.heartbeat->start_ms = 900'000;
    }
    SECTION("of another boot") {
        host.boot_id = "11111111-89ab-cdef-0123-456789abcdef";
        host.heartbeat->start_ms = 15'000;
    }
    CHECK(host.report() == kUntold);
    CHECK(host.report() == kUntold);
    host.starts(host.heartbeat->start_ms);
    CHECK(host.report().empty());
    CHECK(host.report().empty());
}

TEST_CASE("a start that stands in the part of the journal that is still to come is no trouble") {
    Host host;
    REQUIRE(host.report().empty());
    host.heartbeat->start_ms = 900'000;
    host.whole = false;
    CHECK(host.report().empty());
}

TEST_CASE("the note of an older monitor may come once more beside the record of the newer's start") {
    Host host;
    REQUIRE(host.report().empty());
    const auto old = *host.heartbeat;
    host.starts(900'000);
    const auto young = Heartbeat{.seen = 1000, .kernel = 1000, .start_ms = 900'000, .devnums = old.devnums};
    host.heartbeat = old;
    CHECK(host.report().empty());
    host.heartbeat = young;
    CHECK(host.report().empty());
}

TEST_CASE("a device that is there without a record is told in the second report, until a record comes") {
    Host host;
    REQUIRE(host.report().empty());
    host.usb.push_back(Host::device("1-4", 4));
    SECTION("whose number the monitor has") {
        CHECK(host.report().empty());
        CHECK(host.report() == kOthers);
        CHECK(host.report() == kOthers);
    }
    SECTION("whose number it does not have") {
        host.usb.back().devnum = 5;
        CHECK(host.report().empty());
        CHECK(host.report() == kUnknown);
        host.heartbeat->devnums[0] = std::byte{5};
        CHECK(host.report() == kOthers);
    }
    ++*host.head;
    CHECK(host.report().empty());
    CHECK(host.report().empty());
}

TEST_CASE("a device that is gone without a record is told too, and no more when it is there again") {
    Host host;
    REQUIRE(host.report().empty());
    host.usb.pop_back();
    CHECK(host.report().empty());
    CHECK(host.report() == kOthers);
    host.usb.push_back(Host::device("usb2", 1));
    CHECK(host.report().empty());
}

TEST_CASE("a device that is being announced while reports are made is no trouble") {
    Host host;
    REQUIRE(host.report().empty());
    host.usb.push_back(Host::device("1-4", 5));
    CHECK(host.report(500).empty());
    host.heartbeat->devnums[0] = std::byte{5};
    CHECK(host.report(1000).empty());
    ++*host.head;
    CHECK(host.report(1000).empty());
    CHECK(host.report().empty());
}

TEST_CASE("devices that cannot be read once are no trouble") {
    Host host;
    REQUIRE(host.report().empty());
    host.tells_usb = false;
    CHECK(host.report().empty());
    host.tells_usb = true;
    CHECK(host.report().empty());
}

TEST_CASE("the first sign of life has nothing to be compared with, but for the devices that are there") {
    Host host;
    host.heartbeat->kernel = 5000;
    host.usb.push_back(Host::device("1-4", 9));
    CHECK(host.report().empty());
    host.heartbeat->seen = 5000;
    CHECK(host.report() == kUnknown);
}

TEST_CASE("a host that was suspended goes on where it was") {
    Host host;
    REQUIRE(host.report().empty());
    host.heartbeat->kernel = 1002;
    host.heartbeat->seen = 1002;
    CHECK(host.report(8 * 3'600'000).empty());  // idle_s counts from the look after waking up
}
