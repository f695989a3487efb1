#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/unit/verifier/judge/devices/device_journal.h"

using namespace assay;
using namespace assay::test::device_journal;

TEST_CASE("what was told is told while it is there, with all that was done, and until people say so") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    host.next();
    REQUIRE(host.known.open->size() == 1);
    host.add(Kind::use, 30).use = DeviceUse{.children = {}, .mounted_at = {"/mnt"}, .bytes_written = 9};
    host.next();
    auto& matter = host.known.open->front();
    CHECK(matter.device->written == 9);
    CHECK(acknowledgements_needed(matter) == 2);
    matter.acks = {{"olga", kNow}, {"otto", kNow}};
    CHECK_FALSE(is_over(matter));
    host.add(Kind::remove, 20);
    CHECK(is_over(host.follow().open.front()));
    host.records.clear();
    host.known.open->front().acks.pop_back();
    host.add(Kind::remove, 20);
    CHECK_FALSE(is_over(host.follow().open.front()));
}

TEST_CASE("a session that is opened while the device is in clears nothing, nor does its going") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    host.session(35);
    host.add(Kind::remove, 20);
    CHECK(host.ids() == Ids{"usb.unaccompanied"});
}

TEST_CASE(
    "after a reboot with the stick in it is the same matter; without it, it went while nobody watched") {
    for (const bool is_in : {true, false}) {
        Journal host;
        host.boot = "boot-0";
        host.known.boot_clock->boot_id = "boot-0";
        host.add(Kind::insert, 40);
        host.records.back().wall_ms = (kNow - 40) * 1000;
        host.next();
        host.boot = "boot-a";
        host.start(20, "boot-0");
        if (is_in) {
            auto moved = stick("2-4");  // the bus has another number now
            host.coldplug(19, moved);
        }
        const auto open = host.follow().open;
        REQUIRE(open.size() == 1);
        CHECK(open[0].id == "usb.unaccompanied");
        CHECK((open[0].device->gone_record == 0) == is_in);
        if (!is_in) {
            CHECK(open[0].device->gone_from_ms == kReported * 1000);
            CHECK(open[0].device->gone_to_ms == (kNow - 20) * 1000);
        }
    }
}

TEST_CASE("a start whose records come in two reports loses sight of nothing") {
    Journal host;
    host.known.boot_clock->boot_id = "boot-0";
    host.add(Kind::insert, 40).boot_id = "boot-0";
    host.next();
    host.start(20, "boot-0");
    host.next();
    CHECK(host.known.open->front().device->gone_record != 0);
    host.known.boot_clock->boot_id = "boot-a";
    host.was_present(fixed("1-7"), true);
    host.coldplug(19, stick());
    host.coldplug(19, fixed("1-7"));
    host.coldplug(19, stick("1-8", "S9"));
    const auto open = host.follow().open;
    REQUIRE(open.size() == 2);
    CHECK(open[0].device->gone_record == 0);
    CHECK(open[1].subject == "USB port 1-8");
}

TEST_CASE("an accompanied device that is still there after a reboot is no news; in another port it is") {
    for (const std::string port : {"1-4", "1-5"}) {
        Journal host;
        host.known.boot_clock->boot_id = "boot-0";
        host.was_present(stick());
        host.start(20, "boot-0");
        host.coldplug(19, stick(port));
        CHECK(host.ids() == (port == "1-4" ? Ids{} : Ids{"usb.found_unseen"}));
    }
}

TEST_CASE("a monitor that starts again in the same boot says nothing of what is still there") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    host.start(20, "boot-a");
    CHECK(host.follow().open.front().device->gone_record == 0);
    host.reconciled(Kind::remove, 30, 19);
    CHECK(host.follow().open.front().device->gone_record == 13);
    CHECK(host.follow().open.front().device->gone_from_ms == (kNow - 30) * 1000);
}

TEST_CASE("gone for a moment, it is one case; for longer, it is another") {
    for (const std::int64_t back : {33, 20}) {
        Journal host;
        host.add(Kind::insert, 45);
        host.add(Kind::remove, 36);
        host.add(Kind::insert, back);
        const auto open = host.follow().open;
        REQUIRE(open.size() == (back == 33 ? 1 : 2));
        CHECK(open[0].device->count == (back == 33 ? 2 : 1));
        CHECK((open[0].device->gone_record == 0) == (back == 33));
    }
}

TEST_CASE("a flap of an accompanied device is no news, and another device in its place is") {
    for (const std::string serial : {"S1", "S2"}) {
        Journal host;
        host.was_present(stick());
        host.add(Kind::remove, 36);
        host.add(Kind::insert, 33, stick("1-4", serial));
        CHECK(host.ids() == (serial == "S1" ? Ids{} : Ids{"usb.removed_unaccompanied", "usb.unaccompanied"}));
    }
}

