#include "agent/usb/hotplug_device.h"

#include <algorithm>
#include <array>

#include "agent/devices/host/attributes.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent::hotplug {
namespace {

constexpr std::array<std::string_view, 5> kSubsystems{"nvme", "block", "thunderbolt", "pci", "typec"};

bool is_whole(std::string_view subsystem, std::string_view devtype, std::string_view path) {
    if (subsystem == "block")
        return devtype == "disk" && !path.contains("/usb") && !path.contains("/nvme") &&
               !path.contains("/virtual/");
    if (subsystem == "nvme") return devtype.empty() && !path.contains("/virtual/");
    if (subsystem == "thunderbolt") return devtype == "thunderbolt_device";
    if (subsystem == "typec") return devtype == "typec_partner";
    return subsystem == "pci";
}

std::string text_of(std::string_view text) {
    return shortened(printable(text), limits::kText);
}

}  // namespace

bool concerns(const Uevent& event) {
    return is_whole(event.subsystem, event.devtype, event.devpath);
}

HotplugDevice read(Host& host, std::string_view subsystem, std::string_view devpath) {
    const auto path = std::string(kSys) + std::string(devpath);
    const auto first = [&](std::initializer_list<std::string_view> names) {
        for (const auto name : names) {
            auto text = read_optional_text(host, path + "/" + std::string(name));
            if (!text.empty()) return text;
        }
        return std::string();
    };
    HotplugDevice device;
    device.subsystem = subsystem;
    device.path = text_of(devpath);
    device.name = text_of(devpath.substr(devpath.rfind('/') + 1));
    device.model = first({"model", "device/model", "device_name"});
    if (subsystem == "pci") device.model = first({"vendor"}) + ":" + first({"device"});
    device.serial = first({"serial", "device/serial", "unique_id", "wwid", "device/wwid"});
    device.controller = pci_address_in(devpath);
    return device;
}

std::map<std::string, HotplugDevice> all(Host& host) {
    std::map<std::string, HotplugDevice> out;
    for (const auto subsystem : kSubsystems) {
        for (const auto& path : host.devices(subsystem).value_or(std::vector<std::string>{})) {
            if (!path.starts_with(kSys)) continue;
            const auto devpath = path.substr(kSys.size());
            std::string devtype;
            const auto uevent = host.read(path + "/uevent", limits::kText);
            if (uevent) {
                const auto text = as_text(*uevent);
                if (const auto at = text.find("DEVTYPE="); at != std::string_view::npos) {
                    devtype = text.substr(at + 8);
                    devtype.resize(std::min(devtype.find('\n'), devtype.size()));
                }
            }
            if (is_whole(subsystem, devtype, devpath)) out.emplace(devpath, read(host, subsystem, devpath));
        }
    }
    return out;
}

}  // namespace assay::agent::hotplug
