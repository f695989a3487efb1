#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/payload/efi_structures.h"
#include "evidence/eventlog/replay/event_log_json.h"
#include "tests/support/builders/event_log_builder.h"

namespace {

using namespace assay;
using namespace assay::tcg;
using assay::test::EventLogBuilder;
using namespace std::string_view_literals;

// The coverage of one event whose digests are of `measured`. `covered` as text, since the log's bytes go with
// the call.
struct Covered {
    DataCoverage coverage;
    CoverageRule rule;
    std::string bytes;
};
Covered covered(std::uint32_t type, Bytes data, Bytes measured) {
    EventLogBuilder builder;
    builder.add(1, type, std::move(data), std::move(measured));
    const auto bytes = builder.bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    const auto result = data_coverage(log->unverified_events()[1], HashAlgorithm::sha256);
    return {result.coverage, result.rule, std::string(as_text(result.covered))};
}
Covered covered(std::uint32_t type, std::string_view data, std::string_view measured) {
    return covered(type, to_bytes(data), to_bytes(measured));
}

}  // namespace

TEST_CASE("an event's data is covered by the rule of its kind, and only the hashed bytes are handed out") {
    CHECK(covered(EV_S_CRTM_VERSION, "1.0", "1.0").rule == CoverageRule::whole_data);
    CHECK(covered(EV_EFI_ACTION, "Action\0"sv, "Action").rule == CoverageRule::without_nul);
    const auto grub = covered(EV_IPL, "grub_cmd: set x=1\0"sv, "set x=1");
    CHECK(grub.rule == CoverageRule::after_prefix);
    CHECK(grub.bytes == "set x=1");
    CHECK(covered(EV_IPL, "grub_cmd set x=1\0"sv, "set x=1").rule == CoverageRule::after_prefix);
    const auto variable = test::efi_variable("Boot0000", as_view("option"));
    CHECK(covered(EV_EFI_VARIABLE_BOOT2, variable, variable).rule == CoverageRule::whole_data);
    const auto data_only = covered(EV_EFI_VARIABLE_BOOT, variable, to_bytes("option"sv));
    CHECK(data_only.rule == CoverageRule::variable_data_only);
    CHECK(data_only.bytes == "option");
    const auto tagged = ByteWriter().u32le(7).u32le(4).text("data").take();
    CHECK(covered(EV_EVENT_TAG, tagged, to_bytes("data"sv)).rule == CoverageRule::tagged_data_only);
    const auto cut = ByteWriter().bytes(test::utf16le("root=x")).u8(0).take();  // old systemd-boot
    CHECK(covered(EV_IPL, cut, ByteWriter().bytes(cut).u8(0).take()).rule == CoverageRule::with_nul);
    const auto section = ByteWriter().bytes(test::utf16le(".linux")).u16le(0).take();
    CHECK(covered(EV_IPL, section, to_bytes(".linux\0"sv)).rule == CoverageRule::eight_bit_text);
    CHECK(covered(EV_IPL, section, to_bytes("the kernel"sv)).rule == CoverageRule::measured_object);
    const auto error = covered(EV_SEPARATOR, to_bytes("why"sv), ByteWriter().u32le(1).take());
    CHECK(error.rule == CoverageRule::separator_error);
    CHECK(error.coverage == DataCoverage::not_covered);
}

TEST_CASE(
    "edited data is a mismatch where the kind hashes its data, and merely not covered where it does not") {
    for (const auto type :
         {EV_SEPARATOR, EV_EFI_ACTION, EV_EFI_VARIABLE_DRIVER_CONFIG, EV_EFI_VARIABLE_AUTHORITY,
          EV_EFI_GPT_EVENT, EV_EFI_GPT_EVENT2, EV_EFI_SPDM_FIRMWARE_BLOB, EV_EFI_SPDM_FIRMWARE_CONFIG,
          EV_EFI_SPDM_DEVICE_POLICY, EV_EFI_SPDM_DEVICE_AUTHORITY}) {
        CHECK(covered(type, "edited", "honest").coverage == DataCoverage::mismatch);
    }
    CHECK(covered(EV_IPL, "kernel_cmdline: quiet\0"sv, "kernel_cmdline: other\0"sv).coverage ==
          DataCoverage::mismatch);
    for (const auto type :
         {EV_EFI_BOOT_SERVICES_APPLICATION, EV_POST_CODE, EV_EFI_HANDOFF_TABLES2, EV_COMPACT_HASH}) {
        const auto result = covered(type, "description", "object");
        CHECK(result.coverage == DataCoverage::not_covered);
        CHECK(result.bytes.empty());
    }
    CHECK(covered(EV_IPL, "MokList\0"sv, "the list").coverage == DataCoverage::not_covered);
    CHECK(covered(EV_NO_ACTION, "same", "same").rule == CoverageRule::no_action);
}

