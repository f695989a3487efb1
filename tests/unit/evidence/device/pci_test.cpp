#include "evidence/device/pci.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/pci_builder.h"

using namespace assay;

TEST_CASE("a function's ids, class, link and serial number are read") {
    const auto config = pci::parse_config(build::pci_function());
    REQUIRE(config);
    CHECK(pci::id_text(config->vendor, config->device) == "8086:1572");
    CHECK(config->subsystem_vendor == 0x1028);
    CHECK(config->subsystem_device == 0x1f99);
    CHECK(config->class_code == 0x020000);
    CHECK(config->revision == 2);
    CHECK(config->header_type == 0);
    CHECK(config->multi_function);
    CHECK(config->quirks.empty());
    REQUIRE(config->express);
    CHECK(config->express->max_link_speed == 3);
    CHECK(config->express->max_link_width == 8);
    CHECK(config->express->link_width == 4);
    CHECK_FALSE(config->express->physical_slot);
    CHECK(config->serial_number == 0x001122fffe334455);
}

TEST_CASE("a bridge has its subsystem ids in a capability, and its port a slot number") {
    const auto config = pci::parse_config(build::pci_bridge());
    REQUIRE(config);
    CHECK(config->header_type == 1);
    CHECK(config->subsystem_vendor == 0x15d9);
    CHECK(config->subsystem_device == 0x1234);
    REQUIRE(config->express);
    CHECK(config->express->port_type == 4);
    CHECK(config->express->physical_slot == 7);
}

TEST_CASE("64 bytes show the header and say that no capability is visible") {
    const auto config = pci::parse_config(ByteView(build::pci_function()).first(64));
    REQUIRE(config);
    CHECK_FALSE(config->capabilities_visible);
    CHECK(config->capabilities.empty());
    CHECK(config->subsystem_vendor == 0x1028);
}

TEST_CASE("every length parses or is refused; a cut serial number is a quirk") {
    const auto whole = build::pci_function();
    for (std::size_t size = 0; size < 64; ++size) CHECK_FALSE(pci::parse_config(ByteView(whole).first(size)));
    for (std::size_t size = 64; size <= whole.size(); ++size)
        CHECK(pci::parse_config(ByteView(whole).first(size)));
    const auto cut = pci::parse_config(ByteView(whole).first(0x100 + 8));
    CHECK(cut->quirks == std::vector{pci::Quirk::extended_capability_outside});
    CHECK_FALSE(cut->serial_number);
    CHECK_FALSE(pci::parse_config(Bytes(4097)));
}

TEST_CASE("no function behind the address, and header types that do not exist, are refused") {
    CHECK(pci::parse_config(Bytes(64, std::byte{0xff})).error().code == ErrorCode::not_found);
    auto bytes = build::pci_function();
    bytes[0x0e] = std::byte{3};
    CHECK(pci::parse_config(bytes).error().offset == 0x0e);
}

TEST_CASE("capability lists that loop or leave the space end with a quirk") {
    auto loop = build::pci_function();
    loop[0x41] = std::byte{0x40};
    CHECK(pci::parse_config(loop)->quirks == std::vector{pci::Quirk::capability_loop});
    auto into_header = build::pci_function();
    into_header[0x41] = std::byte{0x10};
    CHECK(pci::parse_config(into_header)->quirks == std::vector{pci::Quirk::capability_outside});
    auto extended_loop = build::pci_function();
    extended_loop[0x102] = std::byte{0x01};  // next: 100h
    extended_loop[0x103] = std::byte{0x10};
    CHECK(pci::parse_config(extended_loop)->quirks == std::vector{pci::Quirk::extended_capability_loop});
}

TEST_CASE("without the status bit the capability pointer means nothing") {
    auto bytes = build::pci_function();
    bytes[0x06] = std::byte{0};
    const auto config = pci::parse_config(bytes);
    CHECK_FALSE(config->express);
    CHECK(config->serial_number);  // the extended space has a list of its own
}
