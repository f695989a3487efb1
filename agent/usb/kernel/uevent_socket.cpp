#include "agent/usb/kernel/uevent_socket.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "agent/usb/kernel/uevent.h"

namespace assay::agent {
namespace {

constexpr int kBufferSize = 16 << 20;
constexpr unsigned kKernelGroup = 1;

#ifndef SO_MEMINFO
constexpr int SO_MEMINFO = 55;
#endif

UeventSender sender_of(const msghdr& message, const sockaddr_nl& from) {
    UeventSender sender;
    if (message.msg_namelen == sizeof from && from.nl_family == AF_NETLINK) sender.netlink_port = from.nl_pid;
    for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(const_cast<msghdr*>(&message), part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
        if (part->cmsg_len < CMSG_LEN(sizeof(ucred))) continue;
        std::memcpy(&sender.credentials.emplace(), CMSG_DATA(part), sizeof(ucred));
    }
    return sender;
}

Result<void> pass_credentials(const FileDescriptor& socket) {
    const int on = 1;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0) return {};
    return fail_errno(errno, "the uevent socket's SO_PASSCRED");
}

Result<int> option(const FileDescriptor& socket, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(socket.get(), SOL_SOCKET, name, &value, &size) == 0) return value;
    return fail_errno(errno, "the passed uevent socket");
}

std::unexpected<Error> wrong_socket(std::string_view found) {
    return fail(
        ErrorCode::unsupported,
        fmt::format(
            "the socket that was passed to the agent: expected ListenNetlink=kobject-uevent 1, got {}; "
            "see assay-agent.socket",
            found));
}

// The address family, the netlink protocol and the groups: all that makes it the kernel's uevents.
Result<void> check_uevent_socket(const FileDescriptor& socket) {
    if (TRY(option(socket, SO_DOMAIN)) != AF_NETLINK) return wrong_socket("no netlink socket");
    if (const int protocol = TRY(option(socket, SO_PROTOCOL)); protocol != NETLINK_KOBJECT_UEVENT)
        return wrong_socket(fmt::format("of netlink protocol {}, not kobject-uevent", protocol));
    sockaddr_nl address{};
    socklen_t size = sizeof address;
    // NOLINTNEXTLINE: sockaddr's own way
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return fail_errno(errno, "the passed uevent socket's groups");
    if (address.nl_groups != kKernelGroup)
        return wrong_socket(fmt::format("in the netlink groups {:#x}, not in 1 alone", address.nl_groups));
    return {};
}

}  // namespace

bool is_kernel(const UeventSender& sender) {
    if (sender.netlink_port != 0U || !sender.credentials) return false;
    return sender.credentials->pid == 0 && sender.credentials->uid == 0 && sender.credentials->gid == 0;
}

UeventSocket::UeventSocket(FileDescriptor socket, bool (*accepted)(const UeventSender&))
    : socket_(std::move(socket)), accepted_(accepted), buffer_(kMaxUevent) {}

Result<UeventSocket> UeventSocket::subscribe() {
    FileDescriptor fd(
        ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!fd) return fail_errno(errno, "the kernel's uevent socket");
    const auto set = [&fd](int option, int value) {
        return ::setsockopt(fd.get(), SOL_SOCKET, option, &value, sizeof value) == 0;
    };
    // Without the right to more: what the kernel allows everybody. An overrun becomes a gap.
    if (!set(SO_RCVBUFFORCE, kBufferSize)) static_cast<void>(set(SO_RCVBUF, kBufferSize));
    TRY_VOID(pass_credentials(fd));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kKernelGroup;
    // NOLINTNEXTLINE: sockaddr's own way
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno(errno, "joining the kernel's uevent group");
    }
    return UeventSocket(std::move(fd), &is_kernel);
}

Result<UeventSocket> UeventSocket::take_over(FileDescriptor socket) {
    TRY_VOID(check_uevent_socket(socket));
    TRY_VOID(pass_credentials(socket));  // the unit asks for it too; without it every event would be refused
    return UeventSocket(std::move(socket), &is_kernel);
}

UeventSocket UeventSocket::adopt(FileDescriptor socket, bool (*accepted)(const UeventSender&)) {
    return {std::move(socket), accepted};
}

Result<UeventRead> UeventSocket::read() {
    sockaddr_nl from{};
    iovec piece{buffer_.data(), buffer_.size()};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(ucred)) + 64> control{};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size = 0;
    do {
        size = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    using Kind = UeventRead::Kind;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return UeventRead{Kind::nothing, {}};
    if (size < 0 && errno == ENOBUFS) return UeventRead{Kind::overrun, {}};  // reading it clears it
    if (size < 0) return fail_errno(errno, "reading the uevent socket");
    if (!accepted_(sender_of(message, from))) return UeventRead{Kind::refused, {}};
    if ((message.msg_flags & MSG_TRUNC) != 0) return UeventRead{Kind::cut, {}};
    return UeventRead{Kind::datagram, ByteView(buffer_).first(static_cast<std::size_t>(size))};
}

std::uint64_t UeventSocket::take_drops() {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
    const std::uint32_t risen = info[SK_MEMINFO_DROPS] - drops_;  // modulo 2^32, as the kernel counts
    drops_ = info[SK_MEMINFO_DROPS];
    return risen;
}

std::size_t UeventSocket::buffer_size() const {
    return static_cast<std::size_t>(option(socket_, SO_RCVBUF).value_or(0));
}

}  // namespace assay::agent
