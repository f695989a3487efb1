#include "vendor-db/model/firmware.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/vendor_files.h"
#include "tests/unit/vendor-db/builder.h"

using namespace assay;
using namespace assay::vendors;
using namespace assay::vendors::test;
using Catch::Matchers::Contains;

namespace {

/// "later", "same", "earlier" or "unordered".
std::string order(VersionScheme scheme, const std::string& a, const std::string& b) {
    const auto left = parse_version(scheme, a);
    const auto right = parse_version(scheme, b);
    INFO(a << " and " << b);
    REQUIRE(left);
    REQUIRE(right);
    const auto found = compare(*left, *right);
    if (found == std::partial_ordering::unordered) return "unordered";
    return found == 0 ? "same" : (found > 0 ? "later" : "earlier");
}

FirmwareRule rule(VersionScheme scheme, const std::string& minimum, std::vector<std::string> denied = {}) {
    return {.entity = "acme",
            .component = Component::bios,
            .scheme = scheme,
            .minimum = minimum,
            .denied = std::move(denied)};
}

/// A valid firmware file; a test changes one line of it.
struct RuleFile {
    std::string vendor = "vendor = \"acme\"\n";
    std::string component = "component = \"bios\"\n", scheme = "scheme = \"dotted\"\n",
                minimum = "minimum = \"2.4\"\n", advisory = "advisory = \"AB-1\"\n",
                date = "date = 2026-01-31\n", more;

    [[nodiscard]] Sources sources() const {
        return {{VendorFile{}.file()},
                {},
                {},
                {{"firmware/acme.toml", vendor + "[[firmware]]\n" + component + scheme + minimum + advisory +
                                            date + more + "source = \"a page\"\n"}}};
    }
};

std::string refusal(const RuleFile& file) {
    const auto db = load(file.sources());
    return db ? "accepted" : db.error().context;
}

}  // namespace

TEST_CASE("dotted versions compare by number, with a letter in front and behind") {
    using S = VersionScheme;
    CHECK(order(S::dotted, "2.10", "2.9") == "later");
    CHECK(order(S::dotted, "1.2", "1.2.0") == "same");
    CHECK(order(S::dotted, "3.4a", "3.4") == "later");
    CHECK(order(S::dotted, "v1.2", "1.2") == "same");
    CHECK(order(S::dotted, "P1.30", "P1.40") == "earlier");
    CHECK(order(S::dotted, "P1.30", "L1.40") == "unordered");
    CHECK(order(S::dotted, "7.85.4555.0", "7.62") == "later");
}

TEST_CASE("HPE writes a family, a version and a date; its drives a family and a number") {
    using S = VersionScheme;
    CHECK(order(S::hpe, "U30 v2.68 (07/14/2022)", "U30 v2.54 (09/03/2021)") == "later");
    CHECK(order(S::hpe, "U30 v2.68", "U46 v2.54") == "unordered");
    CHECK(order(S::hpe, "2.72", "2.9") == "later");
    CHECK(order(S::hpe, "HPD8", "HPD10") == "earlier");
    CHECK(order(S::hpe, "HPD8", "HPG9") == "unordered");
}

TEST_CASE("Dell's lettered versions and its dotted ones are not compared with each other") {
    using S = VersionScheme;
    CHECK(order(S::dell, "1.15.2", "1.9.10") == "later");
    CHECK(order(S::dell, "A12", "A09") == "later");
    CHECK(order(S::dell, "A12", "1.0.0") == "unordered");
}

TEST_CASE("dates compare by year, month and day in each of the three spellings, and must exist") {
    using S = VersionScheme;
    CHECK(order(S::date, "07/14/2022", "2022-07-13") == "later");
    CHECK(order(S::date, "20220714", "07/14/2022") == "same");
    CHECK_FALSE(parse_version(S::date, "02/30/2022"));
    CHECK_FALSE(parse_version(S::date, "14/07/2022"));
    CHECK_FALSE(parse_version(S::date, "2022-0714"));
    CHECK_FALSE(parse_version(S::date, "00000000"));
}

