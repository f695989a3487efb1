#include "agent/collectors/collectors.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/devices/host/recorded_host.h"
#include "tests/support/machine/sample_machine.h"

using namespace assay;
using namespace assay::agent;
using test::SampleMachine;

namespace {

struct Outcome {
    std::optional<Bytes> section;
    std::vector<Gap> gaps;
};

Outcome run(Collect collect, const SampleMachine& machine) {
    RecordedHost host(machine.recording);
    GapLog gaps;
    auto section = collect({host, nullptr, {}}, gaps);
    return {std::move(section), gaps.gaps()};
}

template <typename T>
T decoded(Result<T> (*decode)(ByteView), const Outcome& outcome) {
    REQUIRE(outcome.section);
    auto value = decode(*outcome.section);
    INFO((value ? "" : describe(value.error())));
    REQUIRE(value);
    return std::move(*value);
}

}  // namespace

TEST_CASE("On an empty machine every collector leaves a gap under its own section, and none fails") {
    RecordedHost nothing{Recording{}};
    for (const auto& collector : collectors()) {
        INFO(collector.section);
        GapLog gaps;
        (void)collector.collect({nothing, nullptr, {}}, gaps);
        REQUIRE(!gaps.gaps().empty());
        for (const auto& gap : gaps.gaps()) CHECK(gap.section == collector.section);
    }
}

TEST_CASE("On a whole machine only the TPM, which is not opened here, is a gap") {
    RecordedHost host(SampleMachine().recording);
    for (const auto& collector : collectors()) {
        INFO(collector.section);
        GapLog gaps;
        const auto section = collector.collect({host, nullptr, {}}, gaps);
        CHECK(section.has_value() == (collector.section != section::kTpm));
        CHECK(gaps.gaps().empty() == (collector.section != section::kTpm));
    }
}

TEST_CASE("A refused firmware table is a gap with its code, its path and its reason") {
    const auto outcome = run(collect_smbios, SampleMachine().refuse("read", "/sys/firmware/dmi/tables/DMI"));
    CHECK(!outcome.section);
    REQUIRE(outcome.gaps.size() == 1);
    CHECK(outcome.gaps[0] == Gap{"smbios", "/sys/firmware/dmi/tables/DMI", "refused",
                                 "/sys/firmware/dmi/tables/DMI: Permission denied"});
}

TEST_CASE("PCI: address, slot, driver, link and the whole configuration space") {
    const auto functions = decoded(decode_pci_section, run(collect_pci, SampleMachine()));
    REQUIRE(functions.size() == 2);
    CHECK(functions[1].address == "0000:3b:00.0");
    CHECK(functions[1].slot == "5");
    CHECK(functions[1].driver == "nvme");
    CHECK(functions[1].link_speed == "16.0 GT/s PCIe");
    CHECK(functions[1].link_width == "4");
    CHECK(functions[1].config.size() == 256);
    CHECK(functions[0].slot.empty());
}

TEST_CASE("PCI: configuration space cut to its header is given, and one gap says so") {
    SampleMachine machine;
    machine.file("/sys/bus/pci/devices/0000:3b:00.0/config", std::string(64, '\x86'));
    const auto outcome = run(collect_pci, machine);
    CHECK(decoded(decode_pci_section, outcome).size() == 2);
    REQUIRE(outcome.gaps.size() == 1);
    CHECK(outcome.gaps[0].code == "refused");
    CHECK(outcome.gaps[0].reason.find("of 1 functions only the first 64 bytes") == 0);
    CHECK(outcome.gaps[0].reason.find("systemctl start assay-agent-pci.service") != std::string::npos);
}

TEST_CASE("PCI: a function that cannot be read is a gap, the others are there") {
    const auto outcome =
        run(collect_pci, SampleMachine().refuse("read", "/sys/bus/pci/devices/0000:3b:00.0/config"));
    CHECK(decoded(decode_pci_section, outcome).size() == 1);
    REQUIRE(outcome.gaps.size() == 1);
    CHECK(outcome.gaps[0].source == "/sys/bus/pci/devices/0000:3b:00.0/config");
}

TEST_CASE("Storage: NVMe controllers and disks with model, serial, firmware, wwid, place and size") {
    const auto drives = decoded(decode_storage_section, run(collect_storage, SampleMachine()));
    REQUIRE(drives.size() == 2);
    CHECK(drives[0] == Drive{"nvme0", "nvme", "MODEL N", "", "SN-1", "FW1", "eui.01", "0000:3b:00.0 slot 5",
                             2048 * 512, false});
    CHECK(drives[1] ==
          Drive{"sda", "ata", "DISK", "ATA", "SER1", "R1", "naa.5000", "0:0:0:0", 1024 * 512, false});
}

TEST_CASE("Storage: a serial that cannot be read is a gap, and the drive is there without it") {
    const auto outcome =
        run(collect_storage, SampleMachine().refuse("read", "/sys/block/sda/device/vpd_pg80"));
    CHECK(decoded(decode_storage_section, outcome).at(1).serial.empty());
    REQUIRE(outcome.gaps.size() == 1);
    CHECK(outcome.gaps[0].source == "serial number of sda (ata)");
    CHECK(outcome.gaps[0].code == "refused");
}

