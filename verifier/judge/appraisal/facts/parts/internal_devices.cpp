#include "verifier/judge/appraisal/facts/parts/internal_devices.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/device/usb_descriptor.h"

namespace assay::judge {
namespace {

bool has(const std::vector<std::string>& kinds, std::string_view kind) {
    return std::ranges::find(kinds, kind) != kinds.end();
}

// What a medium holds, and what runs.
std::string done_text(const JournalRecord& record) {
    std::string out(to_string(record.kind));
    if (!record.use) return out;
    for (const auto& child : record.use->children) {
        out += ", " + printable(child.name);
        if (child.size != 0) out += fmt::format(" of {} bytes", child.size);
        if (child.up.value_or(false)) out += " up";
    }
    return out;
}

}  // namespace

std::string host_model(const SmbiosSection& smbios) {
    const auto tables = smbios::parse_smbios(smbios.entry_point, smbios.table);
    return tables ? host_model(*tables) : std::string();
}

std::string host_model(const smbios::Smbios& tables) {
    for (const auto& structure : tables.structures) {
        if (structure.type == smbios::kSystemInformation)
            return smbios::system_information(structure, tables.entry_point).product;
    }
    return {};
}

std::optional<vendors::SeenDevice> seen_device(const UsbDevice& device) {
    const auto parsed = usb::parse_descriptors(device.descriptors);
    if (!parsed) return std::nullopt;
    const auto kinds = usb::kinds(*parsed);
    return vendors::SeenDevice{.controller = device.controller,
                               .port = device.port_path,
                               .vid = hex4(parsed->vendor),
                               .pid = hex4(parsed->product),
                               .descriptors = sha256(device.descriptors).hex(),
                               .interfaces = {kinds.begin(), kinds.end()}};
}

std::vector<std::string> RemoteActs::names() const {
    std::vector<std::string> out;
    if (media) out.emplace_back("media");
    if (console) out.emplace_back("console");
    if (network) out.emplace_back("nic");
    return out;
}

RemoteActs remote_acts(const JournalRecord& record) {
    RemoteActs acts;
    if (!record.device) return acts;
    if (record.kind == DeviceEventKind::insert || record.kind == DeviceEventKind::storm) {
        const auto device = seen_device(*record.device);
        const bool hub = device && device->interfaces == std::vector<std::string>{"hub"};
        // What says nothing of itself may be anything.
        acts.media = !device || has(device->interfaces, "storage");
        acts.console = device && has(device->interfaces, "hid");
        acts.network = device && has(device->interfaces, "network");
        if (!acts.any() && !hub) acts.media = true;
    }
    if (record.kind != DeviceEventKind::use || !record.use) return acts;
    acts.media = !record.use->mounted_at.empty() ||
                 std::ranges::any_of(record.use->children, [](const DeviceChild& child) {
                     return child.kind == "block" && child.size != 0;
                 });
    acts.network = std::ranges::any_of(record.use->children, [](const DeviceChild& child) {
        return child.kind == "net" && child.up.value_or(false);
    });
    return acts;
}

const vendors::BaselineDevice* InternalDevices::same(const vendors::SeenDevice& device) const {
    for (const auto* baseline : baselines_) {
        for (const auto& each : baseline->devices) {
            if (vendors::agrees(each, device)) return &each;
        }
    }
    return nullptr;
}

const vendors::BaselineDevice* InternalDevices::imitated(const vendors::SeenDevice& device) const {
    if (same(device) != nullptr) return nullptr;
    const vendors::BaselineDevice* found = nullptr;
    for (const auto* baseline : baselines_) {
        for (const auto& each : baseline->devices) {
            if (!vendors::same_ids(each, device)) continue;
            if (vendors::same_place(each, device)) return &each;
            if (found == nullptr) found = &each;
        }
    }
    return found;
}

bool InternalDevices::is_at_bmc(const UsbDevice& device) const {
    return std::ranges::any_of(baselines_, [&](const vendors::Baseline* baseline) {
        return std::ranges::any_of(baseline->devices, [&](const vendors::BaselineDevice& each) {
            return each.bmc && each.controller == device.controller && each.port == device.port_path;
        });
    });
}

bool InternalDevices::is_of_bmc(const UsbDevice& device) const {
    if (!is_at_bmc(device)) return false;
    const auto seen = seen_device(device);
    return !seen || imitated(*seen) == nullptr;
}

bool InternalDevices::is_internal(const UsbDevice& device) const {
    if (baselines_.empty()) return false;
    const auto seen = seen_device(device);
    return (seen && same(*seen) != nullptr) || is_of_bmc(device);
}

std::vector<JudgedMatter> InternalDevices::remote_matters(const JournalRecord& record) const {
    std::vector<JudgedMatter> out;
    if (!record.device || !is_of_bmc(*record.device)) return out;
    const auto acts = remote_acts(record);
    const auto done = done_text(record);
    if (acts.media) out.push_back({"usb.bmc_media", Tier::contraindicated, "no medium in it", done});
    if (acts.console)
        out.push_back({"usb.bmc_console", Tier::warning, "there since the host's start, or not", done});
    if (acts.network) out.push_back({"usb.bmc_network", Tier::warning, "no interface of it that runs", done});
    return out;
}

}  // namespace assay::judge
