#pragma once

#include <string>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "tests/support/appraisal/evidence_builder.h"

namespace assay::test {

/// Text that needs the most room in JSON of all that a finding can hold, and no two alike.
inline std::string swollen(std::size_t number, std::size_t size) {
    auto out = fmt::format("{} ", number);
    while (out.size() < size) out += out.size() % 2 == 0 ? '"' : '\\';
    return out;
}

/// A host that has, or says that it has, as much of everything as a section takes, all by makers whom nobody
/// knows, and `insertions` into its USB ports of which nobody knows.
inline void overfill(EvidenceBuilder& host, std::size_t insertions) {
    constexpr std::size_t kLong = 700;  // more than a finding shows of one text
    host.pci.clear();
    for (std::size_t i = 0; i < limits::kPciFunctions; ++i) {
        auto function = EvidenceBuilder::function(
            fmt::format("{:04x}:{:02x}:00.{}", i / 2048, (i / 8) % 256, i % 8), 0x1234,
            static_cast<std::uint16_t>(i), 0x1234, static_cast<std::uint16_t>(i));
        function.slot = swollen(i, kLong);
        function.driver = swollen(i, kLong);
        host.pci.push_back(std::move(function));
    }
    host.drives.clear();
    for (std::size_t i = 0; i < limits::kDrives; ++i) {
        const auto text = swollen(i, kLong);
        host.drives.push_back({text, "scsi", text, text, text, text, text, text, i, false});
    }
    host.nics.clear();
    for (std::size_t i = 0; i < limits::kNetworkInterfaces; ++i) {
        auto nic = EvidenceBuilder::nic(swollen(i, kLong), 2, static_cast<std::uint8_t>(i >> 8U),
                                        static_cast<std::uint8_t>(i));
        nic.driver = nic.firmware_version = nic.pci_address = nic.name;
        host.nics.push_back(std::move(nic));
    }
    host.esrt.clear();
    host.chassis.clear();
    for (std::size_t i = 0; i < limits::kSensors; ++i) host.chassis.push_back({swollen(i, kLong), true});
    host.gaps.clear();
    for (std::size_t i = 0; i < limits::kGaps; ++i)
        host.gaps.push_back({std::string(section::kUsb), swollen(i, kLong), "io", swollen(i, kLong)});
    for (std::size_t i = 0; i < insertions; ++i) {
        auto record = host.event(DeviceEventKind::insert);
        record.device->serial = swollen(i, 300);
        record.device->product = record.device->manufacturer = record.device->serial;
        host.journal.push_back(std::move(record));
    }
    host.before_manifest = [](AppraisalCase& made) {
        std::vector<UsbDevice> usb;
        for (std::size_t i = 0; i < limits::kUsbDevices; ++i) {
            const auto text = swollen(i, kLong);
            usb.push_back({fmt::format("1-{}", i),
                           text,
                           3,
                           build::usb_descriptors(),
                           text,
                           text,
                           text,
                           true,
                           "removable",
                           {}});
        }
        made.bundle.evidence.sections[std::string(section::kUsb)] = encode_usb_section(usb);
    };
}

}  // namespace assay::test