TEST_CASE("a bank without a digest of the event covers nothing") {
    EventLogBuilder builder;
    builder.add(4, EV_SEPARATOR, Bytes(4));
    const auto bytes = builder.bytes();
    const auto log = parse_event_log(bytes);
    REQUIRE(log);
    CHECK(data_coverage(log->unverified_events()[1], HashAlgorithm::sha384).rule == CoverageRule::no_digest);
}

TEST_CASE("a UEFI variable is read whole or not at all") {
    const auto bytes = test::efi_variable("SecureBoot", Bytes{std::byte{1}});
    const auto variable = parse_efi_variable(bytes);
    REQUIRE(variable);
    CHECK(variable->name == "SecureBoot");
    CHECK(guid_text(variable->guid) == "8be4df61-93ca-11d2-aa0d-00e098032b8c");
    CHECK(variable->data.size() == 1);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(parse_efi_variable(ByteView(bytes).first(size)));
    auto longer = bytes;
    longer.push_back({});
    CHECK_FALSE(parse_efi_variable(longer));
    const auto huge =
        ByteWriter().bytes(Bytes(16)).u64le(0xffffffffffffffff).u64le(0xffffffffffffffff).take();
    CHECK(parse_efi_variable(huge).error().code == ErrorCode::limit);
    const auto half = ByteWriter().bytes(Bytes(16)).u64le(0x8000000000000001).u64le(0).bytes(Bytes(2)).take();
    CHECK(parse_efi_variable(half).error().code == ErrorCode::limit);
}

TEST_CASE("odd UTF-16 becomes the replacement character") {
    const auto lone =
        ByteWriter().u16le(0xd83d).u16le('a').u16le(0xdc00).u16le(0xd83d).u16le(0xde00).u16le(0xd83d).take();
    CHECK(utf8_from_utf16le(lone) ==
          "\xef\xbf\xbd"
          "a\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd");
}

TEST_CASE("an image load event gives its file path; broken device paths are refused") {
    const auto bytes = test::image_load_event("\\EFI\\BOOT\\BOOTX64.EFI");
    const auto image = parse_image_load_event(bytes);
    REQUIRE(image);
    CHECK(image->file_path == "\\EFI\\BOOT\\BOOTX64.EFI");
    CHECK(image->length == 0x2000);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(parse_image_load_event(ByteView(bytes).first(size)));
    auto short_node = bytes;
    short_node[34] = std::byte{3};
    short_node[35] = std::byte{0};
    CHECK_FALSE(parse_image_load_event(short_node));
}

TEST_CASE("the inspection names the log's parts, and hostile text cannot leave its line") {
    auto builder = EventLogBuilder::typical();
    builder.add(8, EV_IPL, to_bytes("grub_cmd: \x1b[2J\nroot\0"sv));
    const auto bytes = builder.bytes();
    const auto inspected = inspect_event_log(bytes);
    REQUIRE(inspected);
    const auto json = nlohmann::json::parse(inspected->dump());
    CHECK(json["verified"] == false);
    CHECK(json["format"] == "crypto-agile");
    CHECK(json["startup_locality"] == 3);
    CHECK(json["pcrs"]["sha256"]["7"] == builder.tpm_values(HashAlgorithm::sha256)[7]->hex());
    CHECK_FALSE(json["pcrs"]["sha256"].contains("9"));
    REQUIRE(json["events"].size() == builder.events.size() + 1);
    CHECK(json["events"][4]["type"] == "EV_EFI_VARIABLE_DRIVER_CONFIG");
    CHECK(json["events"][4]["description"] == "SecureBoot = 1");
    CHECK(json["events"][4]["data_coverage"] == "covered");
    CHECK(json["events"].back()["description"] == "grub_cmd: \\x1b[2J\\nroot");
    CHECK_FALSE(inspect_event_log(as_view("nothing of the kind, but long enough")));
}
