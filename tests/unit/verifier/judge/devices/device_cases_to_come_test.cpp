#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/devices/device_journal.h"

using namespace assay;
using namespace assay::test::device_journal;

namespace {

// It is acknowledged, and so over as soon as it is gone.
void acknowledge(OpenMatter& matter) {
    matter.acks = {{"olga", kNow}, {"otto", kNow}};
}

}  // namespace

TEST_CASE("a removal that is not taken over ends no acknowledged matter, and ends it once it is") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    acknowledge(host.known.open->front());
    host.add(Kind::remove, 20);
    host.through = 11;
    for (int report = 0; report < 2; ++report) {
        REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
        CHECK_FALSE(is_over(host.follow().open.front()));
        host.next();
    }
    host.through = 100;
    CHECK(is_over(host.follow().open.front()));
}

TEST_CASE("a removal that is taken over late ends what came before it, and not what came after it") {
    const bool is_accompanied = GENERATE(true, false);
    Journal host;
    host.add(Kind::insert, 40);
    host.add(Kind::remove, 30);
    host.add(Kind::insert, 20);
    if (is_accompanied) host.session(45, 25);
    host.through = 10;
    for (int report = 0; report < 2; ++report) {
        REQUIRE(host.ids().size() == (is_accompanied ? 1 : 2));
        for (const auto& matter : host.follow().open) CHECK(matter.device->gone_record == 0);
        host.next();
    }
    for (auto& matter : *host.known.open) acknowledge(matter);
    host.through = 100;
    const auto open = host.follow().open;
    CHECK(open.back().record == 13);
    CHECK_FALSE(is_over(open.back()));
    if (!is_accompanied) {
        CHECK(open.front().device->gone_record == 12);
        CHECK(is_over(open.front()));
    }
    host.next();
    host.add(Kind::remove, 10);
    CHECK(is_over(host.follow().open.back()));
}

TEST_CASE("what comes after a removal that is not taken over yet is told at once, and only once") {
    Journal host;
    host.was_present(stick());
    host.add(Kind::use, 45).use = DeviceUse{};
    host.next();
    REQUIRE(host.known.open->front().tier == "warning");
    host.add(Kind::remove, 40);
    host.add(Kind::insert, 20);
    host.through = 11;
    for (int report = 0; report < 3; ++report) {
        REQUIRE(host.ids() == Ids{"usb.used_unaccompanied", "usb.unaccompanied"});
        CHECK(host.follow().open.back().tier == "contraindicated");
        host.next();
    }
    host.through = 100;
    CHECK(host.ids() == Ids{"usb.used_unaccompanied", "usb.unaccompanied"});
    CHECK(host.follow().open.front().device->gone_record == 12);
}

TEST_CASE("what is not taken over adds no act and no number, and adds them once it is") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    host.add(Kind::use, 35).use = DeviceUse{.children = {}, .mounted_at = {"/mnt"}, .bytes_read = 7};
    host.add(Kind::remove, 32);
    host.add(Kind::insert, 30);
    host.through = 11;
    const auto known = host.known.open;
    CHECK(host.follow().open == *known);
    host.next();
    host.through = 100;
    const auto matter = host.follow().open.front();
    CHECK(matter.device->read == 7);
    CHECK(matter.device->count == 2);
    CHECK(matter.device->gone_record == 0);
}

TEST_CASE("an acknowledged device that is back within a moment is not over, though its return comes later") {
    Journal host;
    host.add(Kind::insert, 40);
    host.next();
    acknowledge(host.known.open->front());
    host.add(Kind::remove, 33);
    host.add(Kind::insert, 30);
    host.through = 12;
    REQUIRE(host.ids() == Ids{"usb.unaccompanied"});
    CHECK_FALSE(is_over(host.follow().open.front()));
}

TEST_CASE("a device that is listed is not over for a start whose records come in two reports") {
    const bool is_listed = GENERATE(true, false);
    Journal host;
    host.known.boot_clock->boot_id = "boot-0";
    host.add(Kind::insert, 40).boot_id = "boot-0";
    host.next();
    acknowledge(host.known.open->front());
    host.start(20, "boot-0");
    if (is_listed) host.usb = {root_hub(), stick("2-4")};  // the bus has another number now
    CHECK(is_over(host.follow().open.front()) != is_listed);
    if (!is_listed) return;
    host.next();
    host.known.boot_clock->boot_id = "boot-a";
    host.coldplug(19, stick("2-4"));
    CHECK_FALSE(is_over(host.follow().open.front()));
    host.add(Kind::remove, 10, stick("2-4"));
    CHECK(is_over(host.follow().open.front()));
}

TEST_CASE("after a new journal has begun, a removal in it ends what the old one told") {
    Journal host;
    host.known.journal_sequence = 500;
    host.add(Kind::insert, 40);
    host.next();
    acknowledge(host.known.open->front());
    host.known.journal_sequence = 0;
    host.start(30, "boot-a");
    host.add(Kind::remove, 20);
    CHECK(is_over(host.follow().open.front()));
}
