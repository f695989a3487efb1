#include <array>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/ioctls.h"

namespace assay::agent {

namespace {

constexpr auto kDevice = "/dev/ipmi0";
constexpr unsigned char kNetFnApp = 0x06;     // IPMI 2.0, 5.1
constexpr unsigned char kGetDeviceId = 0x01;  // 20.1
constexpr int kTimeoutMs = 5000;
constexpr std::size_t kMaxMessage = 272;  // IPMI_MAX_MSG_LENGTH

}  // namespace

Result<Bytes> ipmi_get_device_id() {
    const FileDescriptor device(::open(kDevice, O_RDWR | O_CLOEXEC));
    if (!device) return fail_errno(errno, kDevice);

    ipmi_system_interface_addr address{IPMI_SYSTEM_INTERFACE_ADDR_TYPE, IPMI_BMC_CHANNEL, 0};
    ipmi_req request{};
    request.addr = reinterpret_cast<unsigned char*>(&address);  // NOLINT: the kernel's interface
    request.addr_len = sizeof(address);
    request.msgid = 1;
    request.msg.netfn = kNetFnApp;
    request.msg.cmd = kGetDeviceId;
    if (::ioctl(device.get(), IPMICTL_SEND_COMMAND, &request) != 0)
        return fail_errno(errno, "sending Get Device ID");

    pollfd wait{device.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, kTimeoutMs);
    if (ready < 0) return fail_errno(errno, kDevice);
    if (ready == 0)
        return fail(ErrorCode::io, fmt::format("{}: the BMC did not answer in {} ms", kDevice, kTimeoutMs));

    std::array<std::byte, kMaxMessage> data{};
    ipmi_addr from{};
    ipmi_recv answer{};
    answer.addr = reinterpret_cast<unsigned char*>(&from);  // NOLINT: the kernel's interface
    answer.addr_len = sizeof(from);
    answer.msg.data = as_writable_uchar(data);
    answer.msg.data_len = static_cast<unsigned short>(data.size());
    if (::ioctl(device.get(), IPMICTL_RECEIVE_MSG_TRUNC, &answer) != 0)
        return fail_errno(errno, "receiving Get Device ID");
    const std::size_t size = std::min<std::size_t>(answer.msg.data_len, data.size());
    if (size == 0) return fail(ErrorCode::truncated, "Get Device ID: an answer without a completion code");
    if (data[0] != std::byte{0}) {
        return fail(ErrorCode::refused,
                    fmt::format("Get Device ID: completion code {:#04x}", std::to_integer<int>(data[0])));
    }
    return to_bytes(ByteView(data).subspan(1, size - 1));
}

}  // namespace assay::agent
