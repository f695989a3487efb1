// What kinds of device a device says it is.
#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/device/usb_descriptor.h"

namespace assay::usb {
namespace {

template <typename Predicate>
bool any_interface(const Device& device, Predicate predicate) {
    return std::ranges::any_of(device.configurations, [&](const Configuration& configuration) {
        return std::ranges::any_of(configuration.interfaces, predicate);
    });
}

// CDC 1.2 table 4: Ethernet 06h, EEM 0Ch, NCM 0Dh, MBIM 0Eh.
bool is_cdc_network(const Interface& interface) {
    if (interface.interface_class != kClassCommunications) return false;
    return interface.subclass == 0x06 || (interface.subclass >= 0x0c && interface.subclass <= 0x0e);
}

// RNDIS comes as Miscellaneous 04h/01h, as Wireless Controller 01h/03h, or as CDC ACM with a vendor's
// protocol.
bool is_rndis(const Interface& interface) {
    constexpr std::uint8_t kMiscellaneous = 0xef;
    if (interface.interface_class == kMiscellaneous)
        return interface.subclass == 0x04 && interface.protocol == 0x01;
    return interface.interface_class == kClassCommunications && interface.subclass == 0x02 &&
           interface.protocol == 0xff;
}

}  // namespace

bool Device::has_interface_class(std::uint8_t wanted) const {
    return any_interface(
        *this, [wanted](const Interface& interface) { return interface.interface_class == wanted; });
}

bool is_mass_storage(const Device& device) {
    return device.has_interface_class(kClassMassStorage);
}
bool is_hid(const Device& device) {
    return device.has_interface_class(kClassHid);
}
bool is_vendor_specific(const Device& device) {
    return device.has_interface_class(kClassVendorSpecific);
}
bool is_hub(const Device& device) {
    return device.device_class == kClassHub || device.has_interface_class(kClassHub);
}

bool is_keyboard(const Device& device) {  // HID 1.11, 4.2 and 4.3
    return any_interface(device, [](const Interface& interface) {
        return interface.interface_class == kClassHid && interface.subclass == 1 && interface.protocol == 1;
    });
}

bool is_network(const Device& device) {
    return device.has_interface_class(kClassWirelessController) || any_interface(device, is_cdc_network) ||
           any_interface(device, is_rndis);
}

std::set<std::string_view> kinds(const Device& device) {
    std::set<std::string_view> out;
    for (const auto& configuration : device.configurations) {
        for (const auto& interface : configuration.interfaces) {
            switch (interface.interface_class) {
                case kClassMassStorage:
                    out.insert("storage");
                    break;
                case kClassHid:
                    out.insert("hid");
                    break;
                case kClassHub:
                    out.insert("hub");
                    break;
                case kClassCommunications:
                case kClassWirelessController:
                    out.insert("network");
                    break;
                default:
                    out.insert("other");
            }
        }
    }
    if (is_network(device)) {  // CDC's data interface is no use of its own
        out.insert("network");
        out.erase("other");
    }
    return out;
}

std::string id_text(const Device& device) {
    return hex4(device.vendor) + ':' + hex4(device.product);
}

bool is_root_hub(const Device& device, std::string_view port_path, std::uint64_t devnum) {
    // drivers/usb/core/hcd.c, usb1_rh_dev_descriptor and those of the speeds after it.
    constexpr std::uint16_t kLinuxFoundation = 0x1d6b;
    constexpr std::string_view kBus = "usb";
    const auto bus = port_path.substr(std::min(port_path.size(), kBus.size()));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return port_path.starts_with(kBus) && !bus.empty() && std::ranges::all_of(bus, is_digit) && devnum == 1 &&
           device.vendor == kLinuxFoundation && device.product >= 1 && device.product <= 3 &&
           device.device_class == kClassHub;
}

std::string class_name(std::uint8_t interface_class) {
    switch (interface_class) {
        case kClassAudio:
            return "audio";
        case kClassCommunications:
            return "communications";
        case kClassHid:
            return "HID";
        case 0x05:
            return "physical";
        case 0x06:
            return "image";
        case 0x07:
            return "printer";
        case kClassMassStorage:
            return "mass storage";
        case kClassHub:
            return "hub";
        case 0x0a:
            return "CDC data";
        case 0x0b:
            return "smart card";
        case 0x0e:
            return "video";
        case kClassWirelessController:
            return "wireless controller";
        case 0xef:
            return "miscellaneous";
        case 0xfe:
            return "application specific";
        case kClassVendorSpecific:
            return "vendor specific";
        default:
            return fmt::format("class 0x{:02x}", interface_class);
    }
}

}  // namespace assay::usb
