#include "evidence/device/usb_descriptor.h"

#include <map>

#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "tests/support/builders/usb_builder.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

using namespace assay;

TEST_CASE("a device, its configuration, interfaces and endpoints are read") {
    const auto device = usb::parse_descriptors(build::usb_descriptors());
    REQUIRE(device);
    CHECK(device->quirks.empty());
    CHECK(usb::id_text(*device) == "046b:ff10");
    CHECK(device->bcd_usb == 0x0210);
    CHECK(device->serial_index == 3);
    REQUIRE(device->configurations.size() == 1);
    const auto& interfaces = device->configurations[0].interfaces;
    REQUIRE(interfaces.size() == 2);
    CHECK(interfaces[0].endpoints == std::vector<usb::Endpoint>{{0x81, 2, 512, 0}, {0x02, 2, 512, 0}});
    CHECK(interfaces[1].endpoints == std::vector<usb::Endpoint>{{0x83, 3, 8, 10}});
    CHECK(usb::is_mass_storage(*device));
    CHECK(usb::is_keyboard(*device));
    CHECK_FALSE(usb::is_hub(*device));
    CHECK_FALSE(usb::is_network(*device));
    CHECK(usb::class_name(8) == "mass storage");
    CHECK(usb::class_name(0x77) == "class 0x77");
}

TEST_CASE("descriptors cut off anywhere inside one are refused with the place") {
    const auto whole = build::usb_descriptors();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto device = usb::parse_descriptors(ByteView(whole).first(size));
        if (!device) {
            CHECK(device.error().offset.value() <= size);
            continue;
        }
        CHECK_FALSE(device->quirks.empty());  // between two descriptors: the counts and lengths tell
    }
}

TEST_CASE("lengths of 0 and 1, and lengths too short for the kind, are refused") {
    for (const auto length : std::initializer_list<std::uint8_t>{0, 1, 3, 6}) {
        build::Usb broken;
        broken.endpoint_length = length;
        CHECK_FALSE(usb::parse_descriptors(build::usb_descriptors(broken)));
    }
    build::Usb broken;
    broken.device_length = 17;
    CHECK_FALSE(usb::parse_descriptors(build::usb_descriptors(broken)));
    auto bytes = build::usb_descriptors();
    bytes[19 + 1] = std::byte{8};  // wTotalLength below the configuration's own nine bytes
    CHECK_FALSE(usb::parse_descriptors(bytes));
    CHECK_FALSE(usb::parse_descriptors(Bytes(limits::kUsbDescriptors + 1)));
}

TEST_CASE("an interface before any configuration and an endpoint before any interface are refused") {
    const auto whole = build::usb_descriptors();
    for (const std::size_t gone : {9U, 18U}) {
        auto bytes = whole;
        bytes.erase(bytes.begin() + 18, bytes.begin() + 18 + static_cast<std::ptrdiff_t>(gone));
        CHECK_FALSE(usb::parse_descriptors(bytes));
    }
}

TEST_CASE(
    "of descriptors with an unsound tail the device and what stands before it are read, and that is said") {
    const auto whole = build::usb_descriptors();
    for (std::size_t size = 18; size < whole.size(); ++size) {
        INFO(size);
        const auto cut = ByteView(whole).first(size);
        const auto device = usb::parse_sound_descriptors(cut);
        REQUIRE(device);
        CHECK(usb::id_text(*device) == "046b:ff10");
        // Where all is sound, both readers give the same; where not, only one gives anything, and says so.
        const auto strict = usb::parse_descriptors(cut);
        CHECK(strict.has_value() == device->unread.empty());
        if (strict) {
            CHECK(*strict == *device);
        } else {
            CHECK(device->unread ==
                  describe(strict.error()).substr(std::string_view("USB descriptors: ").size()));
            CHECK(device->quirks.back() == usb::Quirk::descriptor_unsound);
        }
    }
    CHECK(usb::parse_sound_descriptors(whole) == usb::parse_descriptors(whole));
}

TEST_CASE("an unsound descriptor is left out with what follows of its configuration") {
    build::Usb broken;
    broken.endpoint_length = 6;
    const auto device = usb::parse_sound_descriptors(build::usb_descriptors(broken));
    REQUIRE(device);
    REQUIRE(device->configurations.size() == 1);
    REQUIRE(device->configurations[0].interfaces.size() == 1);
    CHECK(device->configurations[0].interfaces[0].endpoints.empty());
    CHECK(device->quirks == std::vector{usb::Quirk::descriptor_unsound});
    CHECK(usb::is_mass_storage(*device));
    CHECK_FALSE(usb::is_keyboard(*device));  // it may be one: nothing is let in by this
}

