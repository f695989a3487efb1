#include "tests/unit/agent/usb/watched.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("a restart while nothing happened is proven quiet, and repeats no device") {
    Watched watched;
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1000\n";
    watched.host.plug();
    watched.start();
    watched.begin();
    watched.start();
    const auto records = watched.records();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::present, Kind::monitor_start});
    CHECK(records[2].downtime->quiet);
    CHECK(records[2].resets == 7);
    CHECK(records[0].downtime->boot_id.empty());
}

TEST_CASE("what came, went and was exchanged while the agent did not run is told, each with its span") {
    Watched watched;
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1251\n";
    watched.host.plug("1-1", 2, "stays");
    watched.host.plug("1-4", 3, "exchanged");
    watched.host.plug("1-5", 4, "goes");
    watched.start();
    watched.begin();
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1326\n";
    watched.host.now.boottime_ms = 90'000;
    watched.host.plug("1-4", 6, "exchanged");
    watched.host.unplug("1-5");
    watched.host.plug("1-6", 7, "comes");
    watched.log = {"6,1,59000000,-;usb 1-1: new high-speed USB device number 2 using xhci_hcd\n",
                   "6,2,61000000,-;usb 1-7: new high-speed USB device number 5 using xhci_hcd\n",
                   "6,3,61000001,-;usb 1-7: SerialNumber: GHOST\n",
                   "6,4,62000000,-;usb 1-4: new high-speed USB device number 6 using xhci_hcd\n",
                   "6,5,63000000,-;usb 1-6: new high-speed USB device number 7 using xhci_hcd\n"};
    watched.start();
    const auto all = watched.records();
    const std::vector records(all.begin() + 4, all.end());
    REQUIRE(records.size() == 6);
    CHECK(records[0].kind == Kind::monitor_start);
    CHECK_FALSE(records[0].downtime->quiet);
    CHECK(records[0].downtime->uevents == 75);
    CHECK(records[0].downtime->devnums == 3);
    CHECK(records[1].kind == Kind::remove);
    CHECK(records[1].device->serial == "exchanged");
    CHECK(records[2].kind == Kind::remove);
    CHECK(records[2].device->serial == "goes");
    CHECK(records[3].kind == Kind::present);
    CHECK(records[3].device->devnum == 6);
    CHECK(records[4].device->serial == "comes");
    CHECK(records[5].kind == Kind::ghost);
    CHECK(records[5].device->port_path == "1-7");
    CHECK(records[5].device->serial == "GHOST");
    CHECK(records[5].since_ms == 61'000);
    for (const auto i : {1U, 2U, 3U, 4U}) {
        CHECK(records[i].provenance == Provenance::reconciled);
        CHECK(records[i].since_ms == 60'000);
    }
}

TEST_CASE("what waited in a socket that outlived the last monitor is told as it came") {
    Watched watched;
    watched.host.plug("1-1", 2, "there all the time");
    watched.start();
    watched.begin();
    watched.host.plug("1-4", 6, "S2");
    watched.send_numbered("add", 1254, "005");
    watched.send_numbered("bind", 1255, "005");
    watched.send_numbered("remove", 1256, "005");
    watched.send_numbered("add", 1257, "006");
    watched.send_numbered("bind", 1258, "006");
    watched.start();
    auto records = watched.records();
    REQUIRE(records.size() == 6);
    records.erase(records.begin(), records.begin() + 2);
    CHECK(records[2].kind == Kind::remove);
    CHECK(records[1].device->devnum == 5);
    CHECK(records[1].device->serial.empty());  // gone before it could be read: not the serial of another
    CHECK(records[1].kernel_sequence == 1254);
    CHECK(records[3].device->serial == "S2");
}

TEST_CASE("a device whose announcement had begun when the monitor started is one insertion") {
    Watched watched;
    watched.start();
    watched.begin();
    watched.host.plug("1-4", 5, "S1");
    watched.send("add", 1254);
    watched.start();
    watched.send("bind", 1255);
    watched.step();
    REQUIRE(watched.kinds() == std::vector{Kind::monitor_start, Kind::monitor_start, Kind::insert});
}

TEST_CASE("events that waited are not missing: the time without a monitor was watched by its socket") {
    Watched watched;
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1000\n";
    watched.start();
    watched.begin();
    watched.host.files["/sys/kernel/uevent_seqnum"] = "1002\n";
    watched.host.plug("1-4", 5, "S1");
    watched.send("add", 1001);
    SECTION("all of them") {
        watched.send("bind", 1002);
        watched.start();
        CHECK(watched.records()[1].downtime->quiet);
    }
    SECTION("one is missing") {
        watched.start();
        CHECK_FALSE(watched.records()[1].downtime->quiet);
        CHECK(watched.records()[1].downtime->uevents == 1);
    }
}
