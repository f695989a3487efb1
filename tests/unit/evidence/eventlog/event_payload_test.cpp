#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload_json.h"
#include "tests/support/builders/payload_builder.h"

namespace {

using namespace assay;
using namespace assay::test;
using namespace assay::tcg;

struct Read {
    explicit Read(std::uint32_t type, Bytes bytes, std::uint32_t pcr = 1) : data(std::move(bytes)) {
        event.pcr = pcr;
        event.unverified_type = type;
        event.unverified_data = data;
        payload = read_event_payload(event);
        form = payload_form(payload);
        text = payload_text(payload);
        json = nlohmann::json::parse(payload_json(payload).dump());
    }
    Bytes data;
    ParsedEvent event;
    EventPayload payload;
    std::string form, text;
    nlohmann::json json;
};

Bytes text_bytes(std::string_view text) {
    return to_bytes(text);
}

}  // namespace

TEST_CASE("each kind of variable is read by its name") {
    const auto variable = [](std::string_view name, const Bytes& data,
                             std::uint32_t type = EV_EFI_VARIABLE_DRIVER_CONFIG) {
        return Read(type, efi_variable(name, data));
    };
    CHECK(variable("SecureBoot", Bytes(1, std::byte{1})).text == "SecureBoot = 1");
    CHECK(variable("SetupMode", Bytes(2)).json["unread"] == "a flag of 2 bytes");
    CHECK(variable("PK", {}).text == "PK absent");
    const auto lists = joined_bytes({signature_list(kX509Guid, {text_bytes("no certificate")}),
                                     signature_list(kSha256Guid, {Bytes(32), Bytes(32)})});
    const auto dbx = variable("dbx", lists);
    CHECK(dbx.text == "dbx: 1 x509 (no certificate), 2 sha256");
    CHECK(dbx.json["lists"][1]["count"] == 2);
    CHECK(dbx.json["lists"][1]["signatures"][0]["owner"] == kOwnerGuid);
    CHECK(variable("BootOrder", ByteWriter().u16le(1).u16le(0x1f).take(), EV_EFI_VARIABLE_BOOT).text ==
          "BootOrder: 0001,001F");
    const auto option = variable("Boot001F", load_option("Linux", 0), EV_EFI_VARIABLE_BOOT);
    CHECK(option.text.starts_with("Boot001F: Linux (inactive), PciRoot(0x0)/"));
    CHECK(option.json["active"] == false);
    const auto sbat =
        variable("SbatLevel", text_bytes("sbat,1,2024010900\nshim,4\n"), EV_EFI_VARIABLE_AUTHORITY);
    CHECK(sbat.text == "SbatLevel: 2024010900, shim 4");
    CHECK(sbat.json["sbat"]["shim"] == 4);
    const auto authority = variable("db", joined_bytes({guid(kOwnerGuid), Bytes(32, std::byte{0xcc})}),
                                    EV_EFI_VARIABLE_AUTHORITY);
    CHECK(authority.json["signature"]["owner"] == kOwnerGuid);
    CHECK(variable("db", text_bytes("no list")).json.contains("unread"));
    CHECK(variable("Other", Bytes(5)).text == "Other, 5 bytes");
}

TEST_CASE("an SPDM event names the device and its measurements, in both versions") {
    for (const auto& bytes : {spdm_event_1(), spdm_event_2()}) {
        const Read read(EV_EFI_SPDM_FIRMWARE_BLOB, bytes, 2);
        REQUIRE(read.form == "spdm");
        const auto& spdm = std::get<SpdmEvent>(read.payload);
        CHECK(spdm.path.file_path == "\\EFI\\BOOT\\BOOTX64.EFI");
        REQUIRE(spdm.measurements.size() == 1);
        CHECK(spdm.measurements[0].value.size() == 32);
        REQUIRE(spdm.pci);
        CHECK(spdm.pci->vendor == 0x15b3);
        CHECK(spdm.pci->class_code == 0x020000);
        CHECK(spdm.pci->subsystem == 8);
        const auto without_context = bytes.size() - spdm_pci_context().size();
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto parsed = parse_spdm_event(ByteView(bytes).first(size));
            CHECK(parsed.has_value() == (size == without_context));
            if (!parsed) CHECK(parsed.error().offset.value() <= size);
        }
    }
    const auto with_chain = spdm_event_2(1, text_bytes("a chain"));
    const auto chain = parse_spdm_event(with_chain);
    REQUIRE(chain);
    CHECK(as_text(chain->certificate_chain) == "a chain");
    CHECK_FALSE(parse_spdm_event(spdm_event_2(2)));
    CHECK_FALSE(parse_spdm_event(spdm_event_2(0, spdm_measurement(34))));
    auto other_version = spdm_event_2();
    other_version[16] = std::byte{1};
    CHECK(parse_spdm_event(other_version).error().offset == 16);
}

TEST_CASE("an SP 800-155 event names platform, manifest and where to find it") {
    for (const unsigned version : {1U, 2U, 3U}) {
        auto bytes = sp800_155_event(version);
        const Read read(EV_NO_ACTION, bytes, 0);
        REQUIRE(read.form == "sp800-155");
        const auto& event = std::get<Sp800155Event>(read.payload);
        CHECK(event.version == version);
        CHECK(guid_text(event.reference_manifest) == kOwnerGuid);
        CHECK(event.platform_model == (version == 1 ? "" : "Model 1"));
        for (std::size_t size = 0; size < bytes.size(); ++size)
            CHECK_FALSE(parse_sp800_155_event(ByteView(bytes).first(size)));
        bytes.insert(bytes.end(), 7, std::byte{});
        CHECK(parse_sp800_155_event(bytes));
        bytes.push_back(std::byte{1});
        CHECK_FALSE(parse_sp800_155_event(bytes));
    }
    const Read third(EV_NO_ACTION, sp800_155_event(3), 0);
    CHECK(third.json["rim_locator"]["value"] == "https://rim.example/1");
}