TEST_CASE("a configuration that is unsound at its end does not hide the next one") {
    const auto one = build::usb_descriptors();
    constexpr std::size_t kDeviceSize = 18;
    const Bytes second(one.begin() + kDeviceSize, one.end());
    for (const auto length : std::initializer_list<std::uint8_t>{
             0, 1, 3, 12, 200}) {  // of the first one's last endpoint, 7 bytes long
        INFO(+length);
        auto bytes = one;
        bytes.at(17) = std::byte{2};
        bytes.at(one.size() - 7) = std::byte(length);
        bytes.insert(bytes.end(), second.begin(), second.end());
        const auto device = usb::parse_sound_descriptors(bytes);
        REQUIRE(device);
        REQUIRE(device->configurations.size() == 2);
        CHECK(device->configurations[0].interfaces.size() == 2);
        CHECK(device->configurations[0].interfaces[1].endpoints.empty());
        CHECK(device->configurations[1].interfaces.size() == 2);
        CHECK(device->quirks == std::vector{usb::Quirk::descriptor_unsound});
        CHECK_FALSE(usb::parse_descriptors(bytes));
    }
}

TEST_CASE("without a sound device descriptor there is no device") {
    const auto whole = build::usb_descriptors();
    for (std::size_t size = 0; size < 18; ++size)
        CHECK_FALSE(usb::parse_sound_descriptors(ByteView(whole).first(size)));
    build::Usb broken;
    broken.device_length = 17;
    CHECK_FALSE(usb::parse_sound_descriptors(build::usb_descriptors(broken)));
    auto other = whole;
    other.at(1) = std::byte{2};
    CHECK_FALSE(usb::parse_sound_descriptors(other));
    CHECK_FALSE(usb::parse_sound_descriptors(Bytes(limits::kUsbDescriptors + 1)));
}

TEST_CASE("claims that differ from what follows are named quirks") {
    const auto quirks = [](auto change) {
        build::Usb claims;
        change(claims);
        return usb::parse_descriptors(build::usb_descriptors(claims))->quirks;
    };
    CHECK(quirks([](auto& u) { u.configurations = 2; }) ==
          std::vector{usb::Quirk::configuration_count_differs});
    CHECK(quirks([](auto& u) { u.interfaces = 1; }) == std::vector{usb::Quirk::interface_count_differs});
    CHECK(quirks([](auto& u) { u.storage_endpoints = 3; }) ==
          std::vector{usb::Quirk::endpoint_count_differs});
    CHECK(quirks([](auto& u) { ++u.total_length; }) == std::vector{usb::Quirk::total_length_too_long});
    CHECK(quirks([](auto& u) { --u.total_length; }) == std::vector{usb::Quirk::total_length_too_short});
}

TEST_CASE("real descriptors parse to the ids that the kernel showed beside them") {
    if (!corpus::present("usb")) ASSAY_SKIP("no corpus of real USB descriptors");
    std::size_t devices = 0;
    std::size_t compared = 0;
    for (const auto& entry : corpus::manifests("usb")) {
        if (entry.path.extension() != ".bin") continue;
        INFO(entry.path.string());
        const auto device = usb::parse_descriptors(corpus::read(entry.path));
        REQUIRE(device);
        ++devices;
        std::map<std::string, std::string> attributes;
        const auto beside =
            entry.path.parent_path() / "expected" / (entry.path.filename().string() + ".attrs.tsv");
        for (const auto& line : corpus::lines(corpus::read_text(beside))) {
            auto value = line.substr(line.find('\t') + 1);
            if (value.ends_with(R"(\n)"))
                value.resize(value.size() - 2);  // some recordings spell the newline out
            attributes[line.substr(0, line.find('\t'))] = value;
        }
        if (!attributes.contains("idVendor")) continue;
        ++compared;
        CHECK(usb::id_text(*device) == attributes["idVendor"] + ":" + attributes["idProduct"]);
        CHECK(device->configurations.size() == std::stoul(attributes["bNumConfigurations"]));
    }
    CHECK(devices >= 20);
    CHECK(compared >= 15);
}

TEST_CASE("a bus begins with a root hub, and what only has its ids is none") {
    auto bytes = build::usb_descriptors();
    bytes.at(4) = std::byte{9};
    bytes.at(8) = std::byte{0x6b};
    bytes.at(9) = std::byte{0x1d};
    bytes.at(10) = std::byte{3};
    bytes.at(11) = std::byte{0};
    const auto hub = usb::parse_descriptors(bytes).value();
    CHECK(usb::is_root_hub(hub, "usb1", 1));
    CHECK(usb::is_root_hub(hub, "usb12", 1));
    CHECK_FALSE(usb::is_root_hub(hub, "usb1", 2));
    for (const auto* port : {"1-4", "usb", "usb1-1", "usbx", "", "1"})
        CHECK_FALSE(usb::is_root_hub(hub, port, 1));
    auto other = hub;
    other.product = 0x0100;
    CHECK_FALSE(usb::is_root_hub(other, "usb1", 1));
    other = hub;
    other.vendor = 0x1d6c;
    CHECK_FALSE(usb::is_root_hub(other, "usb1", 1));
    other = hub;
    other.device_class = 0;
    CHECK_FALSE(usb::is_root_hub(other, "usb1", 1));
}
