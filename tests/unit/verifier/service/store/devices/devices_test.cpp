#include <catch2/catch.hpp>

#include "tests/support/builders/device_builder.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::judge;
using namespace builders;
using assay::test::at_second;
using assay::test::kDayMs;
using assay::test::kStickSerial;
using assay::test::stick_record;
using Kind = DeviceEventKind;

namespace {

/// The host's `number`-th attestation brings these records, accepted.
Result<> attest(store::Store& store, const std::string& name, int number,
                const std::vector<DeviceSighting>& fresh, std::uint64_t accepted) {
    auto next = attestation(*store::Hosts(store).find(name), number, {});
    auto open = *store::Devices(store).open_stays(name);
    next.next.journal_sequence = accepted;
    next.devices.known_before = open.size();
    next.devices.head = accepted;
    next.devices.watched_until_ms = kDayMs + number * 100'000;
    next.devices.sightings = followed(std::move(open), fresh, 0);
    return store::Attestations(store).add(next);
}

DeviceSighting event(const std::string& host, std::uint64_t record, Kind kind, std::int64_t second,
                     const std::string& serial = std::string(kStickSerial)) {
    return test::sighting(host, stick_record(record, kind, "1-4", serial), second);
}

}  // namespace

STORE_TEST(sighting_back, "a sighting comes back as it was, and its stay ends with the removal") {
    const auto store = with_hosts(database);
    const auto wanted = event("web-1", 1, Kind::insert, 0);
    REQUIRE(attest(*store, "web-1", 1, {wanted}, 1));
    REQUIRE(store::Devices(*store).open_stays("web-1").value() == std::vector{wanted});
    REQUIRE(attest(*store, "web-1", 2, {event("web-1", 2, Kind::remove, 50)}, 2));
    REQUIRE(store::Devices(*store).open_stays("web-1")->empty());
    const auto all = store::Devices(*store).sightings({.serial = std::string(kStickSerial), .host = {}});
    REQUIRE(all->size() == 2);
    REQUIRE(all->at(0).end == StayEnd{2, "remove", at_second(50)});
    REQUIRE(all->at(1).kind == Kind::remove);
    REQUIRE(store::Devices(*store).stays(wanted.device)->at(0).watched_until_ms == kDayMs + 200'000);
}

STORE_TEST(same_record_again, "the same record again changes nothing") {
    const auto store = with_hosts(database);
    REQUIRE(attest(*store, "web-1", 1, {event("web-1", 1, Kind::insert, 0)}, 1));
    auto again = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    again.devices.sightings = {event("web-1", 1, Kind::insert, 999)};
    again.next.journal_sequence = 1;
    REQUIRE(store::Attestations(*store).add(again));
    const auto all = store::Devices(*store).sightings({.serial = std::string(kStickSerial), .host = {}});
    REQUIRE(all->size() == 1);
    REQUIRE(all->at(0).time == at_second(0));
}

STORE_TEST(not_accepted, "records that the appraisal did not accept are not kept, nor is their watching") {
    const auto store = with_hosts(database);
    auto refused = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    refused.devices = {
        .sightings = {event("web-1", 5, Kind::insert, 0)}, .head = 5, .watched_until_ms = kDayMs};
    REQUIRE(store::Attestations(*store).add(refused));  // next.journal_sequence is still 0
    REQUIRE(store::Devices(*store).open_stays("web-1")->empty());
    REQUIRE(store::Hosts(*store).contact("web-1")->watched_until_ms == 0);
    REQUIRE(store::Hosts(*store).contact("web-1")->attested_at == kNow + 1);
}

STORE_TEST(not_authentic, "evidence that is not authentic is no sign of life and tells of no device") {
    const auto store = with_hosts(database);
    auto forged = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    forged.next.authentic = false;
    forged.next.journal_sequence = 1;
    forged.devices = {
        .sightings = {event("web-1", 1, Kind::insert, 0)}, .head = 1, .watched_until_ms = kDayMs};
    REQUIRE(store::Attestations(*store).add(forged));
    REQUIRE(store::Devices(*store).open_stays("web-1")->empty());
    REQUIRE(store::Hosts(*store).contact("web-1")->attested_at == 0);
    REQUIRE(store::Hosts(*store).contact("web-1")->last() ==
            store::Hosts(*store).contact("web-1")->enrolled_at);
    REQUIRE(store::Hosts(*store).contact("nobody").error().code == ErrorCode::not_found);
}

STORE_TEST(device_list, "each device is listed once, with all hosts that it was in") {
    const auto store = with_hosts(database);
    REQUIRE(attest(*store, "web-1", 1,
                   {event("web-1", 1, Kind::insert, 0), event("web-1", 2, Kind::remove, 50)}, 2));
    REQUIRE(attest(*store, "web-2", 1,
                   {event("web-2", 1, Kind::insert, 60),
                    test::sighting("web-2", stick_record(2, Kind::insert, "1-5", ""), 70)},
                   2));
    const auto all = store::Devices(*store).list({}).value();
    REQUIRE(all.size() == 2);
    const auto& stick = all.at(1);
    REQUIRE(stick.serial == kStickSerial);
    REQUIRE(stick.grade == usb::SerialGrade::a);
    REQUIRE(stick.sightings == 3);
    REQUIRE(stick.hosts.size() == 2);
    REQUIRE_FALSE(stick.hosts[0].present);
    REQUIRE(stick.hosts[0].last_seen_ms == at_second(50).at_ms);
    REQUIRE(stick.hosts[1].present);
    REQUIRE(stick.last_seen_ms == kDayMs + 100'000);  // there when its host last told
    REQUIRE(all.at(0).grade == usb::SerialGrade::c);
    REQUIRE(store::Devices(*store).list({.host = "web-1"})->size() == 1);
    REQUIRE(store::Devices(*store).list({.host = {}, .limit = 1})->size() == 1);
}

STORE_TEST(grade_in_fleet, "a serial that another model shows too names no device") {
    const auto store = with_hosts(database);
    auto other = stick_record(1, Kind::insert);
    other.device->descriptors.at(10) = std::byte{0x11};  // idProduct
    REQUIRE(attest(*store, "web-1", 1, {event("web-1", 1, Kind::insert, 0)}, 1));
    REQUIRE(attest(*store, "web-2", 1, {test::sighting("web-2", other, 60)}, 1));
    const auto all = store::Devices(*store).list({}).value();
    REQUIRE(all.size() == 2);
    for (const auto& device : all) REQUIRE(device.grade == usb::SerialGrade::b);
}

STORE_TEST(newest_sightings, "of more sightings than are asked for the newest come, in the order of time") {
    const auto store = with_hosts(database);
    std::vector<DeviceSighting> fresh;
    for (std::uint64_t i = 0; i < 10; ++i)
        fresh.push_back(event("web-1", i + 1, i % 2 == 0 ? Kind::insert : Kind::remove,
                              static_cast<std::int64_t>(i) * 10));
    REQUIRE(attest(*store, "web-1", 1, fresh, 10));
    const auto some = store::Devices(*store)
                          .sightings({.serial = std::string(kStickSerial), .host = {}, .limit = 3})
                          .value();
    REQUIRE(some.size() == 3);
    REQUIRE(some.front().record == 8);
    REQUIRE(some.back().record == 10);
}
