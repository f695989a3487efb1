#include <csignal>
#include <thread>

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/agent/usb/watched.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::test;

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

TEST_CASE("what the kernel made of a device that was gone before it could be read is among its uses") {
    Watched watched;
    watched.start();
    watched.send("add", 1251);
    UeventBuilder child;
    child.devpath += "/1-4:1.0/net/usb0";
    child.keys = {"SUBSYSTEM=net", "INTERFACE=usb0"};
    child.sequence = 1252;
    watched.send(child.datagram());
    watched.send("bind", 1253);
    watched.send("remove", 1254);
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert, Kind::remove});
    REQUIRE(records[2].use);
    REQUIRE(records[2].use->children.size() == 1);
    CHECK(records[2].use->children[0].kind == "net");
    CHECK(records[2].use->children[0].name == "usb0");
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
    watched.send_numbered("bind", 1260, "006");
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
    REQUIRE(watched.source->pump());
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
    first.begin();
    first.start();
    CHECK(first.kinds() == std::vector{Kind::monitor_start, Kind::gap});
}

TEST_CASE("an event that somebody asked the kernel for is no device that came or went") {
    Watched watched;
    watched.host.plug();
    watched.start();
    UeventBuilder event;
    event.action = "remove";
    event.keys.emplace_back("SYNTH_UUID=0");
    watched.send(event.datagram());
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::present});
}

TEST_CASE("a blocked device that is let in on the host is seen by its interfaces alone") {
    Watched watched;
    watched.host.plug();
    const auto at = "/sys" + std::string(test::kBus) + "/1-4/authorized";
    watched.host.files[at] = "0\n";
    watched.start();
    watched.host.files[at] = "1\n";
    UeventBuilder event;
    event.devpath += "/1-4:1.0";
    event.keys = {"SUBSYSTEM=usb", "DEVTYPE=usb_interface"};
    watched.send(event.datagram());
    watched.send(event.datagram());
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::authorize});
    CHECK(watched.records().back().device->authorized);
}

TEST_CASE("interfaces that follow their device are no override") {
    Watched watched;
    watched.start();
    watched.host.plug();
    watched.send("add", 1251);
    UeventBuilder event;
    event.devpath += "/1-4:1.0";
    event.keys = {"SUBSYSTEM=usb", "DEVTYPE=usb_interface"};
    watched.send(event.datagram());
    watched.send("bind", 1254);
    watched.step();
    CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert});
}

TEST_CASE("a cable that wiggles a hundred times is twelve records, a count and what it ended with") {
    Watched watched;
    watched.start();
    std::uint64_t events = 0;
    for (int i = 0; i < 100; ++i) {
        watched.host.plug("1-4", 5 + i);
        watched.send_numbered("bind", 1000 + 2 * static_cast<std::uint64_t>(i), std::to_string(5 + i));
        watched.step();
        watched.host.unplug();
        watched.send("remove", 1001 + 2 * static_cast<std::uint64_t>(i));
        watched.step();
        events += 2;
    }
    watched.host.plug("1-4", 105);
    watched.send_numbered("bind", 1300, "105");
    watched.step();
    watched.step(10s);
    const auto records = watched.records();
    REQUIRE(records.size() == 1 + Storms::kPerPort + 2);
    CHECK(records[13].kind == Kind::storm);
    CHECK(records[13].count == events + 1 - Storms::kPerPort);
    CHECK(records[14].kind == Kind::present);
    CHECK(records[14].device->devnum == 105);
    CHECK(records[14].provenance == Provenance::reconciled);
}

TEST_CASE("what changed while events were lost is recorded with the span in which it happened") {
    Watched watched;
    watched.host.plug("1-4", 5, "stick");
    watched.start();
    watched.host.now.boottime_ms = 70'000;
    watched.step();
    watched.host.unplug("1-4");
    watched.host.plug("1-5", 6, "keyboard");
    watched.host.now.boottime_ms = 80'000;
    watched.send(std::string("no uevent"));
    watched.step();
    const auto records = watched.records();
    REQUIRE(watched.kinds() ==
            std::vector{Kind::monitor_start, Kind::present, Kind::gap, Kind::remove, Kind::present});
    for (const auto i : {3U, 4U}) {
        CHECK(records[i].provenance == Provenance::reconciled);
        CHECK(records[i].since_ms == 70'000);
        CHECK(records[i].boottime_ms == 80'000);
    }
    CHECK(records[2].lost == 1);
}

TEST_CASE("a count of the kernel that is ahead means to look, and cries no wolf where nothing changed") {
    Watched watched;
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1000\n";
    watched.start();
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1063\n";  // of a container
    watched.step();
    SECTION("nothing changed") {
        watched.step(11s);
        CHECK(watched.kinds() == std::vector{Kind::monitor_start});
    }
    SECTION("a device came whose event was lost") {
        watched.host.plug();
        watched.step(11s);
        CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::gap});
        CHECK(watched.records()[2].lost == 0);
    }
    SECTION("the event was only late") {
        watched.host.plug();
        watched.send("bind", 1063);
        watched.step(1s);
        watched.step(11s);
        CHECK(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert});
    }
}

TEST_CASE("a drive that is put into a bay and pulled is recorded with its serial") {
    Watched watched;
    watched.start();
    const std::string drive = "/devices/pci0000:00/0000:00:06.0/nvme/nvme1";
    UeventBuilder event;
    event.devpath = drive;
    event.keys = {"SUBSYSTEM=nvme"};
    watched.send(event.datagram());
    watched.step();
    watched.host.files["/sys" + drive + "/cntlid"] = "1\n";
    watched.host.files["/sys" + drive + "/model"] = "Drive\n";
    watched.host.files["/sys" + drive + "/serial"] = "NVME-2\n";
    watched.step(3s);
    event.action = "remove";
    watched.send(event.datagram());
    watched.step(4s);
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::insert, Kind::remove});
    for (const auto i : {1U, 2U}) {
        CHECK(records[i].hotplug->subsystem == "nvme");
        CHECK(records[i].hotplug->serial == "NVME-2");
        CHECK(records[i].hotplug->controller == "0000:00:06.0");
    }
}

TEST_CASE("the loop handles events as they come and ends when it is told to") {
    Watched watched;
    watched.start();
    watched.host.plug();
    const FileDescriptor stop(eventfd(0, EFD_CLOEXEC));
    std::atomic<bool> seen = false;
    std::thread reader([&] { CHECK(watched.source->run(stop.get())); });
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
    reader.join();
    CHECK(ended);
    CHECK(seen);
}
