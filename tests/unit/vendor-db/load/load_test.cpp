#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using Catch::Matchers::Contains;
using test::DecisionFile;
using test::load_files;
using test::VendorFile;

std::string refusal(const std::vector<SourceFile>& vendors, const std::vector<SourceFile>& decisions = {}) {
    const auto db = load_files(vendors, decisions);
    REQUIRE_FALSE(db.has_value());
    return db.error().context;
}

std::string refusal_of_decision(const DecisionFile& decision) {
    return refusal({VendorFile().file()}, {decision.file()});
}

TEST_CASE("The valid file that the other tests break is loaded") {
    const auto db = load_files({VendorFile().file()}, {DecisionFile().file()});
    REQUIRE(db.has_value());
    const auto& acme = db->entities().at("acme");
    CHECK(acme.legal_name == "Acme Server Works Ltd.");
    REQUIRE(acme.identifiers.size() == 2);
    CHECK(acme.identifiers[1].ns == Namespace::pci);
    CHECK(acme.identifiers[1].value == "abcd");
    CHECK(acme.identifiers[1].source == "pci.ids 1");
    CHECK(db->resolve(Namespace::pci, "ABCD").entity == "acme");
}

TEST_CASE("A syntax error names file and line") {
    VendorFile broken;
    broken.extra = "country = \n";
    CHECK_THAT(refusal({broken.file()}), Contains("vendors/acme.toml:2: not TOML"));
}

TEST_CASE("A key given twice is refused") {
    VendorFile broken;
    broken.extra = "id = \"acme\"\n";
    CHECK_THAT(refusal({broken.file()}), Contains("vendors/acme.toml:2"));
}

TEST_CASE("An unknown key is refused with the keys there are") {
    VendorFile broken;
    broken.extra = "cuntry = \"US\"\n";
    CHECK_THAT(refusal({broken.file()}),
               Contains("vendors/acme.toml:2: unknown key 'cuntry'") && Contains("country"));
}

TEST_CASE("Tables of a later schema are refused, not passed over") {
    VendorFile later;
    later.ids += "[[incidents]]\nwhat = \"other\"\n";
    CHECK_THAT(refusal({later.file()}), Contains("unknown key 'incidents'"));
}

TEST_CASE("A name or an identifier without a source is refused") {
    VendorFile no_source;
    SECTION("blank") {
        no_source.source = " ";
    }
    SECTION("absent") {
        no_source.ids = "[[ids]]\nnamespace = \"pci\"\nvalues = [\"abcd\"]\n";
    }
    CHECK_THAT(refusal({no_source.file()}), Contains("source"));
}

TEST_CASE("An identifier in two files is refused naming both files and lines") {
    auto other = test::second();
    other.ids = "[[ids]]\nnamespace = \"pci\"\nvalues = [\"0xABCD\"]\nsource = \"pci.ids 1\"\n";
    CHECK_THAT(refusal({VendorFile().file(), other.file()}),
               Contains("vendors/other.toml:8") && Contains("vendors/acme.toml:8"));
}

TEST_CASE("A name in two files is refused, also in another spelling") {
    auto other = test::second();
    other.legal = "ACME  Server-Works, Inc.";
    CHECK_THAT(refusal({VendorFile().file(), other.file()}),
               Contains("vendors/other.toml:4") && Contains("vendors/acme.toml:4"));
}

TEST_CASE("One number may belong to two makers in two namespaces") {
    auto other = test::second();
    other.ids = "[[ids]]\nnamespace = \"usb\"\nvalues = [\"abcd\"]\nsource = \"usb.ids 1\"\n";
    const auto db = load_files({VendorFile().file(), other.file()}, {});
    REQUIRE(db.has_value());
    CHECK(db->resolve(Namespace::pci, "abcd").entity == "acme");
    CHECK(db->resolve(Namespace::usb, "abcd").entity == "other");
}

TEST_CASE("Two files with one id are refused") {
    auto other = test::second();
    auto file = other.file();
    file.text.replace(file.text.find("other"), 5, "acme");
    CHECK_THAT(refusal({VendorFile().file(), file}), Contains("vendors/acme.toml"));
}

TEST_CASE("A placeholder is not taken as a name") {
    const auto text = GENERATE(as<std::string>(), "Default string", "(default string)", "?0");
    VendorFile broken;
    broken.more_names = "[[names]]\nkind = \"smbios\"\ntexts = [\"" + text + "\"]\nsource = \"a dump\"\n";
    CHECK_THAT(refusal({broken.file()}), Contains("placeholder"));
}

