#include "agent/usb/monitor.h"

#include <array>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace std::chrono_literals;
using test::UeventBuilder;
using Kind = DeviceEventKind;

namespace {

bool accept_all(const UeventSender&) {
    return true;
}
bool accept_none(const UeventSender&) {
    return false;
}

// A monitor whose datagrams come over a socket pair.
struct Watched {
    explicit Watched(bool (*accepted)(const UeventSender&) = &accept_all) {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
        kernel = FileDescriptor(ends[0]);
        UsbMonitor::Events events;
        events.recorded = [this] { ++recorded; };
        events.trouble = [this](const std::string& text) { trouble.push_back(text); };
        monitor.emplace(host, journal.value(), UeventSocket::adopt(FileDescriptor(ends[1]), accepted),
                        events);
    }
    void send(const std::string& datagram) const {
        REQUIRE(::send(kernel.get(), datagram.data(), datagram.size(), 0) ==
                static_cast<ssize_t>(datagram.size()));
    }
    void send(const std::string& action, std::uint64_t sequence, const std::string& port = "1-4") const {
        UeventBuilder event;
        event.action = action;
        event.devpath = std::string(test::kBus) + "/" + port;
        event.sequence = sequence;
        send(event.datagram());
    }
    void start() { REQUIRE(monitor->start()); }
    void step(UsbMonitor::Clock::duration after = 0s) { REQUIRE(monitor->step(begun + after)); }
    [[nodiscard]] std::vector<JournalRecord> records() const {
        return test::decoded(read_journal(folder.path() / "j", 0, 1U << 20U).value());
    }
    [[nodiscard]] std::vector<Kind> kinds() const {
        std::vector<Kind> out;
        for (const auto& record : records()) out.push_back(record.kind);
        return out;
    }

    test::TempFolder folder;
    test::FakeHost host;
    Result<Journal> journal = Journal::open(folder.path() / "j");
    FileDescriptor kernel;
    std::optional<UsbMonitor> monitor;
    UsbMonitor::Clock::time_point begun = UsbMonitor::Clock::now();
    int recorded = 0;
    std::vector<std::string> trouble;
};

}  // namespace

TEST_CASE("the start of watching and what is there then are recorded") {
    Watched watched;
    watched.host.plug("1-1", 2, "keyboard");
    watched.start();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::present});
    CHECK(records[0].boot_id == test::kBootId);
    CHECK(records[1].device->serial == "keyboard");
    CHECK(records[1].device->controller == "0000:00:14.0");
}

TEST_CASE("a device is read at its bind, with its whole descriptors, and counts from its add") {
    Watched watched;
    watched.start();
    watched.send("add", 1251);
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start});  // its interfaces are not there yet
    watched.host.plug();
    watched.send("bind", 1254);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert});
    CHECK(records[1].kernel_sequence == 1251);
    CHECK(records[1].wall_ms == watched.host.now.wall_ms);
    CHECK(records[1].device->port_path == "1-4");
    CHECK(records[1].device->serial == "S1");
    CHECK(records[1].device->descriptors.size() == 21);
    CHECK(watched.recorded > 0);
}

TEST_CASE("a device that is never bound is read two seconds after its add") {
    Watched watched;
    watched.start();
    watched.host.plug();
    watched.send("add", 1251);
    watched.step();
    REQUIRE(watched.monitor->next_deadline() == watched.begun + 2s);
    watched.step(1999ms);
    CHECK(watched.kinds().size() == 1);
    watched.step(2s);
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert});
    CHECK_FALSE(watched.monitor->next_deadline());
}

TEST_CASE("a removal names the device that went, though it can no longer be read") {
    Watched watched;
    watched.host.plug();
    watched.start();
    watched.host.unplug();
    watched.send("remove", 1300);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::remove});
    CHECK(records[2].device->serial == "S1");
    CHECK(records[2].kernel_sequence == 1300);
}

TEST_CASE("a device that came and went before it could be read is two records, with what the events tell") {
    Watched watched;
    watched.start();
    watched.send("add", 1251);
    watched.send("remove", 1252);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert, Kind::remove});
    CHECK(records[1].device->port_path == "1-4");
    CHECK(records[1].device->devnum == 5);
    CHECK(records[1].device->descriptors.empty());
}

