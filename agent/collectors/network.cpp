#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

constexpr std::string_view kInterfaces = "/sys/class/net";
using Mac = std::array<std::byte, 6>;

Result<Mac> read_mac(Host& host, const std::string& path) {
    auto text = TRY(read_text(host, path));
    std::erase(text, ':');
    const auto bytes = TRY(from_hex(text, limits::kText));
    Mac mac{};
    if (bytes.size() != mac.size()) {
        return fail(ErrorCode::unsupported, fmt::format("a link address of {} bytes", bytes.size()));
    }
    std::ranges::copy(bytes, mac.begin());
    return mac;
}

NetworkInterface read_interface(Host& host, const std::string& name, std::string_view path, GapLog& gaps) {
    const auto folder = fmt::format("{}/{}", kInterfaces, name);
    NetworkInterface interface;
    interface.name = name;
    // An adapter on USB is no part of the function that is its host controller.
    if (usb_device_above(host, path).empty()) interface.pci_address = pci_address_in(path);
    interface.mac = gaps.value_of(read_mac(host, folder + "/address"), section::kNetwork, folder + "/address")
                        .value_or(Mac{});

    if (const auto info = gaps.value_of(host.driver_info(name), section::kNetwork, "ethtool " + name)) {
        interface.driver = info->driver;
        interface.firmware_version = utf8_text(as_view(info->firmware_version));
        if (info->permanent_address.size() == interface.permanent_mac.size()) {
            std::ranges::copy(info->permanent_address, interface.permanent_mac.begin());
        }
    } else {
        interface.driver = host.link_name(folder + "/device/driver").value_or("");
    }
    return interface;
}

}  // namespace

/// Interfaces that stand on hardware; bridges, tunnels, veth and the loopback are no parts of the machine.
std::optional<Bytes> collect_network(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto names = gaps.value_of(host.list(kInterfaces), section::kNetwork, kInterfaces);
    if (!names) return std::nullopt;
    std::vector<NetworkInterface> interfaces;
    for (const auto& name : *names) {
        const auto link = fmt::format("{}/{}", kInterfaces, name);
        auto path = host.resolve(link);
        if (path && path->find("/devices/virtual/") != std::string::npos) continue;
        if (path && interfaces.size() == limits::kNetworkInterfaces)
            path = fail(ErrorCode::limit, "too many interfaces");
        if (path) {
            interfaces.push_back(read_interface(host, name, *path, gaps));
        } else {
            gaps.add(section::kNetwork, link, path.error());
        }
    }
    return encode_network_section(interfaces);
}

}  // namespace assay::agent
