#include "evidence/device/smbios.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/codec/cbor.h"
#include "evidence/device/smbios_json.h"
#include "tests/support/builders/smbios_builder.h"

using namespace assay;

namespace {

bool has(const smbios::Smbios& table, smbios::Quirk quirk) {
    return std::ranges::any_of(table.quirks, [&](const auto& seen) { return seen.quirk == quirk; });
}

}  // namespace

TEST_CASE("a valid table gives its structures in order and no quirk") {
    const auto table = build::smbios_table();
    const auto parsed =
        smbios::parse_smbios(build::smbios_entry_point_3(static_cast<std::uint32_t>(table.size())), table);
    REQUIRE(parsed);
    REQUIRE(parsed->structures.size() == 4);
    CHECK(parsed->quirks.empty());
    CHECK(parsed->unread() == nullptr);
    CHECK(parsed->structures[1].handle == 1);
    CHECK(parsed->structures[1].offset == build::smbios_bios().size());
    CHECK(parsed->structures[3].strings.empty());
    CHECK(parsed->first(200) == nullptr);
}

TEST_CASE("BIOS, system and memory fields stand where DSP0134 has them") {
    const auto table = build::smbios_table();
    const auto parsed = smbios::parse_smbios({}, table);
    REQUIRE(parsed);
    const auto bios = smbios::bios_information(*parsed->first(smbios::kBiosInformation));
    CHECK(bios.vendor == "ACME BIOS");
    CHECK(bios.version == "2.1");
    CHECK(bios.release_date == "06/02/2021");
    CHECK(bios.major_release == 5);
    CHECK(bios.minor_release == 14);
    CHECK(bios.ec_minor_release == 7);
    const auto system = smbios::system_information(*parsed->first(smbios::kSystemInformation), {});
    CHECK(system.manufacturer == "ACME");
    CHECK(system.serial == "SN-1");
    CHECK(system.sku == "SKU-1");
    CHECK(system.family.empty());
    CHECK(system.uuid == "03020100-0504-0706-0809-0a0b0c0d0e0f");
    const auto memory = smbios::memory_device(*parsed->first(smbios::kMemoryDevice));
    CHECK(memory.device_locator == "DIMM_A1");
    CHECK(memory.part_number == "M321");
    CHECK(memory.size_bytes == 64ULL << 30U);
    CHECK(memory.module_manufacturer_id == 0xce80);
    CHECK_FALSE(memory.pmic0_manufacturer_id);
}

TEST_CASE("before 2.6 a UUID is in network order throughout") {
    const auto table = build::smbios_table();
    const auto size = static_cast<std::uint16_t>(table.size());
    const auto parsed = smbios::parse_smbios(build::smbios_entry_point_2(size, 4, 5), table);
    REQUIRE(parsed);
    CHECK(parsed->quirks.empty());
    CHECK(smbios::system_information(parsed->structures[1], parsed->entry_point).uuid ==
          "00010203-0405-0607-0809-0a0b0c0d0e0f");
}

TEST_CASE("a table that ends anywhere shows the structures before the cut, and says whether one is lost") {
    const auto table = build::smbios_table();
    const auto bios = build::smbios_bios().size();
    const auto system = bios + build::smbios_system().size();
    const auto memory = system + build::smbios_memory().size();
    const auto sound = [&](std::size_t size) -> std::size_t {
        return size >= memory ? 3 : size >= system ? 2 : size >= bios ? 1 : 0;
    };
    for (std::size_t size = 1; size < table.size(); ++size) {
        INFO(size);
        const auto parsed = smbios::parse_smbios({}, ByteView(table).first(size));
        if (sound(size) == 0) {  // nothing of it stands for itself
            REQUIRE_FALSE(parsed);
            CHECK(parsed.error().code == ErrorCode::truncated);
            CHECK(parsed.error().offset.value() <= size);
            continue;
        }
        REQUIRE(parsed);
        if (size >= memory + 4) {  // the end-of-table structure lacks its nulls alone
            CHECK(has(*parsed, smbios::Quirk::end_of_table_cut));
            CHECK(parsed->unread() == nullptr);
            continue;
        }
        CHECK(parsed->structures.size() == sound(size));
        CHECK(has(*parsed, smbios::Quirk::no_end_of_table));
        const bool at_boundary = size == bios || size == system || size == memory;
        CHECK(has(*parsed, smbios::Quirk::structure_cut) == !at_boundary);
        REQUIRE((parsed->unread() == nullptr) == at_boundary);
        if (!at_boundary)
            CHECK(parsed->unread()->offset == (size > memory ? memory : size > system ? system : bios));
    }
    CHECK_FALSE(smbios::parse_smbios({}, {}));
}

