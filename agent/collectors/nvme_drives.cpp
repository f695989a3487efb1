#include "agent/collectors/nvme_drives.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {

namespace {

using Blocks = std::set<std::string, std::less<>>;

/// A controller as the kernel shows it.
struct Controller {
    Drive drive;                   ///< without its namespaces and its place
    std::set<std::string> places;  ///< "0000:3b:00.0 slot 5"
    /// The disks under which its namespaces are used ("nvme0n1"), each with what stands in its folder for it:
    /// the same, or a path ("nvme0c1n1").
    std::map<std::string, std::string, std::less<>> namespaces;
};

/// An attribute that every such drive has: its absence is a gap.
std::string drive_text(Host& host, const std::string& path, GapLog& gaps) {
    return gaps.value_of(read_text(host, path), section::kStorage, path).value_or("");
}

/// "nvme0n1" for "nvme0c1n1", the path of a namespace: the same numbers without the controller's. Empty for
/// what is no path.
std::string disk_of_path(std::string_view name) {
    constexpr std::string_view kDigits = "0123456789";
    const auto number_behind = [&](std::size_t at) { return name.find_first_not_of(kDigits, at); };
    const auto c = name.starts_with(kNvmeName) ? number_behind(kNvmeName.size()) : std::string_view::npos;
    if (c == std::string_view::npos || c == kNvmeName.size() || name[c] != 'c') return {};
    const auto n = number_behind(c + 1);
    if (n == std::string_view::npos || n == c + 1 || name[n] != 'n') return {};
    if (n + 1 == name.size() || number_behind(n + 1) != std::string_view::npos) return {};
    return std::string(name.substr(0, c)) + std::string(name.substr(n));
}

Controller read_controller(Host& host, const std::string& name, const Blocks& blocks, const PciSlots& slots,
                           GapLog& gaps) {
    const auto folder = fmt::format("{}/{}", kNvmeControllers, name);
    Controller out;
    out.drive.name = name;
    out.drive.bus = "nvme";
    out.drive.model = drive_text(host, folder + "/model", gaps);
    out.drive.serial = drive_text(host, folder + "/serial", gaps);
    out.drive.firmware = drive_text(host, folder + "/firmware_rev", gaps);
    if (const auto address = read_optional_text(host, folder + "/address"); !address.empty()) {
        const auto slot = slot_label(slots, address);
        out.places.insert(slot.empty() ? address : address + " slot " + slot);
    }
    const auto entries = gaps.value_of(host.list(folder), section::kStorage, folder);
    for (const auto& entry : entries.value_or(std::vector<std::string>{})) {
        auto disk = disk_of_path(entry);
        if (disk.empty()) disk = entry;
        if (blocks.contains(entry) || (disk != entry && blocks.contains(disk)))
            out.namespaces.emplace(std::move(disk), entry);
    }
    return out;
}

bool are_one_drive(const Controller& one, const Controller& other) {
    return !one.drive.serial.empty() && one.drive.serial == other.drive.serial &&
           one.drive.model == other.drive.model &&
           std::ranges::any_of(other.namespaces,
                               [&](const auto& each) { return one.namespaces.contains(each.first); });
}

/// Of what stands in the controller's folder; where that is a path without the attribute, of its disk.
template <typename T>
T attribute(const std::string& entry, const std::string& disk, T (*read)(Host&, const std::string&),
            Host& host) {
    auto value = read(host, fmt::format("{}/{}", kBlock, entry));
    return value != T{} || entry == disk ? value : read(host, fmt::format("{}/{}", kBlock, disk));
}

std::uint64_t size_of(Host& host, const std::string& block) {
    return read_number(host, block + "/size").value_or(0) * kSector;
}
std::string wwid_of(Host& host, const std::string& block) {
    return read_optional_text(host, block + "/wwid");
}

Drive drive_of(Host& host, Controller controller) {
    // In order, not by controller: the numbers of two controllers may be swapped at the next start.
    controller.drive.location =
        shortened(fmt::format("{}", fmt::join(controller.places, ", ")), limits::kText);
    for (const auto& [disk, entry] : controller.namespaces) {
        controller.drive.size_bytes += attribute(entry, disk, size_of, host);
        if (controller.drive.wwid.empty()) controller.drive.wwid = attribute(entry, disk, wwid_of, host);
    }
    return std::move(controller.drive);
}

}  // namespace

std::vector<Drive> nvme_drives(Host& host, const std::vector<std::string>& controllers,
                               const std::vector<std::string>& blocks, GapLog& gaps) {
    const Blocks known(blocks.begin(), blocks.end());
    const auto slots = controllers.empty() ? PciSlots() : pci_slots(host);
    std::vector<Controller> told;
    Blocks claimed;
    for (const auto& name : controllers) {
        auto controller = read_controller(host, name, known, slots, gaps);
        for (const auto& [disk, entry] : controller.namespaces) claimed.insert({disk, entry});
        const auto same = std::ranges::find_if(
            told, [&](const Controller& each) { return are_one_drive(each, controller); });
        if (same == told.end()) {
            told.push_back(std::move(controller));
        } else {
            same->places.merge(controller.places);
            same->namespaces.merge(controller.namespaces);
        }
    }
    for (const auto& block : blocks) {
        if (!block.starts_with(kNvmeName) || claimed.contains(block)) continue;
        gaps.add(
            section::kStorage, fmt::format("{}/{}", kBlock, block),
            {ErrorCode::not_found, "no NVMe controller's folder has this namespace or a path to it", {}});
    }
    std::vector<Drive> drives;
    drives.reserve(told.size());
    for (auto& each : told) drives.push_back(drive_of(host, std::move(each)));
    return drives;
}

}  // namespace assay::agent
