#include "verifier/judge/appraisal/facts/standing/open_matters.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/wire_samples.h"

using namespace assay;
using namespace assay::judge;

namespace {

constexpr std::int64_t kLater = 1'790'001'000;

HostChange change(ChangeKind kind, std::uint8_t before, std::uint8_t after) {
    return {.kind = kind,
            .id = kind == ChangeKind::watch ? "usb.unwatched" : "firmware.changed",
            .subject = kind == ChangeKind::watch ? "USB ports" : "BIOS",
            .expected = "2.1",
            .actual = "2.2",
            .where = "",
            .before = sample::filled(32, before),
            .after = sample::filled(32, after),
            .planned = ""};
}

KnownHost known_with(std::vector<OpenMatter> open) {
    auto known = sample::known_host();
    if (!open.empty()) known.open = std::move(open);
    return known;
}

std::vector<OpenMatter> devices_of(const KnownHost& known) {
    std::vector<OpenMatter> out;
    for (const auto& matter : known.open.value_or(std::vector<OpenMatter>()))
        if (matter.device) out.push_back(matter);
    return out;
}

/// A quiet report.
Matters quiet(const KnownHost& known) {
    return matters_after(known, {.devices = devices_of(known), .changes = {}, .absences = {}, .planned = {}},
                         kLater);
}

Matters with_changes(const KnownHost& known, std::vector<HostChange> changes) {
    return matters_after(
        known, {.devices = devices_of(known), .changes = std::move(changes), .absences = {}, .planned = {}},
        kLater);
}

Matters with_absence(const KnownHost& known) {
    return matters_after(known,
                         {.devices = devices_of(known),
                          .changes = {},
                          .absences = {change(ChangeKind::watch, 0, 0)},
                          .planned = {}},
                         kLater);
}

}  // namespace

TEST_CASE("what is open is told again by a report that says nothing of it, in the same words") {
    const std::vector open{sample::device_matter(), sample::change_matter()};
    auto known = known_with(open);
    for (int i = 0; i < 4; ++i) {
        const auto after = quiet(known);
        REQUIRE(std::ranges::is_permutation(after.open, open));
        CHECK(after.more == 0);
        for (const auto& matter : after.open) {
            const auto same = std::ranges::find(open, matter);
            CHECK(details_of(matter).actual == details_of(*same).actual);
        }
        known = known_with(after.open);
    }
}

TEST_CASE("a host of which nothing is open and nothing new has nothing to tell") {
    const auto after = quiet(sample::known_host());
    CHECK(after.open.empty());
    CHECK(after.planned.empty());
    CHECK(after.more == 0);
}

TEST_CASE("a change is told with the time of its first report, and the same one later is no second matter") {
    const auto first = with_changes(sample::known_host(), {change(ChangeKind::firmware, 1, 2)});
    REQUIRE(first.open.size() == 1);
    CHECK(first.open[0].since == kLater);
    CHECK(first.open[0].tier == "warning");
    auto again = matters_after(
        known_with(first.open),
        {.devices = {}, .changes = {change(ChangeKind::firmware, 1, 2)}, .absences = {}, .planned = {}},
        kLater + 900);
    CHECK(again.open == first.open);
    again = with_changes(known_with(first.open), {change(ChangeKind::firmware, 2, 3)});
    CHECK(again.open.size() == 2);
}

TEST_CASE("a change back waits for its acknowledgement, and begins no matter of its own") {
    const auto first = with_changes(sample::known_host(), {change(ChangeKind::firmware, 1, 2)});
    const auto back = with_changes(known_with(first.open), {change(ChangeKind::firmware, 2, 1)});
    REQUIRE(back.open.size() == 1);
    CHECK(back.open[0].over);
    CHECK(matter_id(back.open[0]) == matter_id(first.open[0]));
    CHECK(details_of(back.open[0]).actual ==
          "2.2; it is as before again; waits for acknowledgement by one person");
    const auto forth = with_changes(known_with(back.open), {change(ChangeKind::firmware, 1, 2)});
    CHECK(forth.open == first.open);  // and not as before any more
}

TEST_CASE("a change that was planned is told once, and one that is planned since is open no more") {
    auto planned = change(ChangeKind::firmware, 1, 2);
    planned.planned = "reference set r750 BIOS 2.20";
    const auto once = with_changes(sample::known_host(), {planned});
    CHECK(once.open.empty());
    REQUIRE(once.planned.size() == 1);
    CHECK(quiet(known_with(once.open)).planned.empty());

    const auto first = with_changes(sample::known_host(), {change(ChangeKind::firmware, 1, 2)});
    const auto since = matters_after(
        known_with(first.open),
        {.devices = {}, .changes = {}, .absences = {}, .planned = {sample::filled(32, 2)}}, kLater);
    CHECK(since.open.empty());
    const auto other = matters_after(
        known_with(first.open),
        {.devices = {}, .changes = {}, .absences = {}, .planned = {sample::filled(32, 3)}}, kLater);
    CHECK(other.open.size() == 1);
}

