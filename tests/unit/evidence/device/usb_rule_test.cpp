#include "evidence/device/usb_rule.h"

#include <catch2/catch.hpp>

#include "evidence/base/digest.h"
#include "tests/support/builders/usb_builder.h"

using namespace assay;

namespace {

// Storage and keyboard in one, 046b:ff10.
const Bytes kRaw = build::usb_descriptors();

bool allowed(const usb::Rule& rule, const std::string& serial = "4C530001230415117495") {
    return usb::allows(rule, usb::parse_descriptors(kRaw).value(), kRaw, serial);
}
usb::Rule rule(const char* vid, const char* pid = "", const char* serial = "", std::string digest = {},
               const char* kind = "") {
    return {vid, pid, serial, std::move(digest), kind};
}

}  // namespace

TEST_CASE("a rule allows a device only if every field that it sets agrees") {
    CHECK(allowed(rule("")));
    CHECK(allowed(rule("046b")));
    CHECK(allowed(rule("046b", "ff10")));
    CHECK_FALSE(allowed(rule("046c")));
    CHECK_FALSE(allowed(rule("046b", "ff11")));
    CHECK(allowed(rule("", "", "", sha256(kRaw).hex())));
    CHECK_FALSE(allowed(rule("", "", "", std::string(64, '0'))));
}

TEST_CASE("a serial number that names no device allows none") {
    CHECK(allowed(rule("", "", "4C530001230415117495")));
    CHECK_FALSE(allowed(rule("", "", "123456"), "123456"));
    CHECK_FALSE(allowed(rule("", "", "4C530001230415117495"), "other"));
}

TEST_CASE("a kind allows a device that is of this kind alone: a stick that types is no stick") {
    CHECK_FALSE(allowed(rule("", "", "", "", "storage")));
    CHECK_FALSE(allowed(rule("", "", "", "", "hid")));
    auto stick = usb::parse_descriptors(kRaw).value();
    std::erase_if(stick.configurations.front().interfaces,
                  [](const auto& i) { return i.interface_class == 3; });
    CHECK(usb::allows(rule("", "", "", "", "storage"), stick, kRaw, ""));
    CHECK_FALSE(usb::allows(rule("", "", "", "", "hub"), stick, kRaw, ""));
}

TEST_CASE("a rule with a field that can never agree is refused") {
    CHECK(usb::check(rule("046b", "ff10", "x", std::string(64, 'a'), "hub")));
    CHECK_FALSE(usb::check(rule("046B")));
    CHECK_FALSE(usb::check(rule("0x46b")));
    CHECK_FALSE(usb::check(rule("", "1")));
    CHECK_FALSE(usb::check(rule("", "", "", "abc")));
    CHECK_FALSE(usb::check(rule("", "", "", "", "keyboard")));
}
