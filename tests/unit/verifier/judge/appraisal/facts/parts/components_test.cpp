#include "verifier/judge/appraisal/facts/parts/components.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using vendors::Component;
using vendors::Namespace;

namespace {

template <typename T>
Decoded<T> decoded(T value) {
    return std::make_shared<const T>(std::move(value));
}

// What `bind` would make of these sections.
BoundClaims claims_of(const SmbiosSection& section) {
    struct Parsed {
        SmbiosSection raw;
        smbios::Smbios tables;  // borrows it
    };
    auto parsed = std::make_shared<Parsed>(Parsed{section, {}});
    auto tables = smbios::parse_smbios(parsed->raw.entry_point, parsed->raw.table);
    REQUIRE(tables);
    parsed->tables = *std::move(tables);
    BoundClaims claims;
    claims.tables = Decoded<smbios::Smbios>(parsed, &parsed->tables);
    return claims;
}

BoundClaims claims_of(std::initializer_list<Bytes> structures) {
    Bytes table;
    for (const auto& structure : structures) table.insert(table.end(), structure.begin(), structure.end());
    const auto end = build::smbios_end();
    table.insert(table.end(), end.begin(), end.end());
    return claims_of(
        SmbiosSection{build::smbios_entry_point_3(static_cast<std::uint32_t>(table.size())), table});
}

std::vector<HostComponent> of_kind(const std::vector<HostComponent>& parts, Component kind) {
    std::vector<HostComponent> out;
    std::ranges::copy_if(parts, std::back_inserter(out),
                         [&](const HostComponent& part) { return part.kind == kind; });
    return out;
}

Bytes power_supply(std::uint16_t characteristics, std::string_view location) {
    ByteWriter fields;  // DSP0134 7.40
    fields.u8(1).u8(1).u8(0).u8(2).u8(3).u8(0).u8(4).u8(5).u16le(800).u16le(characteristics);
    return build::smbios_structure(39, 0x2700, fields.view(), {location, "Delta", "PS-9", "DPS-800", "A1"});
}

}  // namespace

TEST_CASE("SMBIOS names system, board, BIOS and processor, each with its handle") {
    const auto parts = components_of(claims_of(test::EvidenceBuilder().smbios()));
    REQUIRE(of_kind(parts, Component::system).size() == 1);
    const auto system = of_kind(parts, Component::system).front();
    CHECK(system.model == "Server 1");
    CHECK(system.serial == "SN-1");
    CHECK(system.evidence == "smbios: handle 0x0001");
    REQUIRE(system.maker.size() == 1);
    CHECK(system.maker[0] == MakerId{Namespace::smbios, "Good Systems", "'Good Systems'", ""});
    CHECK(of_kind(parts, Component::board).front().serial == "SN-2");
    CHECK(of_kind(parts, Component::bios).front().revision == "2.4");
    CHECK(of_kind(parts, Component::cpu).front().place == "CPU0");
}

TEST_CASE("a memory module's maker is its JEP106 id before the string") {
    const auto parts = of_kind(components_of(claims_of({build::smbios_memory()})), Component::memory);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].place == "DIMM_A1, BANK 0");
    CHECK(parts[0].serial == "S-1");
    CHECK(parts[0].model == "M321");
    REQUIRE(parts[0].maker.size() == 2);
    CHECK(parts[0].maker[0].ns == Namespace::jep106);
    CHECK(parts[0].maker[0].value == "1:ce");
    CHECK(parts[0].maker[1].value == "Samsung");
}

TEST_CASE("a module id is the continuation count and the code, in two bytes of the SPD") {
    CHECK(jep106_of_module_id(0xce80) == "1:ce");
    CHECK(jep106_of_module_id(0x9b89) == "10:9b");
    CHECK(jep106_of_module_id(0) == "");
    CHECK(jep106_of_module_id(0x0080) == "");  // no code has no bit set
}

TEST_CASE("SPD bytes that firmware left as text are an id, and names are not") {
    CHECK(jep106_of_spd_text("00CE00B300CE") == "1:ce");
    CHECK(jep106_of_spd_text("0x80CE") == "1:ce");
    CHECK(jep106_of_spd_text("0198") == "2:98");
    CHECK(jep106_of_spd_text("7F98") == "2:98");
    CHECK(jep106_of_spd_text("Samsung") == "");
    CHECK(jep106_of_spd_text("ACME") == "");
    CHECK(jep106_of_spd_text("0000") == "");
    CHECK(jep106_of_spd_text("00CF") == "");  // even parity: not a code
    CHECK(jep106_of_spd_text("") == "");
}

TEST_CASE("an empty socket is no part, and a power supply that is not present neither") {
    ByteWriter empty_cpu;
    empty_cpu.u8(1).u8(3).u8(0xb3).u8(2).u64le(0).u8(3).u8(0).u16le(0).u16le(0).u16le(0).u8(0x00).u8(1);
    const auto parts =
        components_of(claims_of({build::smbios_structure(4, 4, empty_cpu.view(), {"CPU1", "Good", "X"}),
                                 power_supply(1U << 1U, "PSU1"), power_supply(0, "PSU2")}));
    CHECK(of_kind(parts, Component::cpu).empty());
    const auto supplies = of_kind(parts, Component::psu);
    REQUIRE(supplies.size() == 1);
    CHECK(supplies[0].place == "PSU1");
    CHECK(supplies[0].serial == "PS-9");
    CHECK(supplies[0].model == "DPS-800");
    CHECK(supplies[0].maker[0].value == "Delta");
}

