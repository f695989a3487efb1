#include "agent/usb/uevent_socket.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <linux/netlink.h>
#include <poll.h>
#include <unistd.h>

#include "agent/usb/uevent.h"
#include "tests/support/skip.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
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
