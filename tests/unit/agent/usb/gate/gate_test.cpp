#include "agent/usb/gate/gate.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/support/builders/usb_builder.h"
#include "tests/unit/agent/usb/gate/gated.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::test;

namespace {

const Bytes kStick = build::usb_descriptors();

Bytes keyboard() {
    ByteWriter out;
    out.u8(18)
        .u8(1)
        .u16le(0x0200)
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(8)
        .u16le(0x046d)
        .u16le(0xc31c)
        .u16le(0x0100)
        .u8(1)
        .u8(2)
        .u8(0)
        .u8(1);
    out.u8(9).u8(2).u16le(34).u8(1).u8(1).u8(0).u8(0xa0).u8(50);
    out.u8(9).u8(4).u8(0).u8(0).u8(1).u8(3).u8(1).u8(1).u8(0);
    out.u8(9).u8(0x21).u16le(0x0111).u8(0).u8(1).u8(0x22).u16le(63);
    out.u8(7).u8(5).u8(0x81).u8(3).u16le(8).u8(10);
    return out.take();
}

DeviceGrant grant_for(const usb::Rule& rule) {
    return {"rack-7", Bytes(32), "s-1", "W-1", 300, {rule}};
}

}  // namespace

TEST_CASE("a gate that starts closes every bus") {
    Gated gated;
    gated.begin_gated();
    CHECK(gated.host.files[kRootHub + "/authorized_default"] == "0\n");
}

TEST_CASE("without a rule a new device is kept out and recorded as refused, once") {
    Gated gated;
    gated.begin_gated();
    gated.plug(kStick);
    CHECK_FALSE(gated.authorized());
    CHECK(gated.newest().kind == Kind::refusal);
    CHECK(gated.newest().device->serial == "S1");
    CHECK(Gated::reason(gated.newest()) == "no-rule");
    CHECK(gated.gate->waiting() == 1);
    const auto records = gated.records().size();
    gated.step(5s);
    CHECK(gated.records().size() == records);
    gated.unplug();
    CHECK(gated.gate->waiting() == 0);
}

TEST_CASE("a device of the allow list is let in, and the record is there before it is") {
    Gated gated;
    gated.begin_gated({{.vid = "046b", .pid = "ff10", .serial = {}, .digest = {}, .kind = {}}});
    gated.plug(kStick);
    CHECK(gated.authorized());
    CHECK(gated.newest().kind == Kind::grant);
    CHECK(Gated::reason(gated.newest()) == "allow-list");
    CHECK_FALSE(gated.newest().device->authorized);
}

TEST_CASE("the interfaces of a device that the gate let in are no override") {
    Gated gated;
    gated.begin_gated({{.vid = "046b", .pid = {}, .serial = {}, .digest = {}, .kind = {}}});
    gated.plug(kStick);
    gated.interface_came();
    CHECK(gated.newest().kind == Kind::grant);
}

TEST_CASE("a device that root lets in past the gate is an override") {
    Gated gated;
    gated.begin_gated();
    gated.plug(kStick);
    REQUIRE(gated.newest().kind == Kind::refusal);
    gated.host.files[kRootHub + "/1-4/authorized"] = "1\n";
    gated.interface_came();
    CHECK(gated.newest().kind == Kind::authorize);
}

TEST_CASE("a bus that root opened is seen at the next device, and closed again") {
    Gated gated;
    gated.begin_gated();
    gated.host.files[kRootHub + "/authorized_default"] = "1\n";
    gated.plug(kStick);
    CHECK(gated.newest().kind == Kind::authorize);
    CHECK(gated.host.files[kRootHub + "/authorized_default"] == "0\n");
}

TEST_CASE("what was there when the gate was closed comes back in its port, and in no other") {
    Gated gated;
    gated.there("1-4", kStick, true);
    gated.begin_gated();
    gated.unplug();
    gated.plug(kStick);
    CHECK(Gated::reason(gated.newest()) == "present-at-start");
    CHECK(gated.authorized());
    gated.plug(kStick, "1-5");
    CHECK(gated.newest().kind == Kind::refusal);
}

TEST_CASE("what was there when the gate was closed is known after a restart, and not in the next boot") {
    Gated gated;
    gated.there("1-4", kStick, true);
    gated.begin_gated();
    gated.unplug();
    SECTION("of the agent") {
        gated.begin_gated();
        gated.plug(kStick);
        CHECK(gated.authorized());
    }
    SECTION("of the machine") {
        gated.host.files["/proc/sys/kernel/random/boot_id"] = "11111111-89ab-cdef-0123-456789abcdef\n";
        gated.begin_gated();
        gated.plug(kStick);
        CHECK_FALSE(gated.authorized());
    }
}