TEST_CASE("two sticks are two matters, and one that takes the other's port ends it") {
    Journal host;
    host.add(Kind::insert, 40);
    host.add(Kind::insert, 39, stick("1-5", "S2"));
    CHECK(host.follow().open.size() == 2);
    host.add(Kind::insert, 30, stick("1-5", "S3"));
    const auto open = host.follow().open;
    REQUIRE(open.size() == 3);
    CHECK(open[0].device->gone_record == 0);
    CHECK(open[1].device->gone_record == 13);
    CHECK(open[2].device->gone_record == 0);
}

TEST_CASE("a storm is one matter with its count") {
    Journal host;
    host.add(Kind::storm, 30).count = 40;
    REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
    CHECK(host.follow().open.front().device->count == 40);
    host.session(31);
    CHECK(host.ids().empty());
}

TEST_CASE("the hubs that buses begin with are excused, and nothing that only has their ids") {
    Journal host;
    host.start(40, "boot-0");
    host.coldplug(39, root_hub());
    host.add(Kind::insert, 30, root_hub("usb3"));
    auto news = host.follow();
    CHECK(news.open.empty());
    CHECK(news.excused == 2);
    auto impostor = root_hub("1-4");
    host.add(Kind::insert, 30, impostor);
    auto second = root_hub();
    second.devnum = 2;
    host.add(Kind::insert, 30, second);
    CHECK(host.ids() == Ids{"usb.unaccompanied", "usb.unaccompanied"});
}

TEST_CASE("at a host's first start its fixed devices are one matter, and what could be left in one each") {
    Journal host;
    host.known.journal_sequence = 0;
    host.known.boot_clock.reset();
    host.known.enrolled_at = kNow - 10;
    host.start(40, "");
    host.coldplug(39, root_hub());
    host.coldplug(39, fixed("1-8", 2));
    host.coldplug(39, fixed("1-7"));
    host.coldplug(39, stick());
    const auto news = host.follow();
    REQUIRE(news.open.size() == 2);
    CHECK(news.open[0].id == "usb.found_unseen");
    CHECK(news.open[0].device->came_from_ms == 0);
    CHECK(news.open[1].id == "usb.found_at_start");
    CHECK(news.open[1].tier == "warning");
    CHECK(news.open[1].actual == "0424:0001 at 1-7, 0424:0002 at 1-8");
    CHECK_FALSE(news.open[1].device);
    host.next();
    CHECK(host.ids().size() == 2);
    SECTION("a baseline that has all of them ends it") {
        host.is_internal = [](const UsbDevice& device) { return device.removable == "fixed"; };
        SECTION("while they are there") {
            host.usb = {root_hub(), fixed("1-7"), fixed("1-8", 2), stick()};
            CHECK(host.ids() == Ids{"usb.found_unseen"});
        }
        SECTION("and not once one of them was taken away") {
            host.usb = {root_hub(), fixed("1-7")};
            CHECK(host.ids().size() == 2);
        }
        SECTION("and not where one of them is another one now") {
            host.usb = {root_hub(), fixed("1-7"), fixed("1-8", 3)};
            CHECK(host.ids().size() == 2);
        }
    }
}

TEST_CASE("devices of the model's baseline are excused at a start and later") {
    Journal host;
    host.is_internal = [](const UsbDevice& device) { return device.removable == "fixed"; };
    host.known.journal_sequence = 0;
    host.start(40, "");
    host.coldplug(39, fixed("1-7"));
    host.add(Kind::remove, 30, fixed("1-7"));
    host.add(Kind::insert, 20, fixed("1-7"));
    CHECK(host.ids().empty());
    CHECK(host.follow().excused == 3);
}

TEST_CASE("what the TPM does not vouch for yet is told, ends nothing, and is the same when it comes again") {
    Journal host;
    host.add(Kind::insert, 40);
    host.add(Kind::insert, 39, stick("1-5", "S2"));
    host.add(Kind::remove, 38);
    host.through = 11;
    auto open = host.follow().open;
    REQUIRE(open.size() == 2);
    CHECK(open[0].device->gone_record == 0);
    const auto first = open;
    host.next();
    host.through = 100;
    open = host.follow().open;
    REQUIRE(open.size() == 2);
    CHECK(matter_id(open[1]) == matter_id(first[1]));
    CHECK(open[0].device->gone_record == 13);
    CHECK(open[1].device->gone_record == 0);
}

