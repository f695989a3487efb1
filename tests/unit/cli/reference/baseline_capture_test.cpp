#include "cli/reference/baseline_capture.h"

#include <catch2/catch.hpp>

#include "cli/reference/bmc_usb_ids.h"
#include "tests/support/appraisal/baseline_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

Evidence evidence_with(const std::vector<UsbDevice>& devices) {
    EvidenceBuilder builder;
    auto made = builder.build();
    made.bundle.evidence.sections[std::string(section::kUsb)] = encode_usb_section(devices);
    return made.bundle.evidence;
}

}  // namespace

TEST_CASE("a capture has every device but root hubs, and marks a BMC's by their ids") {
    auto root_bytes = usb_descriptors_of(0x1d6b, 0x0002);
    root_bytes.at(4) = std::byte{9};  // the class of the device: hub
    auto root = bmc_device("usb1", root_bytes);
    root.devnum = 1;
    const auto captured = cli::capture_baseline(
        evidence_with({root, bmc_device("1-14"), bmc_device("1-3", usb_descriptors_of(0x8087, 0x0a2b))}),
        {.model = "", .generation = "BMC 1", .source = "test", .span = {}, .without = {}, .bmc = {}});
    REQUIRE(captured);
    CHECK(captured->model == "Server 1");
    REQUIRE(captured->devices.size() == 2);
    CHECK(captured->devices[0].bmc);
    CHECK(captured->devices[0].port == "1-14");
    CHECK(captured->devices[0].descriptors == sha256(build::usb_descriptors()).hex());
    CHECK_FALSE(captured->devices[1].bmc);
}

TEST_CASE("what hangs on the BMC's hub is the BMC's") {
    auto hub_bytes = usb_descriptors_of(0x413c, 0xa001);
    hub_bytes.at(18 + 9 + 5) = std::byte{9};  // the class of its first interface
    const auto captured = cli::capture_baseline(
        evidence_with({bmc_device("1-14", hub_bytes),
                       bmc_device("1-14.2", usb_descriptors_of(0x1234, 0x0001)),
                       bmc_device("1-140", usb_descriptors_of(0x1234, 0x0002))}),
        {.model = "M", .generation = "1", .source = "test", .span = {}, .without = {}, .bmc = {}});
    REQUIRE(captured);
    CHECK(captured->devices[1].bmc);
    CHECK_FALSE(captured->devices[2].bmc);
}

TEST_CASE("a device that does not belong is left out by its port, and a port can be given to the BMC") {
    const cli::CaptureOptions options{
        .model = "M", .generation = "1", .source = "test", .span = {}, .without = {"1-4"}, .bmc = {"1-3"}};
    const auto captured = cli::capture_baseline(
        evidence_with({bmc_device("1-4"), bmc_device("1-3", usb_descriptors_of(0x1234, 0x0001))}), options);
    REQUIRE(captured);
    REQUIRE(captured->devices.size() == 1);
    CHECK(captured->devices[0].bmc);
    CHECK(cli::capture_baseline(evidence_with({bmc_device("1-3")}), options).error().code ==
          ErrorCode::usage);
}

TEST_CASE("what cannot be read is not captured in silence") {
    const cli::CaptureOptions options{
        .model = "M", .generation = "1", .source = "test", .span = {}, .without = {}, .bmc = {}};
    CHECK(cli::capture_baseline(evidence_with({bmc_device("1-4", Bytes{std::byte{1}})}), options)
              .error()
              .code == ErrorCode::usage);
    CHECK(cli::capture_baseline(evidence_with({}), options).error().code == ErrorCode::not_found);
}

TEST_CASE("a BMC's id is known with vendor and product alone") {
    CHECK(cli::bmc_of_usb_id("413c", "a102") == "Dell iDRAC");
    CHECK(cli::bmc_of_usb_id("413c", "a103").empty());
    CHECK(cli::bmc_of_usb_id("0781", "a102").empty());
}
