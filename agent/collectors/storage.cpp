#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/collectors/nvme_drives.h"
#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

using Names = std::vector<std::string>;

/// "ata1" for "ata": a component of the path that is this word and a number.
bool passes_through(std::string_view path, std::string_view word) {
    for (auto at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1)) {
        const auto number = path.substr(at + word.size());
        const auto digits = std::min(number.find_first_not_of("0123456789"), number.size());
        if (at != 0 && path[at - 1] == '/' && digits != 0 &&
            (digits == number.size() || number[digits] == '/'))
            return true;
    }
    return false;
}

/// Which kind of device a disk is, as the kernel's own bus has it; for a recording that was never asked, by
/// the names that the nearest of the devices above it have.
std::string kind_of(Host& host, const std::string& block, std::string_view device_path) {
    if (auto subsystem = host.link_name(block + "/device/subsystem")) return std::move(*subsystem);
    if (device_path.find("/target") != std::string_view::npos) return "scsi";
    if (passes_through(device_path, "virtio")) return "virtio";
    return passes_through(device_path, "mmc") ? "mmc" : "";
}

std::string bus_of(const std::string& kind, std::string_view device_path, bool on_usb) {
    if (kind == "mmc" || kind == "virtio") return kind;  // a card is a part, wherever its reader is
    if (on_usb) return "usb";
    if (kind == "scsi") return passes_through(device_path, "ata") ? "ata" : "scsi";
    return "other";
}

/// SCSI's Unit Serial Number page as sysfs gives it: 4 bytes of head, then text (SPC-4, 7.8.15).
Result<std::string> unit_serial_number(Host& host, const std::string& device) {
    constexpr std::size_t kHead = 4;
    const auto page = TRY(host.read(device + "/vpd_pg80", limits::kText));
    if (page.size() < kHead) return fail(ErrorCode::truncated, device + "/vpd_pg80: fewer than 4 bytes");
    const auto text = utf8_text(ByteView(page).subspan(kHead));
    const auto first = text.find_first_not_of(std::string_view(" \0", 2));
    const auto last = text.find_last_not_of(std::string_view(" \0\n", 3));
    return first == std::string::npos || last == std::string::npos ? std::string()
                                                                   : text.substr(first, last - first + 1);
}

std::string serial_of(Host& host, const Drive& drive, const std::string& block, const std::string& usb_device,
                      GapLog& gaps) {
    Result<std::string> serial = fail(ErrorCode::unsupported, "a bus whose serial numbers are not known");
    if (drive.bus == "usb") serial = read_text(host, usb_device + "/serial");
    if (drive.bus == "virtio") serial = read_text(host, block + "/serial");
    if (drive.bus == "mmc") serial = read_text(host, block + "/device/serial");
    if (drive.bus == "scsi" || drive.bus == "ata") serial = unit_serial_number(host, block + "/device");
    const auto source = fmt::format("serial number of {} ({})", drive.name, drive.bus);
    return gaps.value_of(std::move(serial), section::kStorage, source).value_or("");
}

Drive block_drive(Host& host, const std::string& name, const std::string& device_path, GapLog& gaps) {
    const auto block = fmt::format("{}/{}", kBlock, name);
    const auto usb_device = usb_device_above(host, device_path);
    Drive drive;
    drive.name = name;
    drive.bus = bus_of(kind_of(host, block, device_path), device_path, !usb_device.empty());
    drive.vendor = read_optional_text(host, block + "/device/vendor");
    drive.model = read_optional_text(host, block + (drive.bus == "mmc" ? "/device/name" : "/device/model"));
    drive.firmware = read_optional_text(host, block + (drive.bus == "mmc" ? "/device/fwrev" : "/device/rev"));
    drive.wwid = read_optional_text(host, block + "/device/wwid");
    drive.serial = serial_of(host, drive, block, usb_device, gaps);
    drive.location = host.link_name(block + "/device").value_or("");
    drive.size_bytes = read_number(host, block + "/size").value_or(0) * kSector;
    drive.removable = read_optional_text(host, block + "/removable") == "1";
    return drive;
}

}  // namespace

/// NVMe drives, then every whole block device that stands on hardware: not loop, RAM, device-mapper or RAID
/// devices.
std::optional<Bytes> collect_storage(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto blocks = host.list(kBlock);
    const auto controllers = host.list(kNvmeControllers);
    if (!blocks) gaps.add(section::kStorage, kBlock, blocks.error());
    if (!controllers && controllers.error().code != ErrorCode::not_found) {
        gaps.add(section::kStorage, kNvmeControllers, controllers.error());
    }
    if (!blocks && !controllers) return std::nullopt;

    auto drives = nvme_drives(host, controllers.value_or(Names{}), blocks.value_or(Names{}), gaps);
    std::set<std::string, std::less<>> told;  // a card's boot areas are block devices of their own
    for (const auto& name : blocks.value_or(Names{})) {
        if (name.starts_with(kNvmeName)) continue;
        const auto device = fmt::format("{}/{}/device", kBlock, name);
        const auto path = host.resolve(device);
        if (path && told.insert(*path).second) drives.push_back(block_drive(host, name, *path, gaps));
        if (!path && path.error().code != ErrorCode::not_found)
            gaps.add(section::kStorage, device, path.error());
    }
    if (drives.size() > limits::kDrives) {
        gaps.add(section::kStorage, kBlock, {ErrorCode::limit, fmt::format("{} drives", drives.size()), {}});
        drives.resize(limits::kDrives);
    }
    return encode_storage_section(drives);
}

}  // namespace assay::agent