TEST_CASE("a device that was kept out stays out over a restart of the agent") {
    Gated gated;
    gated.begin_gated();
    gated.plug(kStick);
    gated.begin_gated();
    CHECK_FALSE(gated.authorized());
    CHECK(gated.gate->waiting() == 1);
}

TEST_CASE("the last keyboard comes back in any port, while no other keyboard is there") {
    Gated gated;
    gated.there("1-4", keyboard(), true, "K1");
    gated.begin_gated();
    gated.unplug();
    SECTION("the same") {
        gated.plug(keyboard(), "1-7", "K1");
        CHECK(gated.authorized("1-7"));
        CHECK(Gated::reason(gated.newest()) == "last-keyboard");
    }
    SECTION("another") {
        gated.plug(keyboard(), "1-7", "K2");
        CHECK_FALSE(gated.authorized("1-7"));
    }
    SECTION("a stick that says it is one") {
        gated.plug(kStick, "1-7", "K1");
        CHECK_FALSE(gated.authorized("1-7"));
    }
}

TEST_CASE("a keyboard that is there keeps the next one out, also one just like it") {
    Gated gated;
    gated.there("1-4", keyboard(), true, "K1");
    gated.begin_gated();
    gated.plug(keyboard(), "1-7", "K1");
    CHECK_FALSE(gated.authorized("1-7"));
}

TEST_CASE("a session that opens lets in the device that waits and that its order names") {
    Gated gated;
    gated.begin_gated();
    gated.plug(kStick);
    REQUIRE_FALSE(gated.authorized());
    SECTION("named") {
        gated.open_session(grant_for({.vid = "046b", .pid = {}, .serial = {}, .digest = {}, .kind = {}}));
        gated.step();
        CHECK(gated.authorized());
        const auto document = nlohmann::json::parse(as_text(gated.newest().document.value()));
        CHECK(document.at("session") == "s-1");
        CHECK(document.at("token") == "token");
    }
    SECTION("another") {
        gated.open_session(grant_for({.vid = "0951", .pid = {}, .serial = {}, .digest = {}, .kind = {}}));
        gated.step();
        CHECK_FALSE(gated.authorized());
    }
    SECTION("none") {
        auto grant = grant_for({});
        grant.devices.clear();
        gated.open_session(grant);
        gated.step();
        CHECK_FALSE(gated.authorized());
    }
}

TEST_CASE("a session counts no longer than its grant says, by the boot clock") {
    Gated gated;
    gated.begin_gated();
    gated.open_session(grant_for({.vid = "046b", .pid = {}, .serial = {}, .digest = {}, .kind = {}}));
    gated.host.now.wall_ms -= 3'600'000;  // whatever the wall clock is set to
    gated.host.now.boottime_ms += 299'999;
    gated.plug(kStick);
    CHECK(gated.authorized());
    gated.host.now.boottime_ms += 1;
    gated.plug(kStick, "1-5", "S2");
    CHECK_FALSE(gated.authorized("1-5"));
}

TEST_CASE(
    "udev may give the file to the agent a moment later, and a device that goes meanwhile is no trouble") {
    Gated gated;
    gated.begin_gated({{.vid = "046b", .pid = {}, .serial = {}, .digest = {}, .kind = {}}});
    gated.refuse = 2;
    gated.plug(kStick);
    CHECK_FALSE(gated.authorized());
    REQUIRE(gated.monitor->next_deadline());
    gated.step(100ms);
    gated.step(200ms);
    CHECK(gated.authorized());
    CHECK(gated.trouble.empty());
    gated.unplug();
    gated.refuse = 1000;
    gated.plug(kStick);
    for (int i = 0; i < 60; ++i) gated.step(1000ms + i * 100ms);
    REQUIRE(gated.trouble.size() == 1);
    CHECK(gated.trouble.front().find("Permission denied") != std::string::npos);
}

