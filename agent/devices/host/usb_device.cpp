#include "agent/devices/host/usb_device.h"

#include <algorithm>

#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

using Missing = std::function<void(std::string_view, const Error&)>;

/// Kernel drivers bound to the device's interfaces ("1-2:1.0"), by interface number.
std::vector<std::string> bound_drivers(Host& host, const std::string& path, const std::string& port_path,
                                       const Missing& missing) {
    auto names = host.list(path);
    if (!names) {
        missing(path, names.error());
        return {};
    }
    std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(port_path + ":"); });
    std::ranges::sort(*names, {}, [](const std::string& name) { return std::pair(name.size(), name); });
    std::vector<std::string> drivers;
    for (const auto& name : *names) {
        if (auto driver = host.link_name(path + "/" + name + "/driver"))
            drivers.push_back(std::move(*driver));
    }
    return drivers;
}

std::string string_attribute(Host& host, const std::string& path, const Missing& missing) {
    auto text = read_text(host, path);
    if (text) return std::move(*text);
    if (text.error().code != ErrorCode::not_found) missing(path, text.error());
    return {};
}

Bytes whole_descriptors(Host& host, const std::string& path, const UsbDevice& device,
                        const Missing& missing) {
    auto descriptors = host.read(path + "/descriptors", limits::kUsbDescriptors);
    if (descriptors && !descriptors->empty()) return std::move(*descriptors);
    constexpr std::uint64_t kMaxByte = 255;
    const auto bus = read_number(host, path + "/busnum");
    if (bus && *bus <= kMaxByte && device.devnum <= kMaxByte) {
        auto by_libusb =
            host.usb_descriptors(static_cast<std::uint8_t>(*bus), static_cast<std::uint8_t>(device.devnum));
        if (by_libusb) return std::move(*by_libusb);
        missing(path + "/descriptors", by_libusb.error());
    } else {
        missing(path + "/descriptors", descriptors
                                           ? Error{ErrorCode::not_found, "empty, and no bus number", {}}
                                           : descriptors.error());
    }
    return {};
}

}  // namespace

std::string usb_device_above(Host& host, std::string_view sysfs_path) {
    constexpr std::string_view kDevices = "/sys/devices/";
    while (sysfs_path.starts_with(kDevices)) {
        if (read_number(host, std::string(sysfs_path) + "/devnum")) return std::string(sysfs_path);
        sysfs_path = sysfs_path.substr(0, sysfs_path.rfind('/'));
    }
    return {};
}

Result<UsbDevice> read_usb_device(Host& host, std::string_view sysfs_path, const Missing& missing_or_none) {
    const Missing missing = missing_or_none ? missing_or_none : [](std::string_view, const Error&) {};
    const std::string path(sysfs_path);
    UsbDevice device;
    device.port_path = path.substr(path.rfind('/') + 1);
    device.devnum = TRY(read_number(host, path + "/devnum"));
    device.controller = pci_address_in(path);
    device.descriptors = whole_descriptors(host, path, device, missing);
    device.manufacturer = string_attribute(host, path + "/manufacturer", missing);
    device.product = string_attribute(host, path + "/product", missing);
    device.serial = string_attribute(host, path + "/serial", missing);
    device.authorized = read_optional_text(host, path + "/authorized") != "0";
    device.removable = string_attribute(host, path + "/removable", missing);
    device.drivers = bound_drivers(host, path, device.port_path, missing);
    return device;
}

}  // namespace assay::agent
