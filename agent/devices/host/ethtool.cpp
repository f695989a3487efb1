#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/ioctls.h"

namespace assay::agent {

namespace {

/// The answer is written into `data`; 0, or errno.
int ethtool(const FileDescriptor& socket, std::string_view interface, void* data) {
    ifreq request{};
    std::ranges::copy(interface, std::begin(request.ifr_name));
    request.ifr_data = static_cast<char*>(data);
    return ::ioctl(socket.get(), SIOCETHTOOL, &request) == 0 ? 0 : errno;
}

template <std::size_t N>
std::string text_of(const char (&field)[N]) {  // NOLINT(*-avoid-c-arrays): the kernel's
    return {field, ::strnlen(field, N)};       // NOLINT(*-array-to-pointer-decay)
}

Bytes permanent_address(const FileDescriptor& socket, std::string_view interface) {
    constexpr std::size_t kMac = 6;
    alignas(ethtool_perm_addr) std::array<std::byte, sizeof(ethtool_perm_addr) + 32> buffer{};
    auto* request =
        new (buffer.data()) ethtool_perm_addr{};  // NOLINT(*-owning-memory): placed, not allocated
    request->cmd = ETHTOOL_GPERMADDR;
    request->size = 32;
    if (ethtool(socket, interface, request) != 0 || request->size != kMac) return {};
    const auto address = std::span(buffer).subspan(offsetof(ethtool_perm_addr, data), kMac);
    if (std::ranges::all_of(address, [](std::byte byte) { return byte == std::byte{0}; })) return {};
    return to_bytes(address);
}

}  // namespace

Result<DriverInfo> ethtool_driver_info(std::string_view interface) {
    if (interface.empty() || interface.size() >= IFNAMSIZ) {
        return fail(ErrorCode::usage, "expected an interface name of 1 to 15 bytes");
    }
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno(errno, "socket");
    ethtool_drvinfo information{};
    information.cmd = ETHTOOL_GDRVINFO;
    if (const int error = ethtool(socket, interface, &information); error != 0) {
        return fail_errno(error, "ETHTOOL_GDRVINFO of " + std::string(interface));
    }
    return DriverInfo{text_of(information.driver), text_of(information.fw_version),
                      permanent_address(socket, interface)};
}

}  // namespace assay::agent