TEST_CASE("an absence is none while it lasts, and then waits for its acknowledgement") {
    const auto first = with_absence(sample::known_host());
    REQUIRE(first.open.size() == 1);
    CHECK(first.open[0].tier == "none");
    auto known = known_with(first.open);
    known.open->front().acks = {{"olga", kLater}};
    const auto lasting = with_absence(known);
    REQUIRE(lasting.open.size() == 1);
    CHECK_FALSE(lasting.open[0].over);
    CHECK(quiet(known).open.empty());
    const auto unacknowledged = quiet(known_with(first.open));
    REQUIRE(unacknowledged.open.size() == 1);
    CHECK(unacknowledged.open[0].over);
    CHECK_FALSE(with_absence(known_with(unacknowledged.open)).open[0].over);  // absent again
}

TEST_CASE("an acknowledgement while a device is in changes nothing, and counts once it is gone") {
    auto stick = sample::device_matter();
    stick.acks = {{"olga", 1}, {"otto", 2}};
    const auto in = quiet(known_with({stick}));
    REQUIRE(in.open == std::vector{stick});
    stick.device->gone_record = 43;
    CHECK(quiet(known_with({stick})).open.empty());
}

TEST_CASE(
    "above the bound the worst are kept, the earlier of equally bad ones, and the others counted for good") {
    std::vector<OpenMatter> open;
    for (std::uint64_t i = 0; i < limits::kOpenMatters; ++i) {
        open.push_back(sample::change_matter());
        open.back().change->after = sample::filled(32, static_cast<std::uint8_t>(i));
        open.back().since = static_cast<std::int64_t>(i);
    }
    auto known = known_with(open);
    MatterNews news{.devices = {sample::device_matter()},
                    .changes = {change(ChangeKind::firmware, 0xee, 0xef)},
                    .absences = {change(ChangeKind::watch, 0, 0)},
                    .planned = {}};
    auto after = matters_after(known, news, kLater);
    REQUIRE(after.open.size() == limits::kOpenMatters);
    CHECK(after.more == 3);
    CHECK(std::ranges::find(after.open, sample::device_matter()) != after.open.end());
    CHECK(std::ranges::count(after.open, "usb.unwatched", &OpenMatter::id) == 1);
    CHECK(std::ranges::find(after.open, open.front()) != after.open.end());
    CHECK(std::ranges::find(after.open, open.back()) == after.open.end());

    known = known_with(after.open);
    known.open_more = after.more;
    news.changes.clear();
    after = matters_after(known, news, kLater + 900);
    CHECK(after.more == 3);  // what is absent is not counted anew by each report

    for (auto& matter : *known.open) {
        matter.acks = {{"olga", 1}, {"otto", 2}};
        if (matter.device) matter.device->gone_record = 43;
    }
    CHECK(quiet(known).more == 0);
}

TEST_CASE("texts that a device chose fit what is stored, however long they are and however many") {
    std::vector<OpenMatter> devices;
    for (std::uint64_t i = 0; i < limits::kOpenMatters; ++i) {
        devices.push_back(sample::device_matter());
        auto& device = *devices.back().device;
        devices.back().record = i + 1;
        device.name = std::string(5000, 'n');
        device.mounted.assign(1000, std::string(5000, 'm'));
    }
    const auto after = matters_after(
        sample::known_host(), {.devices = devices, .changes = {}, .absences = {}, .planned = {}}, kLater);
    REQUIRE_FALSE(after.open.empty());
    CHECK(after.open.size() + after.more == limits::kOpenMatters);
    const auto bytes = encode_open_matters(after.open);
    CHECK(bytes.size() <= kOpenMattersBytes + 16);
    CHECK(decode_open_matters(bytes) == after.open);
    const auto known = known_with(after.open);
    CHECK(decode_known_host(encode_known_host(known)) == known);
}

TEST_CASE("a device's text says what it is, when and how it came, what was done, and what it waits for") {
    auto stick = sample::device_matter();
    CHECK(details_of(stick).actual ==
          "0781:5581 SanDisk Ultra, serial 4C530001; came 2026-09-21 14:13:10Z (insert); mounted at /mnt; "
          "1024 bytes read, 0 written; still there");
    CHECK(details_of(stick).evidence == "journal: record 41; matter " + matter_id(stick));
    stick.device->gone_record = 43;
    stick.device->gone_from_ms = stick.device->gone_to_ms = 1'790'000'060'000;
    stick.acks = {{"olga", 1}};
    CHECK(details_of(stick).actual.ends_with(
        "; gone 2026-09-21 14:14:20Z; waits for acknowledgement by one person more (olga did)"));
    CHECK(details_of(stick).evidence.starts_with("journal: record 41; gone with record 43; matter "));
}

TEST_CASE("authentic evidence carries what is open, and evidence that is not changes nothing of it") {
    test::EvidenceBuilder host;
    host.known.open = {sample::device_matter()};
    host.known.news.emplace();
    host.known.news->changes = {change(ChangeKind::firmware, 1, 2)};
    auto made = host.build();
    const auto honest = made.appraise();
    REQUIRE(honest.next.authentic);
    REQUIRE(honest.next.open.size() == 2);
    // The monitor started anew, so that nobody saw the stick since.
    CHECK(std::ranges::count(honest.next.open, matter_id(sample::device_matter()), matter_id) == 1);
    made.bundle.evidence.signature.back() ^= std::byte{1};
    CHECK_FALSE(made.appraise().next.authentic);
}