TEST_CASE("boot loaders' texts are told apart") {
    const auto kind = [](Bytes data, std::uint32_t pcr) {
        const Read read(EV_IPL, std::move(data), pcr);
        return read.form + " " + read.json.value("kind", "");
    };
    CHECK(kind(text_bytes("grub_cmd: set x=1\0"sv), 8) == "text grub-command");
    CHECK(kind(text_bytes("kernel_cmdline: /vmlinuz quiet\0"sv), 8) == "text kernel-command-line");
    CHECK(kind(text_bytes("grub_kernel_cmdline /vmlinuz\0"sv), 8) == "text kernel-command-line");
    CHECK(kind(text_bytes("module_cmdline: /x y\0"sv), 8) == "text module-command-line");
    CHECK(kind(text_bytes("(hd0,gpt1)/grub.cfg\0"sv), 9) == "text file");
    CHECK(kind(text_bytes("MokList\0"sv), 14) == "text shim-variable");
    CHECK(kind(ByteWriter().bytes(utf16le(".linux")).u16le(0).take(), 11) == "text uki-section");
    CHECK(kind(ByteWriter().bytes(utf16le("root=/dev/sda")).u16le(0).take(), 12) == "text load-options");
    CHECK(kind(Bytes(5, std::byte{1}), 9) == "unread ");
    CHECK(kind(Bytes(70'000, std::byte{'x'}), 9) == "unread ");
    CHECK(Read(EV_IPL, text_bytes("kernel_cmdline: /vmlinuz quiet\0"sv), 8).json["text"] == "/vmlinuz quiet");
}

TEST_CASE("tagged events are read record by record, and known tags are named") {
    const auto initrd = ByteWriter().u32le(kLinuxInitrdTag).u32le(13).text("Linux initrd\0"sv).take();
    CHECK(Read(EV_EVENT_TAG, initrd, 9).text == "Linux initrd, 13 bytes");
    const auto two = joined_bytes({initrd, ByteWriter().u32le(1).u32le(0).take()});
    CHECK(Read(EV_EVENT_TAG, two, 12).text == "Linux initrd and 1 more");
    for (std::size_t size = 1; size < initrd.size(); ++size)
        CHECK(Read(EV_EVENT_TAG, Bytes(initrd.begin(), initrd.begin() + static_cast<std::ptrdiff_t>(size)), 9)
                  .form == "unread");
    CHECK(Read(EV_EVENT_TAG, text_bytes("LOADED_IMAGE::LoadOptions\0"sv), 3).form == "text");
}

TEST_CASE("firmware's other data is read where its structure is known") {
    CHECK(Read(EV_EFI_PLATFORM_FIRMWARE_BLOB, ByteWriter().u64le(0xff000000).u64le(4096).take()).text ==
          "0xff000000, 4096 bytes");
    const auto blob2 = ByteWriter().u8(3).text("FV1").u64le(1).u64le(2).take();
    CHECK(Read(EV_EFI_PLATFORM_FIRMWARE_BLOB2, blob2).text == "FV1, 0x1, 2 bytes");
    const auto tables = ByteWriter().u64le(1).bytes(guid(kOwnerGuid)).u64le(0x1000).take();
    CHECK(Read(EV_EFI_HANDOFF_TABLES, tables).json["tables"][0]["vendor_guid"] == kOwnerGuid);
    CHECK(Read(EV_EFI_HANDOFF_TABLES2, joined_bytes({ByteWriter().u8(4).text("ACPI").take(), tables})).text ==
          "ACPI, 1 table");
    CHECK(Read(EV_EFI_HANDOFF_TABLES, ByteWriter().u64le(0xffffffffffffffff).take()).form == "unread");
    CHECK(Read(EV_S_CRTM_VERSION, guid(kOwnerGuid)).text == kOwnerGuid);
    CHECK(Read(EV_EFI_GPT_EVENT2, gpt_event(), 5).form == "partition-table");
    CHECK(Read(EV_POST_CODE, text_bytes("ACPI DATA"), 0).text == "ACPI DATA");
    CHECK(Read(EV_EFI_ACTION, {}, 4).text == "no data");
}

TEST_CASE("hostile text in a payload stays on its line, and a description is never longer than 200 bytes") {
    const auto hostile = std::string(5000, 'A') + "\x1b[2J\n";
    const auto variable = efi_variable("Boot0000", load_option("\x1b[2J\nBoot"));
    CHECK(Read(EV_EFI_VARIABLE_BOOT, variable).text.find('\n') == std::string::npos);
    CHECK(Read(EV_EFI_VARIABLE_BOOT, variable).json["description"] == "\\x1b[2J\\nBoot");
    for (const auto& bytes : {text_bytes(hostile), text_bytes("grub_cmd: " + hostile)}) {
        const Read read(EV_IPL, bytes, 8);
        CHECK(describe_unverified_data(read.event).size() <= 203);
        CHECK(describe_unverified_data(read.event).find('\n') == std::string::npos);
    }
}
