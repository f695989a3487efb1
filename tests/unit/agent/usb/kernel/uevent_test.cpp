#include "agent/usb/kernel/uevent.h"

#include <catch2/catch.hpp>

#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using test::UeventBuilder;

namespace {
Result<Uevent> parse(const std::string& datagram) {
    return parse_uevent(as_view(datagram));
}
Error refusal(const std::string& datagram) {
    const auto parsed = parse(datagram);
    REQUIRE_FALSE(parsed);
    return parsed.error();
}
}  // namespace

TEST_CASE("a kernel uevent is read with its action, path, kind of device and sequence") {
    const auto event = parse(UeventBuilder().datagram());
    REQUIRE(event);
    CHECK(event->action == "add");
    CHECK(event->devpath == std::string(test::kBus) + "/1-4");
    CHECK(event->subsystem == "usb");
    CHECK(event->devtype == "usb_device");
    CHECK(event->sequence == 1234);
    CHECK(event->devnum == 5);
}

TEST_CASE("an event of another subsystem needs no device number") {
    UeventBuilder block;
    block.keys = {"SUBSYSTEM=block", "DEVTYPE=disk"};
    const auto event = parse(block.datagram());
    REQUIRE(event);
    CHECK(event->devnum == 0);
}

TEST_CASE("a message of udevd is not taken for one of the kernel") {
    CHECK(refusal(std::string("libudev\0\xfe\xed\xca\xfe", 12)).code == ErrorCode::unsupported);
}

TEST_CASE("a datagram cut off at any byte is refused") {
    const auto whole = UeventBuilder().datagram();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(parse(whole.substr(0, size)));
    }
}

TEST_CASE("a key given twice is refused, with its offset") {
    UeventBuilder twice;
    twice.keys.emplace_back("DEVNUM=006");
    const auto error = refusal(twice.datagram());
    CHECK(error.code == ErrorCode::malformed);
    CHECK(error.offset == twice.datagram().find("DEVNUM=006"));
}

TEST_CASE("a header that names another event than its keys is refused") {
    UeventBuilder other;
    other.header = "remove@" + other.devpath;
    CHECK(refusal(other.datagram()).context.find("header") != std::string::npos);
}

TEST_CASE("a path that leads out of /sys is refused") {
    for (const auto* path :
         {"/devices/../../etc", "devices/usb1", "/devices/usb1/", "/devices//usb1", "/devices/."}) {
        UeventBuilder out;
        out.devpath = path;
        CAPTURE(path);
        CHECK(refusal(out.datagram()).code == ErrorCode::malformed);
    }
}

TEST_CASE("a number that is none is refused and shown printable") {
    UeventBuilder odd;
    odd.keys = {"SUBSYSTEM=usb", "DEVNUM=5\x1b[2J"};
    CHECK(refusal(odd.datagram()).context.find("\\x1b") != std::string::npos);
}

TEST_CASE("more keys than the kernel sends are refused") {
    UeventBuilder many;
    for (int i = 0; i < 70; ++i) many.keys.push_back("K" + std::to_string(i) + "=1");
    CHECK(refusal(many.datagram()).code == ErrorCode::limit);
}

TEST_CASE("a datagram above 8192 bytes is refused before it is read") {
    CHECK(refusal(std::string(kMaxUevent + 1, 'a')).code == ErrorCode::limit);
}