TEST_CASE("a place is unique within its kind even where firmware repeats a locator") {
    const auto parts = components_of(claims_of({power_supply(2, "Bay"), power_supply(2, "Bay")}));
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].place == "Bay");
    CHECK(parts[1].place == "Bay #2");
}

TEST_CASE("a placeholder is no serial number") {
    ByteWriter fields;
    fields.u8(1).u8(2).u8(0).u8(3).u8(0).u8(0).u8(0).u16le(0).u8(10).u8(0);
    for (const auto* serial : {"To Be Filled By O.E.M.", "0000000", "  "}) {
        const auto parts =
            components_of(claims_of({build::smbios_structure(2, 2, fields.view(), {"M", "P", serial})}));
        REQUIRE(parts.size() == 1);
        CHECK(parts[0].serial.empty());
    }
}

TEST_CASE("chip and card of a PCI function are two layers, and a display controller is a GPU") {
    BoundClaims claims;
    const auto function = test::EvidenceBuilder::function("0000:3b:00.0", 0x10de, 0x20b0, 0x1bd4, 7);
    auto config = pci::parse_config(function.config);
    REQUIRE(config);
    claims.pci = decoded(std::vector{BoundFunction{function, *config, ""}});
    auto parts = components_of(claims);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].kind == Component::pci);
    REQUIRE(parts[0].maker.size() == 2);
    CHECK(parts[0].maker[0] == MakerId{Namespace::pci, "10de", "PCI id 10de:20b0", "chip"});
    CHECK(parts[0].maker[1] == MakerId{Namespace::pci, "1bd4", "PCI subsystem 1bd4:0007", "card"});

    config->class_code = 0x03'02'00;
    claims.pci = decoded(std::vector{BoundFunction{function, *config, ""}});
    parts = components_of(claims);
    CHECK(parts[0].kind == Component::gpu);
}

TEST_CASE("a NIC is its permanent address, its chip and its card; a bridge is no part") {
    BoundClaims claims;
    auto bridge = test::EvidenceBuilder::nic("br0", 0, 0, 0);
    bridge.permanent_mac = {};
    bridge.pci_address.clear();
    claims.network = decoded(std::vector{test::EvidenceBuilder::nic("eth0", 0x6c, 0x92, 0xbf), bridge});
    const auto parts = components_of(claims);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].mac == "6c:92:bf:01:02:03");
    CHECK(parts[0].maker[0].value == "6C92BF010203");
    CHECK(parts[0].maker[0].layer == "address");
    CHECK(resolve(test::test_vendors(), parts[0].maker[0]).entity == "denied");
}

TEST_CASE("a drive's maker is its wwid, then its vendor, then the first word of its model") {
    BoundClaims claims;
    claims.storage = decoded(std::vector{Drive{"sda", "ata", "SAMSUNG MZ7LH1T9", "ATA", " S-7 ", "HXT7",
                                               "naa.5002538e00000001", "0:0:0:0", 1, false}});
    const auto parts = components_of(claims);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].serial == "S-7");
    CHECK(parts[0].revision == "HXT7");
    REQUIRE(parts[0].maker.size() == 2);
    CHECK(parts[0].maker[0] == MakerId{Namespace::oui, "002538", "wwid naa.5002538e00000001", ""});
    CHECK(parts[0].maker[1].value == "SAMSUNG");
}

TEST_CASE("BMC, TPM and USB devices are parts with numeric ids") {
    BoundClaims claims;
    claims.bmc = decoded(BmcSection{test::EvidenceBuilder::bmc_id(37945)});
    claims.tpm = decoded(TpmSection{"IFX", "SLB9670", 0x70055, 0x1100, "2.0", 138});
    claims.usb = decoded(std::vector{UsbDevice{"1-4",
                                               "0000:00:14.0",
                                               5,
                                               build::usb_descriptors(),
                                               "Maker",
                                               "Stick",
                                               "SN-USB-1",
                                               true,
                                               "removable",
                                               {}}});
    const auto parts = components_of(claims);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].maker[0].value == "37945");
    CHECK(parts[0].revision == "1.72");
    CHECK(parts[1].maker[0].value == "IFX");
    CHECK(parts[1].revision == "7.85.0.4352");
    CHECK(parts[2].kind == Component::usb);
    CHECK(parts[2].serial == "SN-USB-1");
    CHECK(parts[2].maker[0].ns == Namespace::usb);
    CHECK(parts[2].maker[1].value == "Maker");
}

TEST_CASE("a part whose numbers cannot be read is a part with its problem, not one less") {
    BoundClaims claims;
    claims.bmc = decoded(BmcSection{Bytes(3)});
    claims.pci = decoded(std::vector{
        BoundFunction{test::EvidenceBuilder::function("0000:3b:00.0", 0x8086, 1), {}, "cut short"}});
    claims.usb = decoded(std::vector{
        UsbDevice{"1-4", "0000:00:14.0", 5, Bytes(7), "Good Systems", "Hub", "", true, "fixed", {}}});
    const auto parts = components_of(claims);
    REQUIRE(parts.size() == 3);
    for (const auto& part : parts) {
        INFO(part.place);
        CHECK_FALSE(part.problem.empty());
    }
    CHECK(parts[0].place == "BMC");
}

TEST_CASE("without sections there are no parts") {
    CHECK(components_of(BoundClaims{}).empty());
}
