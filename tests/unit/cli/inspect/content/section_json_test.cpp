#include "cli/inspect/content/section_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cli/inspect/content/usb_json.h"
#include "cli/inspect/evidence_json.h"
#include "evidence/base/hex.h"
#include "evidence/wire/section/ima_state.h"
#include "evidence/wire/section/section_names.h"
#include "tests/support/builders/ima_builder.h"
#include "tests/support/builders/smbios_builder.h"
#include "tests/support/builders/usb_builder.h"
#include "tests/support/builders/wire_samples.h"

using namespace assay;
using namespace assay::cli;
using nlohmann::json;

namespace {

json content(std::string_view name, ByteView bytes) {
    return json::parse(section_json(name, bytes).dump());
}

}  // namespace

TEST_CASE("a USB device's configurations, interfaces and endpoints are shown, and what it is") {
    const auto made = inspect_usb(build::usb_descriptors());
    REQUIRE(made);
    const auto out = json::parse(made->dump());
    CHECK(out["id"] == "046b:ff10");
    CHECK(out["kinds"] == json::array({"hid", "storage"}));
    CHECK(out["keyboard"] == true);
    const auto& interfaces = out["configurations"][0]["interfaces"];
    REQUIRE(interfaces.size() == 2);
    CHECK(interfaces[0]["class_name"] == "mass storage");
    CHECK(interfaces[0]["endpoints"][0]["direction"] == "in");
    CHECK(interfaces[0]["endpoints"][1]["transfer"] == "bulk");
    CHECK(out["quirks"].empty());
    // The twin: one endpoint fewer than claimed is told as the quirk that it is.
    const auto odd = inspect_usb(build::usb_descriptors({.storage_endpoints = 3}));
    REQUIRE(odd);
    CHECK(json::parse(odd->dump())["quirks"].size() == 1);
    CHECK_FALSE(inspect_usb({}));
    CHECK_FALSE(inspect_usb(as_view("no descriptors at all")));
}

TEST_CASE("the section of USB devices is read by the same command, descriptor by descriptor") {
    auto device = sample::usb_device();
    device.descriptors = build::usb_descriptors();
    auto broken = sample::usb_device();
    broken.descriptors = to_bytes("no");
    const auto bytes = encode_usb_section({device, broken});
    const auto made = inspect_usb(bytes);
    REQUIRE(made);
    const auto out = json::parse(made->dump());
    REQUIRE(out["devices"].size() == 2);
    CHECK(out["devices"][0]["port_path"] == "1-4.2");
    CHECK(out["devices"][0]["descriptors"]["id"] == "046b:ff10");
    // Descriptors that cannot be read are no reason to show nothing.
    CHECK(out["devices"][1]["descriptors"].contains("unread"));
    CHECK(out["devices"][1]["descriptors"]["bytes"] == to_hex(broken.descriptors));
    CHECK(content(section::kUsb, bytes) == out["devices"]);
}

TEST_CASE("of each section the content is shown, not its length") {
    CHECK(content(section::kImaLog, test::ImaBuilder().file("/bin/x", "x").bytes())["entries"][0]["path"] ==
          "/bin/x");
    CHECK(content(section::kSmbios,
                  encode_smbios_section(
                      {build::smbios_entry_point_3(static_cast<std::uint32_t>(build::smbios_table().size())),
                       build::smbios_table()}))["structures"]
              .size() > 2);
    const auto kernel = content(section::kKernel, encode_kernel_section(sample::kernel()));
    CHECK(kernel["release"] == sample::kernel().release);
    const auto clock = content(section::kClock, encode_clock_section(sample::clock()));
    CHECK(clock["wall_ms"] == sample::clock().wall_ms);
    const auto journal = content(section::kJournal, encode_journal_section(sample::journal()));
    CHECK(journal["records"][0]["sequence"] == 41);
    CHECK(journal["records"][0]["device"]["product"] == "Stick");
    const auto gaps =
        content(section::kGaps, encode_gaps_section({{"cpu", "/proc/cpuinfo", "io", "no such"}}));
    CHECK(gaps[0]["source"] == "/proc/cpuinfo");
    test::ImaBuilder list;
    list.file("/bin/x", "x");
    const auto part =
        content(section::kImaLogPart, encode_ima_part_section({sha256(as_view("s")), 7, 900, list.bytes()}));
    CHECK(part["after"]["entries"] == 7);
    CHECK(part["entries"][0]["index"] == 7);
}

TEST_CASE("a section that is not as it must be is shown as far as it goes, with the reason") {
    auto clock = encode_clock_section(sample::clock());
    const auto unknown_key = content(section::kKernel, clock);
    CHECK(unknown_key.contains("unread"));
    CHECK(unknown_key["content"]["wall_ms"] == sample::clock().wall_ms);
    clock.pop_back();
    const auto cut = content(section::kClock, clock);
    CHECK(cut.contains("unread"));
    CHECK(cut["bytes"] == to_hex(clock));
    CHECK(content("no-such-section", encode_kernel_section(sample::kernel()))["release"] ==
          sample::kernel().release);
    CHECK(content(section::kBootEventLog, as_view("noise")).contains("unread"));
}

TEST_CASE("a section is found in evidence by its name; an absent one is told with the names that are there") {
    const auto evidence = sample::evidence();
    const auto bytes = encode_evidence(evidence);
    const auto found = find_section(bytes, "cpu");
    REQUIRE(found);
    CHECK(as_text(found->bytes) == "cpu");
    CHECK(json::parse(found->about.dump())["content"] == "matches");
    const auto absent = find_section(bytes, "smbois");
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == ErrorCode::not_found);
    CHECK(absent.error().context.find("cpu, smbios") != std::string::npos);
    auto held = evidence;
    held.sections.erase("cpu");
    const auto left_out = find_section(encode_evidence(held), "cpu");
    REQUIRE_FALSE(left_out);
    CHECK(left_out.error().context.find("not included") != std::string::npos);
    held.sections["cpu"] = to_bytes("other");
    CHECK(json::parse(find_section(encode_evidence(held), "cpu")->about.dump())["content"] ==
          "differs from the manifest");
    CHECK_FALSE(find_section(as_view("noise"), "cpu"));
}
