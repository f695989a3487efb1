// A name that two makers print: who it is told to be, and what is decided then.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

using namespace assay;
using namespace assay::judge;
using vendors::Component;
using vendors::Namespace;

namespace {

/// "Both" is what `old` prints, and `servers` beside products of one family.
struct TwoMakers {
    std::string family = "Rack";
    std::string old_decision = "allow";
    std::string servers_decision = "allow";

    [[nodiscard]] vendors::VendorDb load() const {
        auto sources = test::test_vendor_sources();
        const auto vendor = [](const std::string& id, const std::string& legal, const std::string& more) {
            return vendors::SourceFile{"vendors/" + id + ".toml",
                                       "id = \"" + id + "\"\n[[names]]\nkind = \"legal\"\ntexts = [\"" +
                                           legal +
                                           "\"]\nsource = \"test\"\n[[names]]\nkind = \"smbios\"\ntexts = "
                                           "[\"Both\"]\nsource = \"test\"\n" +
                                           more};
        };
        sources.vendors.push_back(vendor("old", "Old Works", ""));
        sources.vendors.push_back(vendor("servers", "Servers Apart", "products = [\"" + family + "\"]\n"));
        const auto decision = [](const std::string& id, const std::string& what) {
            return "[[decisions]]\nentities = [\"" + id + "\"]\ndecision = \"" + what +
                   "\"\nreason = \"r\"\napprover = \"t\"\n";
        };
        sources.decisions.push_back(
            {"decisions/two.toml", decision("old", old_decision) + decision("servers", servers_decision)});
        auto loaded = vendors::load(sources);
        if (!loaded) FAIL(describe(loaded.error()));
        return *std::move(loaded);
    }
    /// What is said of the system of a host whose product is "Server 1".
    [[nodiscard]] std::vector<Finding> findings(const std::string& maker = "Both") const {
        const auto vendors = load();
        test::EvidenceBuilder host;
        host.system_maker = maker;
        auto made = host.build();
        made.vendors = &vendors;
        auto all = made.appraise().result.findings;
        std::erase_if(all, [](const Finding& each) { return each.subject != "system"; });
        return all;
    }
};

}  // namespace

TEST_CASE("where the product tells the makers apart, the one of them is judged alone") {
    TwoMakers makers{.family = "Server", .old_decision = "deny"};
    CHECK(makers.findings().empty());
    makers.servers_decision = "deny";
    const auto denied = makers.findings();
    REQUIRE(denied.size() == 1);
    CHECK(denied[0].id == "vendor.unapproved");
    CHECK(denied[0].actual.starts_with("Servers Apart ('Both'; "));
    CHECK(denied[0].actual.find("where the product is 'Server'") != std::string::npos);
}

TEST_CASE("where it does not, both are named and the stricter decision counts") {
    TwoMakers makers;
    CHECK(makers.findings().empty());  // both are allowed
    makers.servers_decision = "review";
    const auto undecided = makers.findings();
    REQUIRE(undecided.size() == 1);
    CHECK(undecided[0].id == "vendor.undecided");
    CHECK(undecided[0].actual.starts_with("Old Works or Servers Apart ('Both'; "));
    makers.old_decision = "deny";
    CHECK(makers.findings().at(0).id == "vendor.unapproved");
    makers = {.old_decision = "review", .servers_decision = "deny"};
    CHECK(makers.findings().at(0).id == "vendor.unapproved");
    // The twin: a name of one of them alone.
    CHECK(makers.findings("Old Works").at(0).id == "vendor.undecided");
    CHECK(makers.findings("Servers Apart").at(0).id == "vendor.unapproved");
}

TEST_CASE("a number of the part tells whose a shared name is") {
    const auto vendors = TwoMakers{.servers_decision = "deny"}.load();
    const std::vector<MakerId> ids{{Namespace::smbios, "Old Works", "", ""},
                                   {Namespace::smbios, "Both", "", ""}};
    const auto made = makers_by_layer(vendors, ids);
    REQUIRE(made.size() == 1);
    CHECK(made[0].who.entity == "old");
    CHECK(made[0].who.others.empty());
    CHECK(resolve(vendors, ids[1]).others.size() == 1);
    CHECK(resolve(vendors, ids[1], "Rack 9").entity == "servers");
}

TEST_CASE("a name that is asked about is read as that of a module of memory is, and of nothing else") {
    for (const auto kind : {Component::memory, Component::any}) {
        const auto ids = makers_named(kind, " 80CE80B380CE ");
        REQUIRE(ids.size() == 2);
        CHECK(ids[0] == MakerId{Namespace::jep106, "1:ce", "JEP106 1:ce, as '80CE80B380CE'", ""});
        CHECK(ids[1].value == "80CE80B380CE");
        CHECK(makers_named(kind, "Samsung").size() == 1);
    }
    for (const auto kind : {Component::system, Component::psu, Component::bios})
        CHECK(makers_named(kind, "80CE80B380CE").size() == 1);
}

TEST_CASE("the identity of SPDs of every age is read, and what is none stays a name") {
    for (const auto* samsung : {"80CE000080CE", "80CE", "0x00CE", "CE00", "0xCE80", "CE00000000000000",
                                "CEFFFFFFFFFFFFFF", "CE0000000000", "00CE063200CE"})
        CHECK(jep106_of_spd_text(samsung) == "1:ce");
    CHECK(jep106_of_spd_text("0x2C00") == "1:2c");
    CHECK(jep106_of_spd_text("AD00000000000000") == "1:ad");
    CHECK(jep106_of_spd_text("7F98000000000000") == "2:98");
    CHECK(jep106_of_spd_text("7F7F7F7F7F510000") == "6:51");
    CHECK(jep106_of_spd_text("859B") == "6:9b");
    for (const auto* none : {"CE00000000000001", "7F7F7F7F7F7F7F7F", "7F7F", "0000000000000000", "AD00AD00AD",
                             "AD000000000000", "CF00000000000000", "1234", "SK Hynix", "0x"})
        CHECK(jep106_of_spd_text(none).empty());
}