TEST_CASE("events that waited while the snapshot was taken do not record a device twice") {
    Watched watched;
    watched.host.plug();
    watched.send("add", 1251);
    watched.send("bind", 1254);
    watched.start();
    watched.step(3s);
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::present});
}

TEST_CASE(
    "another device in the same port is a removal and an insertion, also where the removal was not seen") {
    Watched watched;
    watched.host.plug("1-4", 5, "S1");
    watched.start();
    watched.host.plug("1-4", 6, "S2");
    watched.send("bind", 1260);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::remove, Kind::insert});
    CHECK(records[2].device->serial == "S1");
    CHECK(records[3].device->serial == "S2");
}

TEST_CASE("interfaces and other subsystems are no devices of their own") {
    Watched watched;
    watched.start();
    UeventBuilder interface;
    interface.keys = {"SUBSYSTEM=usb", "DEVTYPE=usb_interface"};
    watched.send(interface.datagram());
    UeventBuilder disk;
    disk.keys = {"SUBSYSTEM=block", "DEVTYPE=disk"};
    watched.send(disk.datagram());
    watched.step(3s);
    CHECK(watched.kinds() == std::vector{Kind::monitor_start});
}

TEST_CASE("what does not come from the kernel is dropped and logged") {
    Watched watched(&accept_none);
    watched.start();
    watched.host.plug();
    watched.send("bind", 1254);
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start});
    REQUIRE(watched.trouble.size() == 1);
}

TEST_CASE("a datagram larger than the buffer is a lost event, and what is there is looked at again") {
    Watched watched;
    watched.start();
    watched.host.plug();
    watched.send(std::string(kMaxUevent + 1, 'x'));
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::gap, Kind::present});
    CHECK(records[1].lost == 1);
}

TEST_CASE("after a loss a device that is gone is recorded as gone") {
    Watched watched;
    watched.host.plug();
    watched.start();
    watched.host.unplug();
    watched.send("no uevent");
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::gap, Kind::remove});
    CHECK(watched.trouble.size() == 1);
}

TEST_CASE("events that cannot be written are counted, and the count is written as soon as it can be") {
    Watched watched;
    watched.start();
    watched.host.plug();
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
    rlimit tight = old_limit;
    tight.rlim_cur = watched.journal->size();
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    watched.send("bind", 1254);
    watched.send("remove", 1255);
    const auto stepped = watched.monitor->step(watched.begun);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
    static_cast<void>(std::signal(SIGXFSZ, old_handler));
    REQUIRE(stepped);
    CHECK(watched.kinds() == std::vector{Kind::monitor_start});
    CHECK(watched.trouble.size() == 2);
    watched.send("bind", 1256);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::gap, Kind::insert});
    CHECK(records[1].lost == 2);
}

TEST_CASE("a torn write that the journal cut off becomes a gap") {
    Watched first;
    first.start();
    const auto path = first.folder.path() / "j" / "journal";
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
    first.journal = fail(ErrorCode::internal, "closed");
    first.journal = Journal::open(first.folder.path() / "j");
    REQUIRE(first.journal);
    first.start();
    CHECK(first.kinds() == std::vector{Kind::monitor_start, Kind::gap});
}

TEST_CASE("the loop handles events as they come and ends when it is told to") {
    Watched watched;
    watched.start();
    watched.host.plug();
    const FileDescriptor stop(eventfd(0, EFD_CLOEXEC));
    std::atomic<bool> seen = false;
    watched.send("bind", 1254);
    std::thread stopper([&] {
        for (int i = 0; i < 500 && read_journal(watched.folder.path() / "j", 1, 1U << 20U)->records.empty();
             ++i) {
            std::this_thread::sleep_for(10ms);
        }
        seen = !read_journal(watched.folder.path() / "j", 1, 1U << 20U)->records.empty();
        eventfd_write(stop.get(), 1);
    });
    const auto ended = watched.monitor->run(stop.get());
    stopper.join();
    CHECK(ended);
    CHECK(seen);
}
