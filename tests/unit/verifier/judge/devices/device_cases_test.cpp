#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/devices/device_journal.h"

using namespace assay;
using namespace assay::test::device_journal;

TEST_CASE("what is seen as it comes is accompanied by a session that was open then, and by no later one") {
    Journal host;
    host.add(Kind::insert, 30);
    CHECK(host.ids() == Ids{"usb.unaccompanied"});
    const auto matter = host.follow().open.front();
    CHECK(matter.tier == "contraindicated");
    CHECK(matter.subject == "USB port 1-4");
    CHECK(matter.device->ids == "0781:5581");
    CHECK(matter.device->serial == "S1");
    CHECK(matter.device->came_from_ms == (kNow - 30) * 1000);
    CHECK(matter.record == 11);
    host.session(20);
    CHECK(host.ids() == Ids{"usb.unaccompanied"});
    host.session(40, 25);
    CHECK(host.ids().empty());
}

TEST_CASE("what is found after a stop or a loss is accompanied by a session that was open all that time") {
    for (const auto since : {45, 31}) {
        Journal host;
        host.reconciled(Kind::present, since, 30);
        CHECK(host.ids() == Ids{"usb.found_unseen"});
        host.session(40);
        CHECK(host.ids() == (since == 45 ? Ids{"usb.found_unseen"} : Ids{}));
        host.session(50, 29);
        CHECK(host.ids().empty());
    }
}

TEST_CASE("what is found at a start in another boot came since the host was last watched") {
    Journal host;
    host.boot = "boot-a";
    host.known.boot_clock->boot_id = "boot-0";
    host.start(30, "boot-0");
    host.coldplug(29, stick());
    REQUIRE(host.ids() == Ids{"usb.found_unseen"});
    CHECK(host.follow().open.front().device->came_from_ms == kReported * 1000);
    host.session(40);
    CHECK(host.ids() == Ids{"usb.found_unseen"});
    host.session(60);
    CHECK(host.ids().empty());
}

TEST_CASE("a device that came and went unseen is told, unless a session covers all that time") {
    Journal host;
    host.reconciled(Kind::ghost, 45, 30);
    REQUIRE(host.ids() == Ids{"usb.ghost_device"});
    CHECK(host.follow().open.front().device->gone_record == 11);
    host.session(60);
    CHECK(host.ids().empty());
}

TEST_CASE(
    "a device of which the kernel's log alone knew is told by the ids of that log, where there are any") {
    const auto told = [](const std::string& product) {
        Journal host;
        auto ghost = stick();
        ghost.descriptors.clear();
        ghost.manufacturer.clear();
        ghost.product = product;
        host.reconciled(Kind::ghost, 45, 30, ghost);
        const auto device = *host.follow().open.front().device;
        return std::pair(device.ids, device.name);
    };
    using Told = std::pair<std::string, std::string>;
    CHECK(told("DataTraveler [0951:1666]") == Told{"0951:1666", "DataTraveler"});
    CHECK(told("DataTraveler") == Told{"unknown device", "DataTraveler"});
    // What looks like ids and is none stays a part of the name.
    for (const std::string other :
         {"Stick [0951:166]", "Stick [0951-1666]", "Stick [0951:166g]", "[0951:1666"})
        CHECK(told(other) == Told{"unknown device", other});
}

TEST_CASE("no session covers that a blocked device is let in on the host itself") {
    Journal host;
    host.session(1000);
    host.add(Kind::authorize, 30);
    CHECK(host.ids() == Ids{"usb.privileged_override"});
}

TEST_CASE("what an unlisted session covers is unattested, on the word of who opened it, once for a stay") {
    Journal host;
    host.unlisted_session(1000);
    host.add(Kind::insert, 40);
    host.add(Kind::use, 35).use = DeviceUse{.children = {}, .mounted_at = {"/mnt"}, .bytes_read = 7};
    host.add(Kind::remove, 30);
    REQUIRE(host.ids() == Ids{"usb.unattested"});
    const auto matter = host.follow().open.front();
    CHECK(matter.tier == "warning");
    CHECK(matter.actual == "session s, opened unlisted by operator:dora");
    CHECK(matter.device->mounted == std::vector<std::string>{"/mnt"});
    CHECK(matter.device->gone_record == 13);
    host.session(1000);  // a listed one
    CHECK(host.ids().empty());
}

TEST_CASE("an unlisted session covers nothing that the device does once it is over") {
    Journal host;
    host.unlisted_session(50, 38);
    host.add(Kind::insert, 40);
    SECTION("its use and its removal are told as those of an accompanied device") {
        host.add(Kind::use, 30).use = DeviceUse{.children = {}, .mounted_at = {"/mnt"}};
        host.add(Kind::remove, 20);
        CHECK(host.ids() == Ids{"usb.unattested", "usb.used_unaccompanied"});
    }
    SECTION("nor that it comes again") {
        host.add(Kind::remove, 39);
        host.add(Kind::insert, 20);
        CHECK(host.ids() == Ids{"usb.unattested", "usb.unaccompanied"});
    }
    SECTION("nor that it comes again without having been seen to go") {
        host.add(Kind::insert, 20);
        CHECK(host.ids() == Ids{"usb.unattested", "usb.unaccompanied"});
    }
    SECTION("and what was told is told the same where its records come again") {
        host.add(Kind::remove, 39);
        host.through = 10;
        for (int report = 0; report < 3; ++report) {
            CHECK(host.ids() == Ids{"usb.unattested"});
            host.next();
        }
        host.through = 100;
        CHECK(host.ids() == Ids{"usb.unattested"});
        CHECK(host.follow().open.front().device->gone_record == 12);
    }
}

TEST_CASE("use and removal of an accompanied device outside any session are a warning each") {
    Journal host;
    host.was_present(stick());
    host.add(Kind::use, 30).use = DeviceUse{.children = {}, .mounted_at = {"/mnt"}, .bytes_read = 7};
    host.add(Kind::remove, 20);
    const auto open = host.follow().open;
    REQUIRE(open.size() == 1);  // the removal ends what the use began
    CHECK(open[0].id == "usb.used_unaccompanied");
    CHECK(open[0].tier == "warning");
    CHECK(open[0].device->mounted == std::vector<std::string>{"/mnt"});
    CHECK(open[0].device->read == 7);
    CHECK(open[0].device->gone_record == 12);
    host.records.erase(host.records.begin());
    REQUIRE(host.ids() == Ids{"usb.removed_unaccompanied"});
    CHECK(host.follow().open.front().device->gone_record == 12);
    host.session(40);
    CHECK(host.ids().empty());
}

TEST_CASE("a drive that comes by hot-plug is told as a stick is, and goes with its own removal") {
    Journal host;
    HotplugDevice drive{"nvme", "/devices/pci/nvme1", "nvme1", "PM9A3", "N1", "0000:3b:00.0"};
    host.add(Kind::insert, 30, {}).hotplug = drive;
    REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
    CHECK(host.follow().open.front().subject == "drive nvme1");
    host.add(Kind::remove, 20, {}).hotplug = drive;
    CHECK(host.follow().open.front().device->gone_record == 12);
    host.session(40);
    CHECK(host.ids().empty());
}
