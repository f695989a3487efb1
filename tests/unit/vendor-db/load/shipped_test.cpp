// The data that ships: what real hosts print must resolve to the maker it means, and look-alikes must not.
#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "tests/support/builders/vendor_files.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::vendors {
namespace {

using Outcome = Resolution::Outcome;
constexpr std::int64_t kToday = 1'780'000'000;  // 2026-05-28

const VendorDb& shipped_db() {
    static const auto db = load(assay::test::shipped_sources());
    if (!db) FAIL(describe(db.error()));
    return *db;
}

std::string maker(Namespace ns, std::string_view value) {
    return shipped_db().resolve(ns, value).entity;
}

std::string maker_of_mac(std::string_view hex) {
    return shipped_db().resolve_oui(from_hex(hex, 8).value()).entity;
}

TEST_CASE("All shipped vendor and decision files load, each named after its entity") {
    const auto files = assay::test::shipped("vendors");
    CHECK(shipped_db().entities().size() == files.size());
    for (const auto& [id, entity] : shipped_db().entities()) CHECK(entity.file == "vendors/" + id + ".toml");
}

TEST_CASE("PCI 152d is Quanta and USB 152d is JMicron") {
    CHECK(maker(Namespace::pci, "152d") == "quanta");
    CHECK(maker(Namespace::usb, "152d") == "jmicron");
}

TEST_CASE("FiberHome 'Supermicro lnformation' is not Super Micro") {
    CHECK(maker(Namespace::smbios, "FiberHome Supermicro lnformation Technology Co.,LTD") == "fiberhome");
    CHECK(maker(Namespace::iana_pen, "58198") == "fiberhome");
    CHECK(maker(Namespace::smbios, "Supermicro lnformation Technology") == "");
    CHECK(maker(Namespace::iana_pen, "10876") == "super-micro");
}

TEST_CASE("A name is never matched by a part of it") {
    CHECK(maker(Namespace::smbios, "Yangtze Memory Technologies Co., Ltd.") == "ymtc");
    CHECK(maker(Namespace::smbios, "Wuhan Yangtze Communications") == "");
    CHECK(maker(Namespace::smbios, "Dell Approved Parts") == "");
    CHECK(maker(Namespace::smbios, "Delta Solutions") == "delta-solutions");  // who is not Delta Computers
    CHECK(maker(Namespace::smbios, "Delta Works") == "");
    CHECK(maker(Namespace::smbios, "Phoenix Contact") == "");
    CHECK(maker(Namespace::smbios, "Corsair Components") == "");
    CHECK(maker(Namespace::smbios, "Del") == "");
}

TEST_CASE("Inspur resolves under each name it has had") {
    const auto name = GENERATE(as<std::string>(), "Inspur", "INSPUR", "Langchao", "langchao", "IEIT SYSTEMS",
                               "IEIT SYSTEMS Co., Ltd", "Inspur Electronic Information Industry Co., Ltd.",
                               "\xe6\xb5\xaa\xe6\xbd\xae");
    CHECK(maker(Namespace::smbios, name) == "inspur");
    CHECK(maker(Namespace::pci, "1bd4") == "inspur");
    CHECK(maker_of_mac("6c92bf010203") == "inspur");
}

TEST_CASE("Real manufacturer strings resolve whatever their padding, case and suffix") {
    CHECK(maker(Namespace::smbios, "Dell Inc.") == "dell");
    CHECK(maker(Namespace::smbios, "Dell              ") == "dell");
    CHECK(maker(Namespace::smbios, "DELL INC") == "dell");
    CHECK(maker(Namespace::smbios, "Quanta   ") == "quanta");
    CHECK(maker(Namespace::smbios, "Quanta Computer Inc") == "quanta");
    CHECK(maker(Namespace::smbios, "American Megatrends International, LLC.") == "ami");
    CHECK(maker(Namespace::smbios, "GIGABYTE TECHNOLOGY CO.,LTD") == "gigabyte");
    CHECK(maker(Namespace::smbios, "ORACLE CORPORATI") == "oracle");
    CHECK(maker(Namespace::smbios, "QEMU") == "qemu-virtual");
}

TEST_CASE("The other namespaces resolve in the spellings that devices use") {
    CHECK(maker(Namespace::pci, "0x8086") == "intel");
    CHECK(maker(Namespace::jep106, "1:CE") == "samsung");
    CHECK(maker(Namespace::jep106, "01:ce") == "samsung");
    CHECK(maker(Namespace::tpm, "STM ") == "st");
    CHECK(maker(Namespace::tpm, std::string_view("AMD\0", 4)) == "amd");
    CHECK(maker(Namespace::oui, "AC:1F:6B") == "super-micro");
    CHECK(maker(Namespace::pci, "1af4") == "qemu-virtual");
}

TEST_CASE("What no entity has is unknown, not guessed") {
    CHECK(shipped_db().resolve(Namespace::pci, "ffff").outcome == Outcome::unknown);
    CHECK(shipped_db().resolve(Namespace::pci, "not hex").outcome == Outcome::unknown);
    CHECK(shipped_db().resolve(Namespace::smbios, "Nobody Has Heard Of Us GmbH").outcome == Outcome::unknown);
}

TEST_CASE("A placeholder says nothing about the maker") {
    const auto text =
        GENERATE(as<std::string>(), "To Be Filled By O.E.M.", "Default string", "empty", " ", "", "NULL",
                 "--", "<BAD INDEX>", "Type2 - Board Vendor Name1", "; 9k", "DEFAULT  STRING ", "......");
    CHECK(shipped_db().resolve(Namespace::smbios, text).outcome == Outcome::placeholder);
    CHECK(is_placeholder(text));
}

TEST_CASE("A slot where a memory maker should be is a placeholder, a name that starts like one is not") {
    const auto slot = GENERATE(as<std::string>(), "Dimm3_Manufacturer", "DimmA1_Manufacturer",
                               "DIMMC2_MANUFACTURER ", "Manufacturer00", "Manufacturer12");
    CHECK(is_placeholder(slot));
    const auto name = GENERATE(as<std::string>(), "Dimm_Works_Manufacturer", "DimmABC_Manufacturer",
                               "Manufacturer of Memory", "Manufacturer123", "ManufacturerAB");
    CHECK_FALSE(is_placeholder(name));
}

TEST_CASE("A text of nothing but what structure, field and slot are called is a placeholder") {
    const auto text = GENERATE(as<std::string>(), "Dimm2_Manufacturer_Name_String", "NoName Chassis",
                               "OEM Chassis Manufacturer", "OEM_Define2", "Type2 - Board Manufacturer Name1",
                               "CPU1 Vendor String", "PSU_Vendor", "DIMM A1 Manufacturer",
                               "Power Supply Manufacturer Name", "System Serial Number", "Chassis Asset Tag");
    CHECK(is_placeholder(text));
    // Something of a maker in it, or no field at all, and it is a name.
    const auto name = GENERATE(as<std::string>(), "Acme Manufacturer Name String", "NoName Works Chassis",
                               "Memory Module", "Power Systems", "Chassis Manufacturers", "Vendor One",
                               "A1 Manufacturer", "System Name 123");
    CHECK_FALSE(is_placeholder(name));
}

TEST_CASE("What HP printed is HPE's beside a ProLiant, and anybody's of the two beside anything else") {
    const auto print = GENERATE(
        as<std::pair<Namespace, std::string>>(), std::pair{Namespace::smbios, std::string("HP")},
        std::pair{Namespace::smbios, std::string("Hewlett-Packard")},
        std::pair{Namespace::pci, std::string("103c")}, std::pair{Namespace::iana_pen, std::string("11")});
    const auto asked = [&](std::string_view product) {
        return shipped_db().resolve(print.first, print.second, product);
    };
    for (const auto* server : {"ProLiant DL380 G7", "ProLiant DL360 Gen9", " proliant ML350"}) {
        CHECK(asked(server).entity == "hpe");
        CHECK(asked(server).others.empty());
        CHECK(asked(server).why.find("ProLiant") != std::string::npos);
    }
    for (const auto* other : {"", "HP Z8 G4 Workstation", "ProLiants", "Not a ProLiant"}) {
        const auto both = asked(other);
        CHECK(both.entity == "hp-inc");
        REQUIRE(both.others.size() == 1);
        CHECK(both.others.front().entity == "hpe");
        CHECK((both.may_be("hpe") && both.may_be("hp-inc") && !both.may_be("dell")));
    }
    CHECK(shipped_db().resolve(Namespace::smbios, "HPE", "Anything").entity == "hpe");
}

TEST_CASE("No shipped name is a placeholder and no real name is taken for one") {
    for (const auto& [id, entity] : shipped_db().entities()) {
        for (const auto& name : entity.names) CHECK_FALSE(is_placeholder(name.text));
    }
}

TEST_CASE("A locally administered or multicast address has no maker") {
    CHECK(maker_of_mac("ac1f6b010203") == "super-micro");
    CHECK(maker_of_mac("ae1f6b010203") == "");
    CHECK(maker_of_mac("ad1f6b010203") == "");
    CHECK(maker_of_mac("525400123456") == "");  // QEMU's default
    CHECK(maker_of_mac("ac1f") == "");
    CHECK(maker_of_mac("") == "");
}

TEST_CASE("Three letters of a PNP id are whose the registry says, whatever they look like") {
    CHECK(maker(Namespace::pnp, "SMC") == "standard-microsystems");
    CHECK(maker(Namespace::pnp, "INT") == "interphase");
    CHECK(maker(Namespace::pnp, "IBM") == "ibm-brasil");
    CHECK(maker(Namespace::smbios, "SMC") == "");
    CHECK(maker(Namespace::tpm, "IBM") == "ibm");
}

TEST_CASE("The answer tells why a name is its maker's") {
    const auto why = [](std::string_view name) {
        const auto found = shipped_db().resolve(Namespace::smbios, name);
        CHECK(found.entity == "inspur");
        return found.why;
    };
    CHECK(why("IEIT SYSTEMS Co., Ltd").starts_with("its legal name; "));
    CHECK(why("Langchao").starts_with("previous name of IEIT SYSTEMS Co., Ltd.; "));
    CHECK(why("INSPUR").starts_with("as firmware of IEIT SYSTEMS Co., Ltd. spells it; "));
    CHECK(why("Inspur Electronic Information Industry").starts_with("previous name of IEIT SYSTEMS"));
    CHECK(shipped_db().resolve(Namespace::pci, "1bd4").why.starts_with("assigned to it; pci.ids"));
}

TEST_CASE("Owners that ship are found with their dates") {
    const auto owners = [](std::string_view id, std::int64_t at) {
        std::string out;
        for (const auto& [owner, chain] : shipped_db().owners_of(id, 5000, at)) out += owner + " ";
        return out;
    };
    constexpr std::int64_t kSummer2021 = 1'625'097'600;  // 2021-07-01
    CHECK(owners("xfusion", kSummer2021) == "huawei ");
    CHECK(owners("xfusion", kToday) == "");
    CHECK(owners("hisilicon", kToday) == "huawei ");
    CHECK(owners("solidigm", kSummer2021) == "");
    CHECK(owners("solidigm", kToday) == "sk-hynix ");
    CHECK(owners("kaytus", kToday) == "inspur inspur-group ");
    CHECK(owners("hygon", kToday) == "");  // Sugon holds 27.96 %
}

TEST_CASE("The lists that ship are dated, and a withdrawn one is not active") {
    const auto& lists = shipped_db().lists();
    for (const auto* id : {"bis-entity-list", "bis-affiliates-rule", "fcc-covered-list", "ndaa-889",
                           "ndaa-5949", "dod-1260h-2025-01", "dod-1260h-2026-02", "dod-1260h-2026-06"}) {
        CHECK(lists.contains(id));
    }
    CHECK(lists.at("dod-1260h-2026-02").statuses.back().status == ListStatus::withdrawn);
    const auto on = [](std::string_view id) {
        std::string out;
        for (const auto& listing : shipped_db().listings(id, kToday)) {
            out += listing.list->id + ":" + std::string(to_string(listing.status)) +
                   (listing.weak ? "" : "!") + " ";
        }
        return out;
    };
    CHECK(on("ymtc") == "bis-entity-list:active dod-1260h-2025-01:active ndaa-5949:active ");
    CHECK(on("inspur") == "bis-affiliates-rule:suspended bis-entity-list:active ");
    CHECK(on("dell") == "");
}

TEST_CASE("A shipped entry, weakly sourced, asks for a review and denies nothing") {
    const auto approval = shipped_db().approval("nettrix", Component::system, kToday);
    CHECK(approval.decision == Decision::review);
    CHECK(approval.reason.find("weak source") != std::string::npos);
    CHECK(approval.chain.find("listed for the BIS Entity List") != std::string::npos);
    CHECK(shipped_db().approval("ymtc", Component::drive, kToday).decision == Decision::review);
}

TEST_CASE("The longest prefix of an address decides") {
    const auto file = [](const std::string& id, const std::string& prefix) {
        return SourceFile{"vendors/" + id + ".toml",
                          "id = \"" + id + "\"\n[[names]]\nkind = \"legal\"\ntexts = [\"" + id +
                              "\"]\nsource = \"s\"\n[[ids]]\nnamespace = \"oui\"\nvalues = [\"" + prefix +
                              "\"]\nsource = \"s\"\n"};
    };
    const auto db =
        load({{file("large", "70B3D5"), file("medium", "70B3D51"), file("small", "70B3D5123")}, {}, {}, {}});
    REQUIRE(db.has_value());
    const auto maker = [&](std::string_view hex) { return db->resolve_oui(from_hex(hex, 8).value()).entity; };
    CHECK(maker("70b3d5123fff") == "small");
    CHECK(maker("70b3d512ffff") == "medium");
    CHECK(maker("70b3d5ffffff") == "large");
    CHECK(maker("70b3d5") == "large");
}

TEST_CASE("The example list allows common makers and denies Inspur with a list, never with 'illegal'") {
    const auto decision = [](std::string_view id) {
        return shipped_db().approval(id, Component::system, kToday);
    };
    for (const auto* id : {"dell", "super-micro", "intel", "samsung", "qemu-virtual"}) {
        CHECK(decision(id).decision == Decision::allow);
    }
    CHECK(decision("inspur").decision == Decision::deny);
    CHECK(decision("inspur").reason.starts_with("listed for "));
    CHECK(decision("inspur").reason.find(", barring ") != std::string::npos);
    CHECK_FALSE(decision("inspur").document.empty());
    CHECK(decision("kaytus").decision == Decision::review);
    for (const auto* folder : {"decisions", "lists", "vendors"}) {
        for (const auto& file : assay::test::shipped(folder))
            CHECK(file.text.find("illegal") == std::string::npos);
    }
}

TEST_CASE("Names are compared without blanks, case, punctuation and corporate suffix") {
    CHECK(normalised_name("  Super Micro   Computer, Inc. ") == "super micro computer");
    CHECK(normalised_name("ASUSTeK COMPUTER INC.") == normalised_name("ASUSTek Computer INC"));
    CHECK(normalised_name("Co") == "co");  // never stripped to nothing
    CHECK(normalised_name("Dell\x01Inc") == "dell");
    CHECK(normalised_name("D\xd0\xb5ll") != "dell");  // a Cyrillic letter is not dropped
    CHECK(normalised_name("Dell\xe2\x80\x8b") != "dell");
    CHECK(normalised_name(".,-").empty());
}

}  // namespace
}  // namespace assay::vendors
