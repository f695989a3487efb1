// Which serial number, wwid and size are of one drive: as the kernel's links have it, whatever its names look
// like.
#include <algorithm>
#include <tuple>

#include <catch2/catch.hpp>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/recorded_host.h"
#include "tests/support/machine/sample_machine.h"

using namespace assay;
using namespace assay::agent;
using test::SampleMachine;

namespace {

struct Found {
    std::vector<Drive> drives;
    std::vector<Gap> gaps;

    [[nodiscard]] const Drive& named(std::string_view name) const {
        const auto drive = std::ranges::find(drives, name, &Drive::name);
        REQUIRE(drive != drives.end());
        return *drive;
    }
    [[nodiscard]] bool has_gap(std::string_view source) const {
        return std::ranges::find(gaps, source, &Gap::source) != gaps.end();
    }
};

Found drives_of(const SampleMachine& machine) {
    RecordedHost host(machine.recording);
    GapLog gaps;
    const auto section = collect_storage({host, nullptr, {}}, gaps);
    REQUIRE(section);
    auto drives = decode_storage_section(*section);
    REQUIRE(drives);
    return {std::move(*drives), gaps.gaps()};
}

/// A machine with nothing but the drives that a test gives it.
struct Drives : SampleMachine {
    std::vector<std::string> controllers, blocks;

    Drives() {
        list("/sys/class/nvme", {});
        list("/sys/block", {});
    }
    Drives& controller(const std::string& name, const std::string& serial, const std::string& address,
                       std::vector<std::string> entries) {
        const auto folder = "/sys/class/nvme/" + name;
        file(folder + "/model", "MODEL\n");
        file(folder + "/serial", serial + "   \n");
        file(folder + "/firmware_rev", "1\n");
        file(folder + "/address", address + "\n");
        entries.insert(entries.end(), {"address", "hwmon2", "ng0n1", "power", "subsystem"});
        list(folder, std::move(entries));
        controllers.push_back(name);
        list("/sys/class/nvme", controllers);
        return *this;
    }
    Drives& block(const std::string& name, unsigned sectors = 0, const std::string& wwid = "") {
        if (sectors != 0) file("/sys/block/" + name + "/size", std::to_string(sectors) + "\n");
        if (!wwid.empty()) file("/sys/block/" + name + "/wwid", wwid + "\n");
        blocks.push_back(name);
        list("/sys/block", blocks);
        return *this;
    }
    /// A disk whose device is at that path.
    Drives& disk(const std::string& name, const std::string& device, const std::string& subsystem) {
        block(name, 8);
        answer("resolve", "/sys/block/" + name + "/device", {device});
        if (!subsystem.empty()) link("/sys/block/" + name + "/device/subsystem", subsystem);
        return *this;
    }
    Drives& usb_device(const std::string& path, const std::string& serial) {
        file(path + "/devnum", "7\n");
        if (!serial.empty()) file(path + "/serial", serial + "\n");
        return *this;
    }
};

constexpr auto kBus1 = "/sys/devices/pci0000:00/0000:00:14.0/usb1";
constexpr auto kScsi = "/host0/target0:0:0/0:0:0:0";

}  // namespace

TEST_CASE("NVMe: a disk's number is its subsystem's: serial, wwid and size stay those of one drive") {
    Drives machine;
    machine.controller("nvme0", "S-A", "0000:81:00.0", {"nvme1c0n1"})
        .controller("nvme1", "S-B", "0000:82:00.0", {"nvme0c1n1"})
        .block("nvme0c1n1")
        .block("nvme0n1", 200, "eui.0b")
        .block("nvme1c0n1")
        .block("nvme1n1", 100, "eui.0a");
    const auto found = drives_of(machine);
    REQUIRE(found.drives.size() == 2);
    const auto& a = found.named("nvme0");
    CHECK(std::tuple(a.serial, a.wwid, a.size_bytes) == std::tuple("S-A", "eui.0a", 100 * 512));
    const auto& b = found.named("nvme1");
    CHECK(std::tuple(b.serial, b.wwid, b.size_bytes) == std::tuple("S-B", "eui.0b", 200 * 512));
    CHECK(found.gaps.empty());
}