TEST_CASE("what is not of its scheme has no version: nothing is guessed") {
    for (const auto* text : {"", " ", "1.", ".1", "1..2", "1.2-rc1", "1.2 ", "1.2\n", "１.2", "1234567890",
                             "1.2.3.4.5.6.7.8.9", "1.2ab", "A", "latest", "-1.2", "0x12", "1,2"}) {
        INFO(text);
        CHECK_FALSE(parse_version(VersionScheme::dotted, text));
    }
    CHECK_FALSE(parse_version(VersionScheme::dell, "1.15"));
    CHECK_FALSE(parse_version(VersionScheme::hpe, "U30"));
    CHECK_FALSE(parse_version(VersionScheme::hpe, "U30 v2.68 (07/14/2022) "));
    CHECK_FALSE(parse_version(VersionScheme::dotted, std::string(100'000, '1')));
}

TEST_CASE("a version is approved from the minimum on, unless it is denied") {
    const auto by = rule(VersionScheme::dotted, "2.4", {"2.5", "bad-one"});
    CHECK(standing(by, "2.4") == FirmwareStanding::approved);
    CHECK(standing(by, "2.3") == FirmwareStanding::below_minimum);
    CHECK(standing(by, "2.5.0") == FirmwareStanding::denied);
    CHECK(standing(by, "bad-one") == FirmwareStanding::denied);
    CHECK(standing(by, "2.6") == FirmwareStanding::approved);
    CHECK(standing(by, "") == FirmwareStanding::unparseable);
    CHECK(standing(by, "2.4 beta") == FirmwareStanding::unparseable);
    CHECK(standing(by, "P2.6") == FirmwareStanding::unparseable);
}

TEST_CASE("a rule for a series says nothing of another") {
    auto by = rule(VersionScheme::dotted, "7.62");
    by.series = "7";
    CHECK(standing(by, "7.61") == FirmwareStanding::below_minimum);
    CHECK(standing(by, "7.85.0.4352") == FirmwareStanding::approved);
    CHECK(standing(by, "15.20") == FirmwareStanding::not_of_series);
    CHECK(standing(by, "5.61") == FirmwareStanding::not_of_series);
    CHECK(standing(by, "?") == FirmwareStanding::unparseable);
}

TEST_CASE("a model is compared whole, case and blanks aside") {
    auto by = rule(VersionScheme::dotted, "1.0");
    by.model = "PowerEdge R740";
    CHECK(covers(by, "acme", Component::bios, " POWEREDGE  r740 "));
    CHECK_FALSE(covers(by, "acme", Component::bios, "PowerEdge R740xd"));
    CHECK_FALSE(covers(by, "acme", Component::bmc, "PowerEdge R740"));
    CHECK_FALSE(covers(by, "other", Component::bios, "PowerEdge R740"));
}

TEST_CASE("a rule of firmware is read with its place, and changes the digest of the data") {
    const auto db = load(RuleFile{}.sources());
    REQUIRE(db);
    REQUIRE(db->firmware().size() == 1);
    CHECK(db->firmware().front().entity == "acme");
    CHECK(db->firmware().front().minimum == "2.4");
    CHECK(db->firmware().front().where == "firmware/acme.toml:2");
    RuleFile other;
    other.minimum = "minimum = \"2.5\"\n";
    CHECK(load(other.sources())->digest() != db->digest());
}

TEST_CASE("a rule that cannot be meant is refused with its place and the remedy") {
    RuleFile file;
    SECTION("a vendor that no file is about") {
        file.vendor = "vendor = \"nobody\"\n";
        CHECK_THAT(refusal(file), Contains("firmware/acme.toml:1") && Contains("no vendor file"));
    }
    SECTION("a class without firmware") {
        file.component = "component = \"psu\"\n";
        CHECK_THAT(refusal(file), Contains("firmware/acme.toml:3") && Contains("use bios"));
    }
    SECTION("an unknown scheme") {
        file.scheme = "scheme = \"semver\"\n";
        CHECK_THAT(refusal(file), Contains("dotted, hpe, dell or date"));
    }
    SECTION("a minimum that is not of the scheme") {
        file.minimum = "minimum = \"U30 v2.4\"\n";
        CHECK_THAT(refusal(file),
                   Contains("firmware/acme.toml:5") && Contains("no version of the scheme dotted"));
    }
    SECTION("neither minimum nor denied") {
        file.minimum = "";
        CHECK_THAT(refusal(file), Contains("approves and denies nothing"));
    }
    SECTION("a minimum outside of the series") {
        file.more = "series = \"3\"\n";
        CHECK_THAT(refusal(file), Contains("not of the rule's series"));
    }
    SECTION("no advisory") {
        file.advisory = "";
        CHECK_THAT(refusal(file), Contains("advisory"));
    }
    SECTION("an unknown key") {
        file.more = "maximum = \"3\"\n";
        CHECK_THAT(refusal(file), Contains("maximum"));
    }
}

TEST_CASE("the shipped rules know the TPMs that make weak keys from those that do not") {
    const auto db = load(assay::test::shipped_sources());
    INFO((db ? "" : describe(db.error())));
    REQUIRE(db);
    const auto says = [&](const std::string& version) {
        for (const auto& rule : db->firmware()) {
            if (!covers(rule, "infineon", Component::tpm, "SLB9670")) continue;
            const auto found = standing(rule, version);
            if (found != FirmwareStanding::not_of_series) return found;
        }
        return FirmwareStanding::not_of_series;
    };
    CHECK(says("7.61.2785.0") == FirmwareStanding::below_minimum);
    CHECK(says("7.62.3126.0") == FirmwareStanding::approved);
    CHECK(says("5.61") == FirmwareStanding::below_minimum);
    CHECK(says("4.42") == FirmwareStanding::denied);
    CHECK(says("15.21.16430.0") == FirmwareStanding::not_of_series);
}
