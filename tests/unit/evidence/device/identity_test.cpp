#include <catch2/catch.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/device/bmc.h"
#include "evidence/device/drive.h"

using namespace assay;
using drive::WwidVendor;

TEST_CASE("padding of fixed fields goes, blanks inside become one") {
    CHECK(drive::normalised(std::string_view("  SAMSUNG   MZ7 \0\0", 18)) == "SAMSUNG MZ7");
    CHECK(drive::normalised(std::string_view("\0\0", 2)).empty());
    CHECK(drive::normalised("").empty());
}

TEST_CASE("a wwid names who assigned it") {
    const auto oui = [](std::uint32_t id) { return WwidVendor{WwidVendor::Kind::oui, id, {}}; };
    CHECK(drive::wwid_vendor("nvme.144d-53334") == WwidVendor{WwidVendor::Kind::pci, 0x144d, {}});
    CHECK(drive::wwid_vendor("naa.5000c500a1b2c3d4") == oui(0x000c50));
    CHECK(drive::wwid_vendor("naa.20000025b5000001") == oui(0x0025b5));
    CHECK(drive::wwid_vendor("naa.600605b00d5a1e6025c3f0a1b2c3d4e5") == oui(0x00605b));
    CHECK(drive::wwid_vendor("eui.0025385b71b00001") == oui(0x002538));
    CHECK(drive::wwid_vendor("eui.01000000010000005cd2e4b3a4c05551") == oui(0x5cd2e4));
    CHECK(drive::wwid_vendor("t10.ATA     WDC WD4000") == WwidVendor{WwidVendor::Kind::t10, 0, "ATA"});
}

TEST_CASE("a wwid that names nobody, or is none, is refused") {
    for (const std::string bad :
         {"", "nvme", "nvme.14-x", "nvme.zzzz-1", "naa.", "naa.5000c5", "naa.5zzzzzz00a1b2c3d4",
          "naa.6000c500a1b2c3d4", "eui.0025", "t10.", "scsi.1"}) {
        INFO(bad);
        CHECK_FALSE(drive::wwid_vendor(bad));
    }
    CHECK(drive::wwid_vendor("naa.3000c500a1b2c3d4").error().code == ErrorCode::unsupported);
    CHECK(drive::wwid_vendor("uuid.1-2").error().code == ErrorCode::unsupported);
}

TEST_CASE("NVMe Identify Controller names vendor, serial, model, firmware and OUI") {
    ByteWriter out;
    out.u16le(0x144d).u16le(0x144d).text("S3UJNX0K            ").text("SAMSUNG");
    auto bytes = out.take();
    bytes.resize(24 + 40, std::byte{' '});
    const auto rest = ByteWriter().text("GDC5302Q").u8(0).u8(0x38).u8(0x25).u8(0x00).take();
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    bytes.resize(4096);
    const auto controller = drive::parse_nvme_identify_controller(bytes);
    REQUIRE(controller);
    CHECK(controller->pci_vendor == 0x144d);
    CHECK(controller->serial == "S3UJNX0K");
    CHECK(controller->firmware == "GDC5302Q");
    CHECK(controller->oui == 0x002538);
    bytes.pop_back();
    CHECK_FALSE(drive::parse_nvme_identify_controller(bytes));
}

TEST_CASE("IPMI Get Device ID gives firmware revision, manufacturer and product") {
    auto bytes = ByteWriter()
                     .u8(0x20)
                     .u8(0x81)
                     .u8(1)
                     .u8(0x72)
                     .u8(2)
                     .u8(0xbf)
                     .u8(0x7c)
                     .u8(0x2a)
                     .u8(0)
                     .u16le(0x0a1b)
                     .u32be(0x01020304)
                     .take();
    const auto id = bmc::parse_device_id(bytes);
    REQUIRE(id);
    CHECK(id->manufacturer == 10876);  // 2A7Ch
    CHECK(id->product == 0x0a1b);
    CHECK(id->firmware_version() == "1.72");
    CHECK(id->device_revision == 1);
    CHECK(id->provides_sdrs);
    CHECK_FALSE(id->update_in_progress);
    CHECK(id->auxiliary_firmware == 0x01020304);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK(bmc::parse_device_id(ByteView(bytes).first(size)).has_value() == (size == 11));
    }
    bytes[8] = std::byte{0x10};
    CHECK_FALSE(bmc::parse_device_id(bytes));
}