TEST_CASE("a record that is rewritten is another matter, and the one that was told stays") {
    Journal host;
    host.add(Kind::insert, 40);
    host.through = 10;
    host.next();
    host.records.front().device = stick("1-9", "S9");
    const auto open = host.follow().open;
    REQUIRE(open.size() == 2);
    CHECK(open[0].subject == "USB port 1-4");
    CHECK(open[1].subject == "USB port 1-9");
}

TEST_CASE("with a directory verdicts open, renew and end matters, and sessions say nothing") {
    Journal host;
    host.session(1000);
    host.add(Kind::insert, 40);
    JudgedEvent event{.record = 11,
                      .outcome = "UNDETERMINED",
                      .row = 15,
                      .reason = "A3",
                      .severity = "medium",
                      .text = "t",
                      .sha256 = std::string(64, 'e'),
                      .notes = {},
                      .device = {}};
    host.known.judged = {event};
    REQUIRE(host.ids() == Ids{"usb.undetermined"});
    CHECK(host.follow().open.front().tier == "none");
    CHECK(host.follow().open.front().device->serial == "S1");
    host.next();
    event.outcome = "UNACCOMPANIED";
    event.severity = "high";
    host.known.judged = {event};
    host.next();
    REQUIRE(host.known.open->size() == 1);
    CHECK(host.known.open->front().id == "usb.unaccompanied");
    CHECK(host.known.open->front().tier == "contraindicated");
    host.known.judged = std::vector<JudgedEvent>();
    host.next();
    CHECK(host.ids() == Ids{"usb.unaccompanied"});  // settled, judged no more, and still told
    event.outcome = "ACCOMPANIED";
    host.known.judged = {event};
    CHECK(host.ids().empty());
}

TEST_CASE("what came too late, and what one hand vouches for, is a warning of its own beside the verdict") {
    struct Late {
        const char* note;
        const char* severity;
        const char* id;
    };
    for (const auto& [note, severity, id] :
         {Late{"ORDER_LATE", "medium", "usb.order_late"}, Late{"ROW_LATE", "medium", "usb.row_late"},
          Late{"LATE_DIRECTORY", "medium", "usb.directory_late"},
          Late{"SOLE_WORD", "info", "usb.sole_word"}}) {
        Journal host;
        host.add(Kind::insert, 40);
        JudgedEvent event{11, "UNACCOMPANIED", 5, "NO_ORDER", "high", "t", std::string(64, 'e'), {}, {}};
        host.known.judged = {event};
        const auto in_time = host.follow().open;
        REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
        event.notes = {{note, severity, "what"}, {note, severity, "and another"}};
        host.known.judged = {event};
        REQUIRE(host.ids() == Ids{"usb.unaccompanied", id});
        const auto open = host.follow().open;
        CHECK(open[0].tier == in_time[0].tier);  // it makes nothing better
        CHECK(open[0].actual == in_time[0].actual);
        CHECK(open[1].tier == "warning");
        CHECK(open[1].basis == "bound");
        CHECK(open[1].expected != "nothing of this kind");
        CHECK(open[1].actual == fmt::format("what, {}", severity));
        event.outcome = "ACCOMPANIED";  // by what was in time
        host.known.judged = {event};
        CHECK(host.ids() == Ids{id});
        event.notes.clear();
        host.known.judged = {event};
        CHECK(host.ids().empty());
    }
}

TEST_CASE("an earlier event that is judged otherwise is told with what its verdict knows of the device") {
    Journal host;
    MatterDevice device;
    device.ids = "0781:5581";
    device.port = "1-4";
    device.controller = "0000:00:14.0";
    host.known.judged = {{5, "UNACCOMPANIED", 5, "NO_ORDER", "high", "t", std::string(64, 'e'), {}, device}};
    REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
    CHECK(host.follow().open.front().subject == "USB port 1-4");
    host.add(Kind::remove, 20);
    CHECK(host.follow().open.front().device->gone_record == 11);
}

TEST_CASE("what was told before there was a directory stays as it was told") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    const auto before = host.known.open;
    host.known.judged = {{11, "ACCOMPANIED", 16, "", "info", "t", std::string(64, 'e'), {}, {}}};
    CHECK(host.follow().open == *before);
    host.add(Kind::remove, 20);
    CHECK(host.follow().open.front().device->gone_record == 12);
}

TEST_CASE("a host that fills its journal with devices is told of as many as are kept, and the rest counted") {
    Journal host;
    for (int i = 0; i < 1500; ++i) host.add(Kind::insert, 40, stick("1-" + std::to_string(i)));
    const auto news = host.follow();
    CHECK(news.open.size() + news.more == 1500);
}
