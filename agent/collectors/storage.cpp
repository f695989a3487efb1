#include <algorithm>

#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

constexpr std::string_view kNvme = "/sys/class/nvme";
constexpr std::string_view kBlock = "/sys/block";
constexpr std::uint64_t kSector = 512;  // what sysfs counts sizes in, whatever the drive's own sector size

using Names = std::vector<std::string>;

/// An attribute that every such drive has: its absence is a gap.
std::string drive_text(Host& host, const std::string& path, GapLog& gaps) {
    return gaps.value_of(read_text(host, path), section::kStorage, path).value_or("");
}

/// "nvme0n1" is a namespace of "nvme0"; "nvme0c0n1" and "nvme0n1p1" are a path and a partition.
bool is_namespace_of(std::string_view name, std::string_view controller) {
    if (!name.starts_with(controller) || name.size() <= controller.size() + 1 ||
        name[controller.size()] != 'n')
        return false;
    return name.find_first_not_of("0123456789", controller.size() + 1) == std::string_view::npos;
}

Drive nvme_drive(Host& host, const std::string& name, const Names& blocks, const PciSlots& slots,
                 GapLog& gaps) {
    const auto folder = fmt::format("{}/{}", kNvme, name);
    Drive drive;
    drive.name = name;
    drive.bus = "nvme";
    drive.model = drive_text(host, folder + "/model", gaps);
    drive.serial = drive_text(host, folder + "/serial", gaps);
    drive.firmware = drive_text(host, folder + "/firmware_rev", gaps);
    drive.location = read_optional_text(host, folder + "/address");
    if (const auto slot = slot_label(slots, drive.location); !slot.empty()) drive.location += " slot " + slot;
    for (const auto& block : blocks) {
        if (!is_namespace_of(block, name)) continue;
        drive.size_bytes += read_number(host, fmt::format("{}/{}/size", kBlock, block)).value_or(0) * kSector;
        if (drive.wwid.empty())
            drive.wwid = read_optional_text(host, fmt::format("{}/{}/wwid", kBlock, block));
    }
    return drive;
}

std::string bus_of(std::string_view name, std::string_view device_path) {
    const auto through = [&](std::string_view component) {
        return device_path.find(component) != std::string_view::npos;
    };
    if (name.starts_with("mmcblk")) return "mmc";
    if (through("/usb")) return "usb";
    if (through("/ata")) return "ata";
    if (through("/virtio")) return "virtio";
    if (through("/target")) return "scsi";
    return "other";
}

/// SCSI's Unit Serial Number page as sysfs gives it: 4 bytes of head, then text (SPC-4, 7.8.15).
Result<std::string> unit_serial_number(Host& host, const std::string& device) {
    constexpr std::size_t kHead = 4;
    const auto page = TRY(host.read(device + "/vpd_pg80", limits::kText));
    if (page.size() < kHead) return fail(ErrorCode::truncated, device + "/vpd_pg80: fewer than 4 bytes");
    const auto text = utf8_text(ByteView(page).subspan(kHead));
    const auto first = text.find_first_not_of(" \0");
    const auto last = text.find_last_not_of(std::string_view(" \0\n", 3));
    return first == std::string::npos || last == std::string::npos ? std::string()
                                                                   : text.substr(first, last - first + 1);
}

/// The serial of the USB device through which a disk is reached: the component before the first interface
/// ("1-2:1.0").
Result<std::string> usb_serial_number(Host& host, std::string_view device_path) {
    const auto usb = device_path.find("/usb");
    const auto interface = device_path.find(":1.", usb);
    const auto end = device_path.rfind('/', interface);
    if (usb == std::string_view::npos || interface == std::string_view::npos) {
        return fail(ErrorCode::not_found, fmt::format("{}: no USB interface in the path", device_path));
    }
    return read_text(host, std::string(device_path.substr(0, end)) + "/serial");
}

std::string serial_of(Host& host, const Drive& drive, const std::string& block,
                      const std::string& device_path, GapLog& gaps) {
    Result<std::string> serial = fail(ErrorCode::unsupported, "a bus whose serial numbers are not known");
    if (drive.bus == "usb") serial = usb_serial_number(host, device_path);
    if (drive.bus == "virtio") serial = read_text(host, block + "/serial");
    if (drive.bus == "mmc") serial = read_text(host, block + "/device/serial");
    if (drive.bus == "scsi" || drive.bus == "ata") serial = unit_serial_number(host, block + "/device");
    const auto source = fmt::format("serial number of {} ({})", drive.name, drive.bus);
    return gaps.value_of(std::move(serial), section::kStorage, source).value_or("");
}

Drive block_drive(Host& host, const std::string& name, const std::string& device_path, GapLog& gaps) {
    const auto block = fmt::format("{}/{}", kBlock, name);
    Drive drive;
    drive.name = name;
    drive.bus = bus_of(name, device_path);
    drive.vendor = read_optional_text(host, block + "/device/vendor");
    drive.model = read_optional_text(host, block + (drive.bus == "mmc" ? "/device/name" : "/device/model"));
    drive.firmware = read_optional_text(host, block + (drive.bus == "mmc" ? "/device/fwrev" : "/device/rev"));
    drive.wwid = read_optional_text(host, block + "/device/wwid");
    drive.serial = serial_of(host, drive, block, device_path, gaps);
    drive.location = host.link_name(block + "/device").value_or("");
    drive.size_bytes = read_number(host, block + "/size").value_or(0) * kSector;
    drive.removable = read_optional_text(host, block + "/removable") == "1";
    return drive;
}

}  // namespace

/// NVMe controllers, then every whole block device that stands on hardware: not loop, RAM, device-mapper or
/// RAID devices.
std::optional<Bytes> collect_storage(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto blocks = host.list(kBlock);
    const auto controllers = host.list(kNvme);
    if (!blocks) gaps.add(section::kStorage, kBlock, blocks.error());
    if (!controllers && controllers.error().code != ErrorCode::not_found) {
        gaps.add(section::kStorage, kNvme, controllers.error());
    }
    if (!blocks && !controllers) return std::nullopt;

    const auto slots = pci_slots(host);
    std::vector<Drive> drives;
    for (const auto& name : controllers.value_or(Names{})) {
        drives.push_back(nvme_drive(host, name, blocks.value_or(Names{}), slots, gaps));
    }
    for (const auto& name : blocks.value_or(Names{})) {
        if (name.starts_with("nvme")) continue;
        const auto device = fmt::format("{}/{}/device", kBlock, name);
        const auto path = host.resolve(device);
        if (path) drives.push_back(block_drive(host, name, *path, gaps));
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