TEST_CASE("NVMe: without multipathing a controller's folder has its namespaces, whatever their number") {
    Drives machine;
    machine.controller("nvme1", "S-1", "0000:81:00.0", {"nvme10n1", "nvme10n2"})
        .controller("nvme10", "S-10", "0000:82:00.0", {"nvme1n1"})
        .block("nvme10n1", 3, "eui.01")
        .block("nvme10n2", 4, "eui.02")
        .block("nvme1n1", 50, "eui.10");
    const auto found = drives_of(machine);
    CHECK(found.named("nvme1").wwid == "eui.01");
    CHECK(found.named("nvme1").size_bytes == 7 * 512);
    CHECK(found.named("nvme10").wwid == "eui.10");
    CHECK(found.named("nvme10").size_bytes == 50 * 512);
}

TEST_CASE("NVMe: a drive with several controllers is told once, with all its places in order") {
    Drives machine;
    machine.controller("nvme0", "S-A", "0000:83:00.0", {"nvme0c0n1"})
        .controller("nvme1", "S-A", "0000:81:00.0", {"nvme0c1n1"})
        .controller("nvme2", "S-A", "0000:82:00.0", {"nvme0c2n1"})
        .block("nvme0c0n1", 100, "eui.0a")
        .block("nvme0c1n1", 100, "eui.0a")
        .block("nvme0c2n1", 100, "eui.0a")
        .block("nvme0n1", 100, "eui.0a");
    const auto found = drives_of(machine);
    REQUIRE(found.drives.size() == 1);
    CHECK(found.drives[0].name == "nvme0");
    CHECK(found.drives[0].size_bytes == 100 * 512);
    CHECK(found.drives[0].location == "0000:81:00.0, 0000:82:00.0, 0000:83:00.0");
    CHECK(found.gaps.empty());
}

TEST_CASE("NVMe: two drives that only look alike stay two") {
    const auto count = [](const std::string& serial_1, const std::string& serial_2, const std::string& path_2,
                          const std::string& disk_2) {
        Drives machine;
        machine.controller("nvme0", serial_1, "0000:81:00.0", {"nvme0c0n1"})
            .controller("nvme1", serial_2, "0000:82:00.0", {path_2})
            .block("nvme0c0n1")
            .block(path_2)
            .block("nvme0n1", 100, "eui.0a");
        if (!disk_2.empty()) machine.block(disk_2, 200, "eui.0b");
        return drives_of(machine).drives.size();
    };
    CHECK(count("S-A", "S-A", "nvme0c1n1", "") == 1);
    CHECK(count("S-A", "S-A", "nvme1c1n1", "nvme1n1") ==
          2);  // a copy of the serial number, and no namespace shared
    CHECK(count("S-A", "S-B", "nvme0c1n1", "") == 2);
    CHECK(count("", "", "nvme0c1n1", "") == 2);
}

TEST_CASE("NVMe: what stands in a controller's folder and is no disk of the machine is no namespace") {
    Drives machine;
    machine
        .controller("nvme0", "S-A", "0000:81:00.0",
                    {"nvme0c0n1", "nvme0c1", "nvme0cn1", "nvme0c0n1p1", "nvmec0n1", "nvme0c0n", "nvme7n1"})
        .block("nvme0n1", 100, "eui.0a");
    const auto found = drives_of(machine);
    CHECK(found.drives.at(0).size_bytes == 100 * 512);
    CHECK(found.drives.at(0).wwid == "eui.0a");
}

TEST_CASE("NVMe: a namespace that stands in no controller's folder is of no drive, and a gap says so") {
    Drives machine;
    machine.controller("nvme0", "S-A", "0000:81:00.0", {}).block("nvme0n1", 100, "eui.0a");
    auto found = drives_of(machine);
    REQUIRE(found.drives.size() == 1);
    CHECK(found.drives[0].wwid.empty());
    CHECK(found.drives[0].size_bytes == 0);
    CHECK(found.has_gap("/sys/block/nvme0n1"));

    machine.refuse("list", "/sys/class/nvme/nvme0");
    found = drives_of(machine);
    CHECK(found.has_gap("/sys/class/nvme/nvme0"));
    CHECK(found.has_gap("/sys/block/nvme0n1"));
}

