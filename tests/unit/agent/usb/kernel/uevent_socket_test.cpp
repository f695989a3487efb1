#include "agent/usb/kernel/uevent_socket.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <linux/netlink.h>
#include <poll.h>
#include <unistd.h>

#include "agent/usb/kernel/uevent.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using Kind = UeventRead::Kind;

TEST_CASE("only netlink port 0 with pid, uid and gid 0 is the kernel") {
    const UeventSender kernel{0U, ucred{0, 0, 0}};
    CHECK(is_kernel(kernel));
    CHECK_FALSE(is_kernel({1234U, ucred{0, 0, 0}}));
    CHECK_FALSE(is_kernel({0U, ucred{1234, 0, 0}}));
    CHECK_FALSE(is_kernel({0U, ucred{0, 1000, 0}}));
    CHECK_FALSE(is_kernel({0U, ucred{0, 0, 1000}}));
    CHECK_FALSE(is_kernel({std::nullopt, ucred{0, 0, 0}}));
    CHECK_FALSE(is_kernel({0U, std::nullopt}));
}

TEST_CASE("the kernel's socket has nothing to read when nothing happens, and asks for a large buffer") {
    auto socket = UeventSocket::subscribe();
    if (!socket) ASSAY_SKIP("no uevent socket here: " + describe(socket.error()));
    CHECK(socket->buffer_size() >= 200'000);
    const auto read = socket->read();
    REQUIRE(read);
    CHECK((read->kind == Kind::nothing || read->kind == Kind::datagram));
    CHECK(socket->take_drops() == 0);
}

TEST_CASE("a forged uevent from a process, even of root, is refused") {
    auto socket = UeventSocket::subscribe();
    if (!socket) ASSAY_SKIP("no uevent socket here: " + describe(socket.error()));
    const FileDescriptor forger(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
    REQUIRE(forger);
    sockaddr_nl to{};
    to.nl_family = AF_NETLINK;
    to.nl_groups = 1;
    const auto datagram = test::UeventBuilder().datagram();
    const auto sent = ::sendto(forger.get(), datagram.data(), datagram.size(), 0,
                               reinterpret_cast<sockaddr*>(&to), sizeof to);
    if (sent < 0) ASSAY_SKIP("sending to the uevent group is not allowed here");
    for (int i = 0; i < 100; ++i) {
        const auto read = socket->read();
        REQUIRE(read);
        if (read->kind == Kind::datagram) continue;  // of the real kernel, meanwhile
        CHECK(read->kind == Kind::refused);
        return;
    }
}

TEST_CASE("a real uevent of this kernel is received and parsed") {
    auto socket = UeventSocket::subscribe();
    if (!socket) ASSAY_SKIP("no uevent socket here: " + describe(socket.error()));
    std::ofstream trigger("/sys/class/mem/null/uevent");
    trigger << "change" << std::flush;
    if (!trigger) ASSAY_SKIP("no permission to trigger a uevent");
    pollfd wait{socket->fd(), POLLIN, 0};
    if (poll(&wait, 1, 2000) == 0) ASSAY_SKIP("uevents do not reach this network namespace");
    const auto read = socket->read();
    REQUIRE(read);
    REQUIRE(read->kind == Kind::datagram);
    const auto event = parse_uevent(read->datagram);
    REQUIRE(event);
    CHECK(event->sequence > 0);
}

namespace {

// As systemd makes it: bound to these groups.
FileDescriptor netlink(int protocol, std::uint32_t groups) {
    FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return FileDescriptor(-1);
    return socket;
}

std::string why_not(FileDescriptor socket) {
    const auto taken = UeventSocket::take_over(std::move(socket));
    return taken ? "taken" : std::string(to_string(taken.error().code)) + " " + taken.error().context;
}

}  // namespace

TEST_CASE("a passed socket of the kernel's uevents is taken over, and asks for the sender's credentials") {
    auto passed = netlink(NETLINK_KOBJECT_UEVENT, 1);
    if (!passed) ASSAY_SKIP("no uevent socket here");
    const auto socket = UeventSocket::take_over(std::move(passed));
    REQUIRE(socket);
    int on = 0;
    socklen_t size = sizeof on;
    REQUIRE(::getsockopt(socket->fd(), SOL_SOCKET, SO_PASSCRED, &on, &size) == 0);
    CHECK(on == 1);
}

TEST_CASE("a passed socket that is anything else is refused with what it is and what is wanted") {
    using Catch::Contains;
    CHECK_THAT(why_not(FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))),
               Contains("unsupported") && Contains("no netlink socket") && Contains("assay-agent.socket"));
    auto route = netlink(NETLINK_ROUTE, 1);
    auto udev = netlink(NETLINK_KOBJECT_UEVENT, 2);
    auto both = netlink(NETLINK_KOBJECT_UEVENT, 3);
    auto none = netlink(NETLINK_KOBJECT_UEVENT, 0);
    if (!route || !udev || !both || !none) ASSAY_SKIP("no netlink sockets here");
    CHECK_THAT(why_not(std::move(route)), Contains("netlink protocol 0"));
    CHECK_THAT(why_not(std::move(udev)), Contains("groups 0x2"));
    CHECK_THAT(why_not(std::move(both)), Contains("groups 0x3"));
    CHECK_THAT(why_not(std::move(none)), Contains("groups 0x0"));
}
