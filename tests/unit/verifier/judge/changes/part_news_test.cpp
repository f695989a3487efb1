#include "verifier/judge/changes/part_news.h"

#include <catch2/catch.hpp>

namespace assay::judge {
namespace {

using vendors::Component;

const ChangeSpan kBetween{1'000'000, 1'000'300};

HostComponent drive_in(const std::string& serial, const std::string& slot = "0000:3b:00.0") {
    return {.kind = Component::drive,
            .place = "nvme0",
            .slot = slot,
            .maker = {},
            .model = "SAMSUNG MZQL2",
            .serial = serial,
            .revision = "GDC5602Q"};
}

HostComponent dimm(const std::string& serial) {
    return {
        .kind = Component::memory, .place = "DIMM_A1", .model = "M393", .serial = serial, .revision = "1"};
}

HostComponent bios(const std::string& version, const std::string& date) {
    return {.kind = Component::bios, .place = "BIOS", .model = date, .revision = version};
}

HostComponent system_of(const std::string& maker) {
    return {.kind = Component::system,
            .place = "system",
            .maker = {{vendors::Namespace::smbios, maker, maker, ""}},
            .model = "R750",
            .serial = "S1"};
}

HostChange only_news(const std::vector<HostComponent>& before, const std::vector<HostComponent>& after) {
    const auto out = part_news(before, after, kBetween);
    REQUIRE(out.size() == 1);
    return out[0].told;
}

}  // namespace

TEST_CASE("the same parts are no news, whatever the kernel calls them", "[changes]") {
    auto other = drive_in("A");
    other.place = "nvme4";
    CHECK(part_news({drive_in("A"), dimm("1")}, {dimm("1"), other}, kBetween).empty());
}

TEST_CASE("a part that went, came or was replaced is told with both sides", "[changes]") {
    const auto gone = only_news({drive_in("A")}, {});
    CHECK(gone.id == "part.gone");
    CHECK(gone.subject == "drive");
    CHECK(gone.expected == "SAMSUNG MZQL2, serial A, in 0000:3b:00.0");
    CHECK(gone.actual == "nothing");
    const auto came = only_news({}, {drive_in("A")});
    CHECK(came.id == "part.new");
    CHECK(came.before == gone.after);
    CHECK(came.after == gone.before);
    const auto replaced = only_news({dimm("1")}, {dimm("2")});
    CHECK(replaced.id == "part.replaced");
    CHECK(replaced.subject == "memory DIMM_A1");
    CHECK(only_news({drive_in("A")}, {drive_in("B")}).id == "part.replaced");
}

TEST_CASE("a part is in another slot; without a slot on either side nothing is told", "[changes]") {
    CHECK(only_news({drive_in("A")}, {drive_in("A", "0000:5e:00.0")}).id == "part.moved");
    CHECK(part_news({drive_in("A", "")}, {drive_in("A")}, kBetween).empty());
    CHECK(part_news({drive_in("", "0000:3b:00.0")}, {drive_in("", "0000:5e:00.0")}, kBetween).empty());
}

TEST_CASE("other firmware of the same part names no serial number", "[changes]") {
    auto newer = drive_in("A");
    newer.revision = "GDC5702Q";
    const auto told = only_news({drive_in("A")}, {newer});
    CHECK(told.id == "firmware.changed");
    CHECK(told.kind == ChangeKind::firmware);
    CHECK(told.expected == "SAMSUNG MZQL2 firmware GDC5602Q");
    CHECK(told.actual == "SAMSUNG MZQL2 firmware GDC5702Q");
    const auto flashed = only_news({bios("2.1", "01/02/2024")}, {bios("2.2", "03/04/2025")});
    CHECK(flashed.id == "firmware.changed");
    CHECK(flashed.subject == "BIOS");
    CHECK(flashed.actual == "version 2.2 of 03/04/2025");
}

TEST_CASE("a serial number that became readable, or unreadable, is no exchange", "[changes]") {
    CHECK(part_news({dimm("")}, {dimm("1")}, kBetween).empty());
    CHECK(part_news({dimm("1")}, {dimm("")}, kBetween).empty());
}

TEST_CASE("another maker of the same system is an exchange; one more identifier of it is none", "[changes]") {
    CHECK(only_news({system_of("Dell Inc.")}, {system_of("Evil Ltd.")}).id == "part.replaced");
    auto more = system_of("Dell Inc.");
    more.maker.push_back({vendors::Namespace::iana_pen, "674", "enterprise 674", ""});
    CHECK(part_news({system_of("Dell Inc.")}, {more}, kBetween).empty());
}

TEST_CASE("a class of which nothing is left is told part by part, and counted beyond the bound",
          "[changes]") {
    std::vector<HostComponent> many;
    for (int i = 0; i < 40; ++i) many.push_back(drive_in("S" + std::to_string(i)));
    const auto out = part_news(many, {}, kBetween);
    REQUIRE(out.size() == kChangesOfAnId + 1);
    CHECK(out.back().told.actual == "8 more changes of this kind");
}

TEST_CASE("USB devices are the journal's", "[changes]") {
    CHECK(part_news({}, {{.kind = Component::usb, .place = "1-4"}}, kBetween).empty());
}

}  // namespace assay::judge