TEST_CASE("Storage: a disk behind USB has the serial of its USB device") {
    SampleMachine machine;
    const std::string device = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2";
    machine.answer("resolve", "/sys/block/sda/device", {device + "/1-2:1.0/host6/target6:0:0/6:0:0:0"});
    const auto drives = decoded(decode_storage_section, run(collect_storage, machine));
    CHECK(drives.at(1).bus == "usb");
    CHECK(drives.at(1).serial == "S-1");
}

TEST_CASE("Network: hardware interfaces with current and permanent address; the loopback is none") {
    const auto interfaces = decoded(decode_network_section, run(collect_network, SampleMachine()));
    REQUIRE(interfaces.size() == 1);
    CHECK(interfaces[0].name == "eth0");
    CHECK(interfaces[0].mac[5] == std::byte{0x56});
    CHECK(interfaces[0].permanent_mac[5] == std::byte{0x57});
    CHECK(interfaces[0].driver == "e1000e");
    CHECK(interfaces[0].firmware_version == "0.13-4");
    CHECK(interfaces[0].pci_address == "0000:00:1f.6");
}

TEST_CASE("CPU: model, count, packages, and microcode that differs between CPUs") {
    const auto cpu = decoded(decode_cpu_section, run(collect_cpu, SampleMachine()));
    CHECK(cpu == CpuSection{"GenuineIntel", "Xeon", 6, 106, 6, 0x2b, false, 1, 2});
    SampleMachine machine;
    auto text = std::string(as_text(machine.recording.files["/proc/cpuinfo"]));
    machine.file("/proc/cpuinfo", text.replace(text.rfind("0x2b"), 4, "0x2a"));
    CHECK(decoded(decode_cpu_section, run(collect_cpu, machine)).microcode_differs);
}

TEST_CASE("USB: devices without their interfaces; drivers by interface number") {
    const auto devices = decoded(decode_usb_section, run(collect_usb, SampleMachine()));
    REQUIRE(devices.size() == 1);
    CHECK(devices[0].port_path == "1-2");
    CHECK(devices[0].controller == "0000:00:14.0");
    CHECK(devices[0].devnum == 3);
    CHECK(devices[0].serial == "S-1");
    CHECK(devices[0].manufacturer.empty());
    CHECK(devices[0].drivers == std::vector<std::string>{"usb-storage", "usbhid", "cdc_ether"});
}

TEST_CASE("USB: where sysfs's descriptors cannot be read libusb is asked, and then it is a gap") {
    SampleMachine machine;
    machine.refuse("read", "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/descriptors");
    auto outcome = run(collect_usb, machine);
    CHECK(decoded(decode_usb_section, outcome).at(0).descriptors.empty());
    REQUIRE(outcome.gaps.size() == 1);
    CHECK(outcome.gaps[0].section == "usb");

    outcome = run(collect_usb, machine.answer("usb_descriptors", "1:3", {"120100020000"}));
    CHECK(decoded(decode_usb_section, outcome).at(0).descriptors.size() == 6);
    CHECK(outcome.gaps.empty());
}

TEST_CASE("Chassis: a raised intrusion alarm is told; a machine without a sensor has a gap") {
    CHECK(decoded(decode_chassis_section, run(collect_chassis, SampleMachine())) ==
          std::vector<IntrusionSensor>{{"nct6779/intrusion0_alarm", true}});
    const auto none = run(collect_chassis, SampleMachine().list("/sys/class/hwmon/hwmon0", {"name"}));
    CHECK(decoded(decode_chassis_section, none).empty());
    REQUIRE(none.gaps.size() == 1);
    CHECK(none.gaps[0].code == "not_found");
}

TEST_CASE("ESRT: an entry of which a number cannot be read is a gap, not a version 0") {
    const auto entries = decoded(decode_esrt_section, run(collect_esrt, SampleMachine()));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].fw_version == 65586);
    CHECK(entries[0].capsule_flags == 0x8000);
    const auto broken =
        run(collect_esrt, SampleMachine().file("/sys/firmware/efi/esrt/entries/entry0/fw_version", "new\n"));
    CHECK(decoded(decode_esrt_section, broken).empty());
    REQUIRE(broken.gaps.size() == 1);
    CHECK(broken.gaps[0].code == "malformed");
}

TEST_CASE("BMC, kernel and clock are as the machine says them") {
    CHECK(decoded(decode_bmc_section, run(collect_bmc, SampleMachine())).device_id.size() == 11);
    const auto kernel = decoded(decode_kernel_section, run(collect_kernel, SampleMachine()));
    CHECK(kernel == KernelSection{"6.1.0", "#1 SMP", "x86_64", "quiet",
                                  "0f8fad5b-d9cb-469f-a165-70867728950e", "Debian GNU/Linux 12"});
    CHECK(decoded(decode_clock_section, run(collect_clock, SampleMachine())) ==
          ClockSection{1700000000000, 5000, true});
}

TEST_CASE("A storm of gaps in one section is cut, and its rest is counted") {
    GapLog log;
    for (int i = 0; i < 100; ++i) log.add("pci", "x", {ErrorCode::io, "y", {}});
    log.add("usb", "x\n", {ErrorCode::io, "control \x1b character", {}});
    const auto gaps = log.gaps();
    REQUIRE(gaps.size() == GapLog::kPerSection + 2);
    CHECK(gaps[GapLog::kPerSection].reason == "control \\x1b character");
    CHECK(gaps.back().reason == "68 more gaps are not listed one by one");
}
