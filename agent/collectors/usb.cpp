#include "agent/collectors/collectors.h"
#include "agent/devices/host/usb_device.h"
#include "evidence/base/limits.h"

namespace assay::agent {

/// The USB devices that are there now; interfaces ("1-2:1.0") are part of their device.
std::optional<Bytes> collect_usb(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto paths = gaps.value_of(host.devices("usb"), section::kUsb, "devices of subsystem usb");
    if (!paths) return std::nullopt;
    const auto missing = [&](std::string_view source, const Error& error) {
        gaps.add(section::kUsb, source, error);
    };
    std::vector<UsbDevice> devices;
    for (const auto& path : *paths) {
        const auto name = std::string_view(path).substr(path.rfind('/') + 1);
        if (name.find(':') != std::string_view::npos) continue;
        auto device = read_usb_device(host, path, missing);
        if (device && devices.size() == limits::kUsbDevices)
            device = fail(ErrorCode::limit, "too many USB devices");
        if (device) {
            devices.push_back(std::move(*device));
        } else {
            missing(path, device.error());
        }
    }
    return encode_usb_section(devices);
}

}  // namespace assay::agent
