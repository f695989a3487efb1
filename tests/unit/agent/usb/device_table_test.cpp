#include "agent/usb/device_table.h"

#include <catch2/catch.hpp>

#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using namespace std::chrono_literals;
using Kind = DeviceEventKind;

namespace {

constexpr DeviceTable::Time kTableStart{};
const std::string kPort = std::string(test::kBus) + "/1-4";

struct Table {
    test::FakeHost host;
    DeviceTable devices{host};
    std::uint64_t sequence = 1000;

    DeviceChanges event(const std::string& action, std::uint64_t devnum = 5) {
        Uevent event;
        event.action = action;
        event.devpath = kPort;
        event.subsystem = "usb";
        event.devtype = "usb_device";
        event.devnum = devnum;
        event.sequence = ++sequence;
        return devices.handle(event, kTableStart);
    }
};

std::vector<Kind> kinds(const DeviceChanges& changes) {
    std::vector<Kind> out;
    for (const auto& change : changes) out.push_back(change.record.kind);
    return out;
}

}  // namespace

TEST_CASE("a device that was announced is no change until it is bound or has settled") {
    Table table;
    CHECK(table.event("add").empty());
    CHECK(table.devices.is_announced(5));
    CHECK(table.devices.usb().empty());
    CHECK(table.devices.next_due() == kTableStart + DeviceTable::kSettle);
    CHECK_FALSE(table.devices.settled_by(kTableStart + 1999ms));
    CHECK(table.devices.settled_by(kTableStart + 2s) == kPort);
    table.host.plug();
    const auto changes = table.devices.settle(kPort);
    REQUIRE(kinds(changes) == std::vector{Kind::insert});
    CHECK(changes[0].port == kPort);
    CHECK(changes[0].record.kernel_sequence == 1001);
    CHECK(table.devices.usb().at(kPort).serial == "S1");
    CHECK(table.devices.settle(kPort).empty());
    CHECK(table.event("bind").empty());
}

TEST_CASE("a drive that is pulled before it has settled has the serial that it came with") {
    Table table;
    const std::string drive = "/devices/pci0000:00/0000:00:06.0/nvme/nvme1";
    Uevent event;
    event.action = "add";
    event.devpath = drive;
    event.subsystem = "nvme";
    table.host.files["/sys" + drive + "/model"] = "Drive\n";
    table.host.files["/sys" + drive + "/serial"] = "NVME-2\n";
    CHECK(table.devices.handle(event, kTableStart).empty());
    table.host.files.clear();
    const auto came = table.devices.settle(drive);
    REQUIRE(kinds(came) == std::vector{Kind::insert});
    event.action = "remove";
    const auto went = table.devices.handle(event, kTableStart);
    REQUIRE(kinds(went) == std::vector{Kind::remove});
    for (const auto& changes : {came, went}) {
        CHECK(changes[0].record.hotplug->model == "Drive");
        CHECK(changes[0].record.hotplug->serial == "NVME-2");
        CHECK(changes[0].record.hotplug->name == "nvme1");
    }
}

TEST_CASE("a drive that shows its serial only later has it once it has settled") {
    Table table;
    const std::string drive = "/devices/pci0000:00/0000:00:06.0/nvme/nvme1";
    Uevent event;
    event.action = "add";
    event.devpath = drive;
    event.subsystem = "nvme";
    CHECK(table.devices.handle(event, kTableStart).empty());
    table.host.files["/sys" + drive + "/serial"] = "NVME-2\n";
    CHECK(table.devices.settle(drive).at(0).record.hotplug->serial == "NVME-2");
}

TEST_CASE("another device in a port takes the first one out of the table, with a record of it") {
    Table table;
    table.host.plug("1-4", 5, "S1");
    CHECK(kinds(table.event("bind", 5)) == std::vector{Kind::insert});
    table.host.plug("1-4", 6, "S2");
    const auto changes = table.event("bind", 6);
    REQUIRE(kinds(changes) == std::vector{Kind::remove, Kind::insert});
    CHECK(changes[0].record.device->serial == "S1");
    CHECK(changes[0].record.use);
    CHECK(changes[1].record.device->serial == "S2");
    CHECK(table.devices.usb().size() == 1);
}