TEST_CASE("a grace file opens the gate for what waits, until it ends") {
    Gated gated;
    gated.begin_gated();
    gated.plug(kStick);
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    gated.host.now.wall_ms = now * 1000;
    REQUIRE(write_grace(gated.gate_folder(), {now + 600, "console, order W-7"}));
    gated.step();
    CHECK(gated.authorized());
    CHECK(Gated::reason(gated.newest()) == "grace");
    CHECK(std::string(as_text(gated.newest().document.value())).find("order W-7") != std::string::npos);
    SECTION("ended by its time") {
        gated.host.now.wall_ms += 600'000;
    }
    SECTION("ended by hand") {
        REQUIRE(remove_grace(gated.gate_folder()));
    }
    SECTION("forgotten for a day") {
        REQUIRE(write_grace(gated.gate_folder(), {now + 90 * 86'400, "for ever"}));
        gated.host.now.wall_ms += 86'402'000;
    }
    SECTION("garbage in it") {
        std::ofstream(gated.gate_folder() / "grace") << "open";
    }
    gated.plug(kStick, "1-5", "S2");
    CHECK_FALSE(gated.authorized("1-5"));
}

TEST_CASE("an empty grace file, made by touch, holds for an hour") {
    const TempFolder folder;
    {
        std::ofstream file(folder.path() / "grace");
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    REQUIRE(grace_of(folder.path(), now));
    CHECK(grace_of(folder.path(), now + 3590));
    CHECK_FALSE(grace_of(folder.path(), now + 3602));
}

TEST_CASE("the kernel's argument opens the gate, and each device is recorded") {
    Gated gated;
    gated.host.files["/proc/cmdline"] = "quiet assay.gate=off\n";
    gated.begin_gated();
    CHECK(gated.host.files[kRootHub + "/authorized_default"] == "1\n");
    gated.there("1-4", kStick, false);
    gated.event("bind", "1-4");
    gated.step();
    CHECK(gated.authorized());
    CHECK(Gated::reason(gated.newest()) == "kernel-argument");
    CHECK(gated.gate->trouble()->find("assay.gate=off") != std::string::npos);
}

TEST_CASE("a word that only looks like the argument opens nothing") {
    Gated gated;
    gated.host.files["/proc/cmdline"] = "xassay.gate=off assay.gate=offx\n";
    CHECK_FALSE(gate_is_off(gated.host));
}

TEST_CASE("a bus that cannot be closed is said, with the kernel's reason") {
    Gated gated;
    gated.bus_can_be_closed = false;
    gated.begin_gated();
    REQUIRE(gated.gate->trouble());
    CHECK(gated.gate->trouble()->find("Read-only file system") != std::string::npos);
}

TEST_CASE("a bus that udev has not given to the agent yet is closed as soon as it has") {
    Gated gated;
    gated.bus_can_be_closed = false;
    gated.begin_gated();
    REQUIRE(gated.monitor->next_deadline());
    gated.bus_can_be_closed = true;
    gated.step(10s);
    CHECK_FALSE(gated.gate->trouble());
    CHECK(gated.host.files[kRootHub + "/authorized_default"] == "0\n");
    CHECK_FALSE(gated.monitor->next_deadline());
}

TEST_CASE("in a storm nothing is let in, since nothing is recorded, and afterwards it is") {
    Gated gated;
    gated.begin_gated({{.vid = "046b", .pid = {}, .serial = {}, .digest = {}, .kind = {}}});
    for (int i = 0; i < 20; ++i) {
        gated.plug(kStick);
        if (i < 19) gated.unplug();
    }
    CHECK_FALSE(gated.authorized());
    gated.step(3600s);
    CHECK(gated.authorized());
    CHECK(gated.newest().kind == Kind::grant);
}

TEST_CASE("what the gate cannot save is logged, at its start and later, and it is closed all the same") {
    Gated gated;
    std::ofstream(gated.gate_folder()) << "a file where the folder should be";
    gated.there("1-1", keyboard(), true);
    gated.begin_gated();
    REQUIRE(gated.trouble.size() == 1);
    CHECK(gated.trouble[0].starts_with("gate: not kept: "));
    CHECK(gated.host.files[kRootHub + "/authorized_default"] == "0\n");
    gated.unplug("1-1");
    CHECK(gated.trouble.size() == 2);
    SECTION("a folder that is there can be used again") {
        std::filesystem::remove(gated.gate_folder());
        gated.there("1-1", keyboard(), true);
        gated.event("add", "1-1");
        gated.event("bind", "1-1");
        gated.step();
        gated.unplug("1-1");
        CHECK(gated.trouble.size() == 2);
        CHECK(std::filesystem::exists(gated.gate_folder() / "there.json"));
    }
}