TEST_CASE("what is read of a cut table is what the whole one has there, and nothing of the lost structure") {
    const auto table = build::smbios_table();
    const auto whole = smbios::parse_smbios({}, table);
    const auto cut = smbios::parse_smbios({}, ByteView(table).first(whole->structures[2].offset + 9));
    REQUIRE(cut);
    CHECK(smbios::system_information(*cut->first(smbios::kSystemInformation), {}).serial == "SN-1");
    CHECK(cut->first(smbios::kMemoryDevice) == nullptr);
    const auto shown = nlohmann::json::parse(
        device::inspect_smbios(ByteView(table).first(whole->structures[2].offset + 9))->dump());
    CHECK(shown["structures"].size() == 2);
    CHECK(shown["quirks"][0] ==
          nlohmann::json{{"id", "structure_cut"}, {"offset", whole->structures[2].offset}});
}

TEST_CASE("a structure whose length or strings run past the table is cut, wherever the table ends") {
    auto long_length = build::smbios_table();
    const auto system_at = build::smbios_bios().size();
    long_length[system_at + 1] = std::byte{0xff};
    auto no_terminator = build::joined({build::smbios_bios(), build::smbios_system()});
    no_terminator.back() = std::byte{'x'};
    for (const auto& table : {long_length, no_terminator}) {
        const auto parsed = smbios::parse_smbios({}, table);
        REQUIRE(parsed);
        CHECK(parsed->structures.size() == 1);
        REQUIRE(parsed->unread() != nullptr);
        CHECK(*parsed->unread() == smbios::QuirkSeen{smbios::Quirk::structure_cut, system_at});
    }
}

TEST_CASE("fill behind the last structure is fill; anything else there is not") {
    const auto sound = build::joined({build::smbios_bios(), build::smbios_system()});
    for (const auto byte : {std::byte{0}, std::byte{0xff}}) {
        for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 64U, 300U, 1000U}) {
            const auto table = build::joined({sound, Bytes(size, byte)});
            const auto parsed = smbios::parse_smbios({}, table);
            REQUIRE(parsed);
            CHECK(parsed->structures.size() == 2);
            CHECK(has(*parsed, smbios::Quirk::fill_after_last_structure));
            CHECK(parsed->unread() == nullptr);
            auto spoiled = table;
            spoiled.back() ^= std::byte{0x01};
            if (size < 4) continue;  // a header that is cut may begin with any type
            const auto other = smbios::parse_smbios({}, spoiled);
            REQUIRE(other);
            CHECK_FALSE(has(*other, smbios::Quirk::fill_after_last_structure));
            CHECK(other->unread() != nullptr);
        }
    }
    for (const auto byte : {std::byte{0}, std::byte{0xff}})
        CHECK_FALSE(smbios::parse_smbios({}, Bytes(300, byte)));
}

TEST_CASE("a length below the header's is refused at the start and ends the walk later") {
    auto table = build::smbios_table();
    table[1] = std::byte{3};
    const auto parsed = smbios::parse_smbios({}, table);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::malformed);
    CHECK(parsed.error().offset == 1);
    auto later = build::smbios_table();
    later[build::smbios_bios().size() + 1] = std::byte{0};
    const auto partial = smbios::parse_smbios({}, later);
    REQUIRE(partial);
    CHECK(partial->structures.size() == 1);
    CHECK(has(*partial, smbios::Quirk::structure_length_below_4));
    CHECK(has(*partial, smbios::Quirk::no_end_of_table));
    CHECK(partial->unread() != nullptr);
}