TEST_CASE("a comparison finds what came and went, and a second one finds nothing") {
    Table table;
    table.host.plug("1-1", 2, "stays");
    table.host.plug("1-4", 5, "goes");
    CHECK(table.devices.compare(0).size() == 2);
    table.host.unplug("1-4");
    table.host.plug("1-5", 6, "comes");
    const auto changes = table.devices.compare(70'000);
    REQUIRE(kinds(changes) == std::vector{Kind::remove, Kind::present});
    for (const auto& change : changes) {
        CHECK(change.record.provenance == Provenance::reconciled);
        CHECK(change.record.since_ms == 70'000);
    }
    CHECK(table.devices.compare(80'000).empty());
}

TEST_CASE("a device whose add was seen is left to its own event by a comparison") {
    Table table;
    CHECK(table.event("add").empty());
    table.host.plug();
    CHECK(table.devices.compare(0).empty());
    CHECK(kinds(table.event("bind")) == std::vector{Kind::insert});
}

TEST_CASE("what the journal has already is in the table without a record, and what it has not is present") {
    Table table;
    table.host.plug("1-1", 2, "recorded");
    table.host.plug("1-4", 6, "exchanged");
    DeviceTable::UsbDevices in_journal;
    in_journal["1-1"].port_path = "1-1";
    in_journal["1-1"].devnum = 2;
    in_journal["1-4"].port_path = "1-4";
    in_journal["1-4"].devnum = 5;
    table.devices.begin(in_journal);
    SECTION("in the same boot") {
        const auto changes = table.devices.compare_with_journal(60'000);
        REQUIRE(kinds(changes) == std::vector{Kind::remove, Kind::present});
        CHECK(changes[0].port == "1-4");
        CHECK(changes[1].record.provenance == Provenance::reconciled);
        CHECK(changes[1].record.since_ms == 60'000);
    }
    SECTION("in a boot of which nothing is known") {
        const auto changes = table.devices.compare_with_journal(std::nullopt);
        CHECK(changes[1].record.provenance == Provenance::coldplug);
        CHECK_FALSE(changes[1].record.since_ms);
    }
    CHECK(table.devices.usb().size() == 2);
}

TEST_CASE("what is done with a device is known also where it took the place of one of the last monitor's") {
    Table table;
    DeviceTable::UsbDevices in_journal;
    in_journal["1-4"].port_path = "1-4";
    in_journal["1-4"].devnum = 5;
    table.devices.begin(in_journal);
    table.host.plug("1-4", 6, "S2");
    CHECK(table.event("add", 6).empty());
    CHECK(kinds(table.event("bind", 6)) == std::vector{Kind::remove, Kind::insert});
    const auto changes = table.event("remove", 6);
    REQUIRE(kinds(changes) == std::vector{Kind::remove});
    CHECK(changes[0].record.device->serial == "S2");
    CHECK(changes[0].record.use);
}

TEST_CASE("what a storm ended with is the difference between the journal and the table, told once") {
    Table table;
    table.host.plug("1-4", 5, "S1");
    for (const auto& change : table.event("bind", 5)) table.devices.recorded(change.port, change.record);
    CHECK(table.devices.unrecorded(kPort).empty());
    table.host.plug("1-4", 6, "S2");
    CHECK(table.event("bind", 6).size() == 2);  // of a storm: neither is recorded
    const auto records = table.devices.unrecorded(kPort);
    REQUIRE(records.size() == 2);
    CHECK(records[0].kind == Kind::remove);
    CHECK(records[0].device->serial == "S1");
    CHECK(records[1].kind == Kind::present);
    CHECK(records[1].device->serial == "S2");
    CHECK(table.devices.unrecorded(kPort).empty());
}

TEST_CASE("a device that the gate let in is no override when its interfaces come") {
    Table table;
    table.host.plug();
    const auto authorized = "/sys" + kPort + "/authorized";
    table.host.files[authorized] = "0\n";
    CHECK(table.event("bind").size() == 1);
    Uevent interface;
    interface.action = "add";
    interface.devpath = kPort + "/1-4:1.0";
    interface.subsystem = "usb";
    interface.devtype = "usb_interface";
    table.host.files[authorized] = "1\n";
    SECTION("by the gate") {
        table.devices.let_in(kPort);
        CHECK(table.devices.handle(interface, kTableStart).empty());
    }
    SECTION("by somebody else") {
        CHECK(kinds(table.devices.handle(interface, kTableStart)) == std::vector{Kind::authorize});
    }
}
