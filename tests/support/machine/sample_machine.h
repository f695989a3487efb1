#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

#include "agent/devices/recording.h"

namespace assay::test {

/// A small server as a recording: each collector has something to find. A test changes one thing in it.
class SampleMachine {
  public:
    SampleMachine() {
        file("/sys/kernel/security/tpm0/binary_bios_measurements", "event log");
        file("/sys/kernel/security/ima/binary_runtime_measurements", "ima list");
        file("/sys/firmware/dmi/tables/smbios_entry_point", "_SM3_");
        file("/sys/firmware/dmi/tables/DMI", "table");
        list("/sys/bus/pci/devices", {"0000:00:1f.6", "0000:3b:00.0"});
        list("/sys/bus/pci/slots", {"5"});
        file("/sys/bus/pci/slots/5/address", "0000:3b:00\n");
        for (const auto* address : {"0000:00:1f.6", "0000:3b:00.0"}) {
            file(fmt::format("/sys/bus/pci/devices/{}/config", address), std::string(256, '\x86'));
        }
        link("/sys/bus/pci/devices/0000:3b:00.0/driver", "nvme");
        file("/sys/bus/pci/devices/0000:3b:00.0/current_link_speed", "16.0 GT/s PCIe\n");
        file("/sys/bus/pci/devices/0000:3b:00.0/current_link_width", "4\n");
        storage();
        network();
        file("/proc/cpuinfo", cpu(0, "0x2b") + cpu(1, "0x2b"));
        answer("ipmi_device_id", "",
               {"20810142029f00000000"
                "00"});
        list("/sys/firmware/efi/esrt/entries", {"entry0"});
        esrt();
        usb();
        list("/sys/class/hwmon", {"hwmon0"});
        list("/sys/class/hwmon/hwmon0", {"intrusion0_alarm", "intrusion0_beep", "name"});
        file("/sys/class/hwmon/hwmon0/intrusion0_alarm", "1\n");
        file("/sys/class/hwmon/hwmon0/name", "nct6779\n");
        file("/proc/sys/kernel/osrelease", "6.1.0\n");
        file("/proc/sys/kernel/version", "#1 SMP\n");
        file("/proc/sys/kernel/arch", "x86_64\n");
        file("/proc/cmdline", "quiet\n");
        file("/proc/sys/kernel/random/boot_id", "0f8fad5b-d9cb-469f-a165-70867728950e\n");
        file("/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        answer("clock", "", {"1700000000000", "5000", "synchronised"});
    }

    SampleMachine& file(const std::string& path, std::string_view content) {
        recording.files[path] = to_bytes(content);
        return *this;
    }
    SampleMachine& list(const std::string& path, std::vector<std::string> names) {
        return answer("list", path, std::move(names));
    }
    SampleMachine& link(const std::string& path, const std::string& name) {
        return answer("link_name", path, {name});
    }
    SampleMachine& answer(const std::string& call, const std::string& argument,
                          std::vector<std::string> fields) {
        recording.calls[{call, argument}] = std::move(fields);
        return *this;
    }
    SampleMachine& refuse(const std::string& call, const std::string& argument,
                          ErrorCode code = ErrorCode::refused) {
        if (call == "read") recording.files.erase(argument);
        recording.calls[{call, argument}] = fail(code, argument + ": Permission denied");
        return *this;
    }

    agent::Recording recording;

  private:
    static std::string cpu(int number, std::string_view microcode) {
        return fmt::format(
            "processor\t: {}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\nmodel name\t: "
            "Xeon\n"
            "stepping\t: 6\nmicrocode\t: {}\nphysical id\t: 0\n\n",
            number, microcode);
    }
    void storage() {
        list("/sys/class/nvme", {"nvme0"});
        list("/sys/class/nvme/nvme0", {"address", "device", "hwmon1", "model", "ng0n1", "nvme0n1", "power"});
        list("/sys/block", {"loop0", "nvme0n1", "sda"});
        file("/sys/class/nvme/nvme0/model", "MODEL N   \n");
        file("/sys/class/nvme/nvme0/serial", "SN-1   \n");
        file("/sys/class/nvme/nvme0/firmware_rev", "FW1\n");
        file("/sys/class/nvme/nvme0/address", "0000:3b:00.0\n");
        file("/sys/block/nvme0n1/size", "2048\n");
        file("/sys/block/nvme0n1/wwid", "eui.01\n");
        answer("resolve", "/sys/block/sda/device",
               {"/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0"});
        link("/sys/block/sda/device", "0:0:0:0");
        file("/sys/block/sda/device/vendor", "ATA     \n");
        file("/sys/block/sda/device/model", "DISK\n");
        file("/sys/block/sda/device/rev", "R1\n");
        file("/sys/block/sda/device/wwid", "naa.5000\n");
        file("/sys/block/sda/device/vpd_pg80", std::string_view("\x00\x80\x00\x06  SER1", 10));
        file("/sys/block/sda/size", "1024\n");
        file("/sys/block/sda/removable", "0\n");
    }
    void network() {
        list("/sys/class/net", {"eth0", "lo"});
        answer("resolve", "/sys/class/net/eth0", {"/sys/devices/pci0000:00/0000:00:1f.6/net/eth0"});
        answer("resolve", "/sys/class/net/lo", {"/sys/devices/virtual/net/lo"});
        file("/sys/class/net/eth0/address", "52:54:00:12:34:56\n");
        answer("driver_info", "eth0", {"e1000e", "0.13-4", "525400123457"});
    }
    void esrt() {
        const std::string entry = "/sys/firmware/efi/esrt/entries/entry0/";
        file(entry + "fw_class", "ddc0ee61-e7f0-4e7d-acc5-c070a398838e\n");
        for (const auto* name :
             {"fw_type", "lowest_supported_fw_version", "last_attempt_version", "last_attempt_status"}) {
            file(entry + name, "1\n");
        }
        file(entry + "fw_version", "65586\n");
        file(entry + "capsule_flags", "0x8000\n");
    }
    void usb() {
        const std::string device = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2";
        answer("devices", "usb", {device, device + "/1-2:1.0"});
        file(device + "/devnum", "3\n");
        file(device + "/busnum", "1\n");
        file(device + "/descriptors", std::string(18, '\x12'));
        file(device + "/product", "Stick\n");
        file(device + "/serial", "S-1\n");
        file(device + "/authorized", "1\n");
        file(device + "/removable", "removable\n");
        list(device, {"1-2:1.0", "1-2:1.10", "1-2:1.2", "power"});
        link(device + "/1-2:1.0/driver", "usb-storage");
        link(device + "/1-2:1.2/driver", "usbhid");
        link(device + "/1-2:1.10/driver", "cdc_ether");
    }
};

}  // namespace assay::test