TEST_CASE("deviations of real tables are read over and named") {
    const auto table = build::smbios_table();
    const auto size = static_cast<std::uint16_t>(table.size());
    auto longer = table;
    longer.push_back(std::byte{0});
    CHECK(has(*smbios::parse_smbios({}, longer), smbios::Quirk::bytes_after_end_of_table));
    CHECK(has(*smbios::parse_smbios(build::smbios_entry_point_2(size, 5), table),
              smbios::Quirk::structure_count_differs));
    CHECK(has(*smbios::parse_smbios(build::smbios_entry_point_2(1, 4), table),
              smbios::Quirk::table_size_differs));
    CHECK(
        has(*smbios::parse_smbios(build::smbios_entry_point_3(1), table), smbios::Quirk::table_size_differs));
    const auto twice = build::joined({build::smbios_bios(), table});
    CHECK(has(*smbios::parse_smbios({}, twice), smbios::Quirk::handle_twice));
    auto beyond = table;
    beyond[4] = std::byte{9};
    const auto parsed = smbios::parse_smbios({}, beyond);
    CHECK(has(*parsed, smbios::Quirk::string_index_beyond_set));
    CHECK(smbios::bios_information(parsed->structures[0]).vendor.empty());
}

TEST_CASE("an entry point with any byte changed is refused, or names another version, size or address") {
    for (const auto& good : {build::smbios_entry_point_3(100), build::smbios_entry_point_2(100, 4)}) {
        REQUIRE(smbios::parse_entry_point(good));
        for (std::size_t i = 0; i < good.size(); ++i) {
            auto bad = good;
            bad[i] ^= std::byte{1};
            CHECK_FALSE(smbios::parse_entry_point(bad));
            CHECK_FALSE(smbios::parse_entry_point(ByteView(good).first(i)));
        }
    }
}

TEST_CASE("a dump file holds the table at the address that its entry point names") {
    const auto dump = build::smbios_dump();
    REQUIRE(smbios::parse_smbios_file(dump));
    CHECK(smbios::parse_smbios_file(dump)->structures.size() == 4);
    auto elsewhere = dump;
    const auto entry = build::smbios_entry_point_3(100, dump.size());
    std::ranges::copy(entry, elsewhere.begin());
    const auto parsed = smbios::parse_smbios_file(elsewhere);
    REQUIRE(parsed);
    CHECK(has(*parsed, smbios::Quirk::table_address_outside_dump));
    CHECK(parsed->structures.size() == 4);
    CHECK_FALSE(smbios::parse_smbios_file(entry));
}

TEST_CASE("a dump, a bare table and an encoded section inspect alike, with hostile strings made printable") {
    auto table = build::joined(
        {build::smbios_structure(1, 1, Bytes{std::byte{1}}, {"\x1b[31m\xff"}), build::smbios_end()});
    const auto entry = build::smbios_entry_point_3(static_cast<std::uint32_t>(table.size()));
    const auto section = cbor::map({{"table", cbor::bytes(table)}, {"entry_point", cbor::bytes(entry)}});
    const auto bare = device::inspect_smbios(table);
    const auto encoded = device::inspect_smbios(section);
    REQUIRE(bare);
    REQUIRE(encoded);
    const auto table_alone = nlohmann::json::parse(bare->dump());
    const auto with_entry = nlohmann::json::parse(encoded->dump());
    CHECK(table_alone["structures"] == with_entry["structures"]);
    CHECK(table_alone["structures"][0]["system"]["manufacturer"] == R"(\x1b[31m\xff)");
    CHECK(with_entry["entry_point"]["version"] == "3.4");
    CHECK_FALSE(device::inspect_smbios(to_bytes("no table")));
}
