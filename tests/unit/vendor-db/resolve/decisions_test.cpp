#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using Catch::Matchers::Contains;
using test::decision;
using test::load_files;
using test::maker;
using test::owned_by;

constexpr std::int64_t kNow = 1'780'000'000;  // 2026-05-28

Result<VendorDb> loaded(const std::string& decisions) {
    return load_files({maker("acme", owned_by("top", "pct = 60")), maker("top")},
                      {{"decisions/test.toml", decisions}});
}

Approval approval(const std::string& decisions, std::string_view site = "") {
    const auto db = loaded(decisions);
    if (!db) FAIL(db.error().context);
    return db->approval({"acme", Component::nic, kNow, site});
}

std::string refusal(const std::string& decisions) {
    const auto db = loaded(decisions);
    REQUIRE_FALSE(db.has_value());
    return db.error().context;
}

const std::string kEntity = "entities = [\"acme\"]";
const std::string kOwner = "owned_by = \"top\"\nminimum_pct = 50";
const std::string kCountry = "country = \"US\"";

TEST_CASE("The most specific decision wins: the entity before its owner, the owner before the country") {
    CHECK(approval(decision(kEntity, "allow") + decision(kOwner, "deny")).decision == Decision::allow);
    CHECK(approval(decision(kOwner, "allow") + decision(kCountry, "deny")).decision == Decision::allow);
    CHECK(approval(decision(kCountry, "deny")).decision == Decision::deny);
    CHECK(approval(decision(kCountry, "deny")).chain == "seat in US");
}

TEST_CASE("Whom it names goes before which component it names, and that before the site") {
    const std::string nic = "component = \"nic\"\n";
    const std::string here = "site = \"here\"\n";
    CHECK(approval(decision(kEntity, "allow") + decision(kOwner, "deny", nic)).decision == Decision::allow);
    CHECK(approval(decision(kEntity, "allow") + decision(kEntity, "deny", nic)).decision == Decision::deny);
    CHECK(approval(decision(kEntity, "allow", nic) + decision(kEntity, "deny", here), "here").decision ==
          Decision::allow);
    CHECK(approval(decision(kEntity, "allow") + decision(kEntity, "deny", here), "here").decision ==
          Decision::deny);
}

TEST_CASE("A decision for a site counts at that site only") {
    const auto deny_here = decision(kEntity, "allow") + decision(kEntity, "deny", "site = \"here\"\n");
    CHECK(approval(deny_here, "there").decision == Decision::allow);
    CHECK(approval(deny_here).decision == Decision::allow);
}

TEST_CASE("Of equally specific rules the strictest wins, whatever their order") {
    const auto one = decision("entities = [\"top\"]", "allow", "minimum_pct = 50\n");
    const auto other = decision(kOwner, "deny");
    CHECK(approval(one + other).decision == Decision::deny);
    CHECK(approval(other + one).decision == Decision::deny);
}

TEST_CASE("Two decisions of one scope that contradict each other at one time are refused") {
    CHECK_THAT(refusal(decision(kEntity, "allow") + decision(kEntity, "deny")),
               Contains("decisions/test.toml:6: deny for 'acme' contradicts allow at decisions/test.toml:1"));
    CHECK(loaded(decision(kEntity, "allow", "to = 2026-01-01\n") +
                 decision(kEntity, "deny", "from = 2026-01-01\n"))
              .has_value());
    CHECK(
        loaded(decision(kEntity, "allow") + decision(kEntity, "deny", "component = \"nic\"\n")).has_value());
    CHECK(loaded(decision(kEntity, "allow") + decision(kEntity, "deny", "site = \"x\"\n")).has_value());
    CHECK(loaded(decision(kEntity, "allow") + decision(kEntity, "allow")).has_value());
}

TEST_CASE("A decision is about one kind of subject") {
    CHECK_THAT(refusal(decision("", "deny")), Contains("about nobody"));
    CHECK_THAT(refusal(decision(kEntity + "\n" + kCountry, "deny")), Contains("several kinds of subject"));
    CHECK_THAT(refusal(decision("list = \"nowhere\"", "deny")), Contains("no list has id 'nowhere'"));
    CHECK_THAT(refusal(decision("owned_by = \"nobody\"\nminimum_pct = 50", "deny")),
               Contains("no vendor file has id 'nobody'"));
    CHECK_THAT(refusal(decision("owned_by = \"top\"", "deny")), Contains("add minimum_pct"));
    CHECK_THAT(refusal(decision(kCountry, "deny", "minimum_pct = 50\n")),
               Contains("says nothing about a country"));
}

const std::string kException =
    "[decisions.grandfather]\nfirst_seen_before = 2025-03-25\nexpires = 2027-01-01\nsame_part_only = true\n";

TEST_CASE("A denial may name the parts that stay, and its answer carries the dates") {
    const auto denied = approval(decision(kEntity, "deny", kException));
    CHECK(denied.decision == Decision::deny);
    REQUIRE(denied.grandfather.has_value());
    CHECK(denied.grandfather->first_seen_before == 1'742'860'800);  // 2025-03-25
    CHECK(denied.grandfather->expires == 1'798'761'600);            // 2027-01-01
}

TEST_CASE("An exception that is not bound to a part, ends before it begins or excepts nothing is refused") {
    auto exception = kException;
    SECTION("not the same part") {
        exception.replace(exception.find("true"), 4, "false");
        CHECK_THAT(refusal(decision(kEntity, "deny", exception)), Contains("write same_part_only = true"));
    }
    SECTION("dates") {
        exception.replace(exception.find("2027-01-01"), 10, "2025-03-25");
        CHECK_THAT(refusal(decision(kEntity, "deny", exception)), Contains("'expires' is not after"));
    }
    SECTION("an allowance") {
        CHECK_THAT(refusal(decision(kEntity, "allow", exception)), Contains("denies nothing"));
    }
    SECTION("no end") {
        exception.erase(exception.find("expires"), 21);
        CHECK_THAT(refusal(decision(kEntity, "deny", exception)), Contains("no 'expires'"));
    }
}

}  // namespace
}  // namespace assay::vendors