TEST_CASE("An identifier that its namespace does not have is refused") {
    VendorFile broken;
    const auto ids = [&](const std::string& ns, const std::string& value) {
        broken.ids = "[[ids]]\nnamespace = \"" + ns + "\"\nvalues = [\"" + value + "\"]\nsource = \"s\"\n";
        return load_files({broken.file()}, {}).has_value();
    };
    CHECK(ids("pci", "00ff"));
    CHECK_FALSE(ids("pci", "0ff"));
    CHECK_FALSE(ids("usb", "12g4"));
    CHECK(ids("oui", "AC-1F-6B"));
    CHECK(ids("oui", "ac1f6b7"));
    CHECK(ids("oui", "ac1f6b789"));
    CHECK_FALSE(ids("oui", "AC1F6B78"));
    CHECK(ids("jep106", "10:9b"));
    CHECK_FALSE(ids("jep106", "10:1b"));  // even parity
    CHECK_FALSE(ids("jep106", "9b"));
    CHECK(ids("iana_pen", "10876"));
    CHECK_FALSE(ids("iana_pen", "10876 "));
    CHECK(ids("tpm", "STM "));
    CHECK_FALSE(ids("tpm", "STMIC"));
    CHECK_FALSE(ids("smbios", "Acme"));
    CHECK(ids("pnp", "acm"));
    CHECK_FALSE(ids("pnp", "ACME"));
    CHECK_FALSE(ids("pnp", "AC1"));
    CHECK(ids("efi_signer", std::string(64, 'a')));
    CHECK_FALSE(ids("efi_signer", std::string(63, 'a')));
    CHECK_FALSE(ids("eisa", "ACM"));
}

TEST_CASE("A decision about a maker that does not exist is refused") {
    DecisionFile decision;
    decision.entity = "acme-corp";
    CHECK_THAT(refusal_of_decision(decision), Contains("decisions/test.toml:1") && Contains("'acme-corp'"));
}

TEST_CASE("A decision that ends before it begins is refused") {
    DecisionFile decision;
    SECTION("before") {
        decision.dates = "from = 2026-02-01\nto = 2026-01-01\n";
    }
    SECTION("at once") {
        decision.dates = "from = 2026-02-01\nto = 2026-02-01\n";
    }
    CHECK_THAT(refusal_of_decision(decision),
               Contains("decisions/test.toml:8") && Contains("'to' is not after 'from'"));
}

TEST_CASE("A date that is none, or has no time zone, is refused") {
    DecisionFile decision;
    SECTION("no such day") {
        decision.dates = "from = 2026-02-30\n";
    }
    SECTION("a text") {
        decision.dates = "from = \"2026-02-01\"\n";
    }
    SECTION("no offset") {
        decision.dates = "from = 2026-02-01T12:00:00\n";
    }
    CHECK_THAT(refusal_of_decision(decision), Contains("decisions/test.toml:7"));
}

TEST_CASE("A decision of an unknown word is refused") {
    DecisionFile decision;
    SECTION("decision") {
        decision.decision = "permit";
    }
    SECTION("component") {
        decision.component = "wheel";
    }
    CHECK_THAT(refusal_of_decision(decision), Contains("is not one of"));
}

TEST_CASE("Deep nesting is refused before it is parsed") {
    std::string dotted = "a";
    for (int i = 0; i < 2000; ++i) dotted += ".a";
    CHECK(load_files({{"v.toml", dotted + " = 1\n"}}, {}).error().code == ErrorCode::limit);
    CHECK(load_files({{"v.toml", "a = {b = {c = 1}}\n"}}, {}).error().code == ErrorCode::unsupported);
    CHECK_FALSE(load_files({{"v.toml", "a = " + std::string(900, '[')}}, {}).has_value());
    CHECK(load_files({{"v.toml", std::string((4U << 20U) + 1, '\n')}}, {}).error().code == ErrorCode::limit);
}

TEST_CASE("The digest names the content, not the order of files") {
    const auto digest = [](const std::vector<SourceFile>& vendors, const std::vector<SourceFile>& decisions) {
        const auto db = load_files(vendors, decisions);
        REQUIRE(db.has_value());
        return db->digest();
    };
    const auto acme = VendorFile().file();
    const auto other = test::second().file();
    DecisionFile a;
    DecisionFile b;
    b.name = "decisions/b.toml";
    b.component = "drive";
    const auto base = digest({acme, other}, {a.file(), b.file()});
    CHECK(base == digest({other, acme}, {b.file(), a.file()}));
    CHECK(base != digest({acme, other}, {a.file()}));
    a.decision = "review";
    CHECK(base != digest({acme, other}, {a.file(), b.file()}));
    VendorFile moved;
    moved.source = "a register, version 2";
    CHECK(base != digest({moved.file(), other}, {DecisionFile().file(), b.file()}));
}

}  // namespace
}  // namespace assay::vendors
