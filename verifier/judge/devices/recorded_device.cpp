#include "verifier/judge/devices/recorded_device.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/device/usb_descriptor.h"
#include "verifier/judge/devices/device_sightings.h"

namespace assay::judge {
namespace {

constexpr std::size_t kNameText = 200;  // bytes, as a finding has them

std::string named(std::string_view text) {
    return shortened(printable(shortened(text, kNameText)), kNameText);
}

std::string both(const std::string& one, const std::string& other) {
    return one.empty() || other.empty() ? one + other : one + " " + other;
}

std::string_view word_of(std::string_view subsystem) {
    if (subsystem == "nvme" || subsystem == "block") return "drive";
    if (subsystem == "thunderbolt") return "Thunderbolt";
    if (subsystem == "typec") return "USB-C partner";
    return subsystem == "pci" ? "PCI" : "device";
}

// Without the bus, whose number is the kernel's, where the controller says which bus it is.
std::string key_of(std::string_view controller, std::string_view port, const Bytes& identity) {
    const auto at = controller.empty() ? std::string_view::npos : port.find('-');
    const auto place = at == std::string_view::npos ? port : port.substr(at);
    return fmt::format("{}\n{}\n{}", controller, place, to_hex(identity));
}

void add_once(std::vector<std::string>& list, std::string text) {
    if (list.size() < limits::kMatterDetails && std::ranges::find(list, text) == list.end())
        list.push_back(std::move(text));
}

// "0951:1666" of "DataTraveler [0951:1666]": as the agent names a device of which the kernel's log alone
// knew. Empty where the log had no such line.
std::string_view logged_ids(std::string_view product) {
    constexpr std::size_t kIds = 9;
    constexpr std::string_view kHex = "0123456789abcdef";
    if (product.size() < kIds + 2 || product.back() != ']' || product[product.size() - kIds - 2] != '[')
        return {};
    const auto ids = product.substr(product.size() - kIds - 1, kIds);
    const bool are_ids = ids[4] == ':' && ids.find_first_not_of(kHex) == 4 &&
                         ids.substr(5).find_first_not_of(kHex) == std::string_view::npos;
    return are_ids ? ids : std::string_view();
}

MatterDevice hotplug_device_of(const HotplugDevice& device) {
    MatterDevice out;
    out.ids = named(device.subsystem);
    out.name = named(device.model);
    out.serial = named(device.serial);
    out.port = named(device.name);
    out.controller = named(device.controller);
    out.identity = to_bytes(
        sha256(as_view(fmt::format("{}\n{}\n{}", device.subsystem, device.model, device.serial))).view());
    return out;
}

}  // namespace

bool is_root_hub(const UsbDevice& device) {
    if (device.devnum != 1) return false;  // of every record: most need not be read
    const auto parsed = usb::parse_descriptors(device.descriptors);
    return parsed && usb::is_root_hub(*parsed, device.port_path, device.devnum);
}

bool may_be_left_in(const UsbDevice& device) {
    if (device.removable == "fixed") return false;
    const auto parsed = usb::parse_descriptors(device.descriptors);
    return !parsed || usb::is_mass_storage(*parsed) || usb::is_network(*parsed) || usb::is_keyboard(*parsed);
}

bool came_by_hotplug(const MatterDevice& device) {
    constexpr std::array<std::string_view, 5> kSubsystems{"nvme", "block", "thunderbolt", "pci", "typec"};
    return device.descriptors.empty() && std::ranges::find(kSubsystems, device.ids) != kSubsystems.end();
}

std::string subject_of(const JournalRecord& record) {
    if (record.device) return "USB port " + named(record.device->port_path);
    if (!record.hotplug) return "USB port unknown";
    return fmt::format("{} {}", word_of(record.hotplug->subsystem), named(record.hotplug->name));
}

MatterDevice device_of(const UsbDevice& device) {
    const auto parsed = usb::parse_sound_descriptors(device.descriptors);
    MatterDevice out;
    out.ids = parsed ? usb::id_text(*parsed)
                     : std::string(device.descriptors.empty() ? "unknown device" : "unreadable descriptors");
    out.name = both(named(device.manufacturer), named(device.product));
    out.serial = named(device.serial);
    out.port = named(device.port_path);
    out.controller = named(device.controller);
    const auto descriptors = sha256(device.descriptors);
    const bool whole = parsed && parsed->unread.empty();
    out.identity =
        from_hex(device_identity(whole ? out.ids : descriptors.hex(), device.serial), Digest{}.view().size())
            .value_or(Bytes());
    if (!device.descriptors.empty()) out.descriptors = to_bytes(descriptors.view());
    for (const auto& driver : device.drivers) add_once(out.bound, named(driver));
    return out;
}

MatterDevice device_of(const JournalRecord& record) {
    if (record.device) {
        auto out = device_of(*record.device);
        const auto ids = logged_ids(record.device->product);
        if (record.kind == DeviceEventKind::ghost && !ids.empty()) {
            out.ids = ids;
            out.name = both(named(record.device->manufacturer),
                            named(trimmed(std::string_view(record.device->product)
                                              .substr(0, record.device->product.size() - ids.size() - 2))));
        }
        return out;
    }
    if (record.hotplug) return hotplug_device_of(*record.hotplug);
    MatterDevice out;
    out.ids = "a device without identity";
    return out;
}

std::string text_at_port(const MatterDevice& device) {
    return fmt::format("{} at {}", device.ids, device.port);
}

bool are_all_among(const DeviceTexts& texts, std::string_view list) {
    for (auto end = list.find(kNextDevice); end != std::string_view::npos; end = list.find(kNextDevice)) {
        if (!texts.contains(list.substr(0, end))) return false;
        list.remove_prefix(end + kNextDevice.size());
    }
    return texts.contains(list);
}

bool are_same(const MatterDevice& one, const MatterDevice& other) {
    if (one.identity.empty() || other.identity.empty())
        return one.port == other.port && one.controller == other.controller;
    return one.identity == other.identity && key_of(one) == key_of(other);
}

std::string key_of(const MatterDevice& device) {
    return key_of(device.controller, device.port, device.identity);
}

std::string key_of(const PresentDevice& device) {
    return key_of(device.controller, device.port, device.identity);
}

void add_use(MatterDevice& device, const DeviceUse& use) {
    device.read = std::max(device.read, use.bytes_read);
    device.written = std::max(device.written, use.bytes_written);
    for (const auto& point : use.mounted_at) add_once(device.mounted, named(point));
    for (const auto& child : use.children) {
        // acknowledgements_needed() counts a network that ran.
        if (child.kind == "net" && !child.up.value_or(false)) continue;
        add_once(device.bound, named(child.kind + " " + child.name));
    }
}

}  // namespace assay::judge