TEST_CASE("USB: a disk has the serial number of the device that it is in, whatever the configuration") {
    for (const auto* interface : {"1-4:1.0", "1-4:2.0", "1-4:0.0", "1-4:255.3"}) {
        INFO(interface);
        for (const auto* subsystem : {"scsi", ""}) {
            Drives machine;
            const auto device = std::string(kBus1) + "/1-4";
            machine.usb_device(kBus1, "0000:00:14.0").usb_device(device, "S-DISK");
            machine.disk("sda", device + "/" + interface + kScsi, subsystem);
            const auto found = drives_of(machine);
            CHECK(found.named("sda").bus == "usb");
            CHECK(found.named("sda").serial == "S-DISK");
        }
    }
}

TEST_CASE("USB: a disk without a serial number does not get its hub's, nor one behind two hubs the first's") {
    Drives machine;
    const auto hub = std::string(kBus1) + "/1-4";
    const auto inner = hub + "/1-4.2";
    machine.usb_device(kBus1, "0000:00:14.0").usb_device(hub, "S-HUB").usb_device(inner, "");
    machine.usb_device(inner + "/1-4.2.1", "S-DISK");
    machine.disk("sda", inner + "/1-4.2:2.0" + kScsi, "scsi");
    machine.disk("sdb", inner + "/1-4.2.1/1-4.2.1:1.0" + kScsi, "scsi");
    const auto found = drives_of(machine);
    CHECK(found.named("sda").serial.empty());
    CHECK(found.has_gap("serial number of sda (usb)"));
    CHECK(found.named("sdb").serial == "S-DISK");
}

TEST_CASE(
    "Disks: the bus is that of the disk's own device: a SCSI disk of a virtual controller is no virtio "
    "disk") {
    for (const bool asked : {true, false}) {
        Drives machine;
        const std::string pci = "/sys/devices/pci0000:00/0000:00:05.0/virtio2";
        machine.disk("sda", pci + kScsi, asked ? "scsi" : "")
            .file("/sys/block/sda/device/vpd_pg80", std::string_view("\0\x80\0\x04SER1", 8));
        machine.disk("vda", pci, asked ? "virtio" : "").file("/sys/block/vda/serial", "SER2");
        const auto found = drives_of(machine);
        CHECK(std::tuple(found.named("sda").bus, found.named("sda").serial) == std::tuple("scsi", "SER1"));
        CHECK(std::tuple(found.named("vda").bus, found.named("vda").serial) == std::tuple("virtio", "SER2"));
    }
}

TEST_CASE("Disks: a memory card is told once, without its boot areas, and in a USB reader is a card too") {
    Drives machine;
    const auto card = std::string(kBus1) + "/1-4/1-4:1.0/rtsx_usb_sdmmc.1/mmc_host/mmc0/mmc0:0001";
    machine.usb_device(std::string(kBus1) + "/1-4", "S-READER");
    for (const auto* name : {"mmcblk0", "mmcblk0boot0", "mmcblk0boot1"})
        machine.disk(name, card, "mmc").file("/sys/block/" + std::string(name) + "/device/serial", "0x1234");
    const auto found = drives_of(machine);
    REQUIRE(found.drives.size() == 1);
    CHECK(found.drives[0].name == "mmcblk0");
    CHECK(found.drives[0].bus == "mmc");
    CHECK(found.drives[0].serial == "0x1234");
}

TEST_CASE("Network: an adapter on USB has no PCI address; one of a virtual function keeps its own") {
    SampleMachine machine;
    const auto usb = std::string(kBus1) + "/1-5";
    machine.file(usb + "/devnum", "9\n");
    machine.list("/sys/class/net", {"eth0", "eth1", "eth2"});
    machine.answer("resolve", "/sys/class/net/eth1", {usb + "/1-5:2.0/net/eth1"});
    machine.answer("resolve", "/sys/class/net/eth2",
                   {"/sys/devices/pci0000:00/0000:00:03.0/virtio0/net/eth2"});
    RecordedHost host(machine.recording);
    GapLog gaps;
    const auto interfaces =
        decode_network_section(collect_network({host, nullptr, {}}, gaps).value()).value();
    REQUIRE(interfaces.size() == 3);
    CHECK(interfaces[0].pci_address == "0000:00:1f.6");
    CHECK(interfaces[1].pci_address.empty());
    CHECK(interfaces[2].pci_address == "0000:00:03.0");
}
