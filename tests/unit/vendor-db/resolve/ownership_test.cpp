#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using Catch::Matchers::Contains;
using test::decision;
using test::load_files;
using test::maker;
using test::owned_by;

constexpr std::int64_t kMay = 1'780'000'000;        // 2026-05-28
constexpr std::int64_t kMarch2026 = 1'772'323'200;  // 2026-03-01T00:00:00Z
constexpr Share kHalf = 5000;

VendorDb owners_database(const std::vector<SourceFile>& vendors, const std::string& decisions = "") {
    std::vector<SourceFile> files;
    if (!decisions.empty()) files.push_back({"decisions/test.toml", decisions});
    auto db = load_files(vendors, files);
    if (!db) FAIL(db.error().context);
    return std::move(*db);
}

std::string refusal_of(const std::vector<SourceFile>& vendors) {
    const auto db = load_files(vendors);
    REQUIRE_FALSE(db.has_value());
    return db.error().context;
}

TEST_CASE("An owner is found over several steps, and the chain tells each") {
    const auto db = owners_database(
        {maker("top"), maker("middle", owned_by("top", "pct = \"51.5\"", "from = 2021-03-01\n")),
         maker("low", owned_by("middle", "control = true"))});
    const auto owners = db.owners_of("low", kHalf, kMay);
    REQUIRE(owners.size() == 2);
    CHECK(db.in_words(owners.at("top")) ==
          "LOW <- MIDDLE (control, annual report) <- TOP (51.5 %, since 2021-03-01, annual report)");
    const auto owned = db.owned_by("top", kHalf, kMay);
    REQUIRE(owned.size() == 2);
    CHECK(db.in_words(owned.at("low")) == db.in_words(owners.at("top")));
}

TEST_CASE("A share below the rule's does not carry") {
    const auto db = owners_database({maker("top"), maker("low", owned_by("top", "pct = \"27.96\""))});
    CHECK(db.owners_of("low", kHalf, kMay).empty());
    CHECK(db.owners_of("low", 2796, kMay).size() == 1);
    CHECK(db.owners_of("low", 2797, kMay).empty());
}

TEST_CASE("An owner counts from its first day until just before its last") {
    const auto db =
        owners_database({maker("top"), maker("low", owned_by("top", "pct = 60", "to = 2026-03-01\n"))});
    CHECK(db.owners_of("low", kHalf, kMarch2026 - 1).size() == 1);
    CHECK(db.owners_of("low", kHalf, kMarch2026).empty());
}

TEST_CASE("A sourced chain is taken before a shorter weak one") {
    const auto weak = owned_by("top", "pct = 60", "confidence = \"weak\"\n");
    const auto db =
        owners_database({maker("top"), maker("middle", owned_by("top", "pct = 60")),
                         maker("low", weak + owned_by("middle", "pct = 40")), maker("third", weak)});
    CHECK_FALSE(db.owners_of("low", 4000, kMay).at("top").weak);
    CHECK(db.owners_of("low", kHalf, kMay).at("top").weak);
    CHECK(db.owners_of("third", kHalf, kMay).at("top").weak);
    CHECK_THAT(db.in_words(db.owners_of("third", kHalf, kMay).at("top")), Contains(", weak)"));
}

TEST_CASE("A decision about an owner reaches its subsidiaries only by its own rule, and tells the chain") {
    const std::vector<SourceFile> makers{maker("top"), maker("low", owned_by("top", "pct = 60"))};
    SECTION("no rule, no reach") {
        const auto db = owners_database(makers, decision("entities = [\"top\"]", "deny"));
        CHECK(db.approval("low", Component::nic, kMay).decision == Decision::review);
    }
    SECTION("a rule of at most the share") {
        const auto db =
            owners_database(makers, decision("entities = [\"top\"]", "deny", "minimum_pct = 60\n"));
        const auto approval = db.approval("low", Component::nic, kMay);
        CHECK(approval.decision == Decision::deny);
        CHECK(approval.chain == "LOW <- TOP (60 %, annual report)");
        CHECK(db.approval("top", Component::nic, kMay).chain.empty());
    }
    SECTION("a rule of more than the share") {
        const auto db =
            owners_database(makers, decision("entities = [\"top\"]", "deny", "minimum_pct = 61\n"));
        CHECK(db.approval("low", Component::nic, kMay).decision == Decision::review);
        CHECK(db.approval("top", Component::nic, kMay).decision == Decision::deny);
    }
    SECTION("subsidiaries alone") {
        const auto db = owners_database(makers, decision("owned_by = \"top\"", "deny", "minimum_pct = 50\n"));
        CHECK(db.approval("low", Component::nic, kMay).decision == Decision::deny);
        CHECK(db.approval("top", Component::nic, kMay).decision == Decision::review);
    }
}

TEST_CASE("A weak step of ownership asks for a review and neither denies nor allows") {
    const std::vector<SourceFile> makers{
        maker("top"), maker("low", owned_by("top", "control = true", "confidence = \"weak\"\n"))};
    const auto reaching = [&](const std::string& what) {
        return owners_database(makers, decision("entities = [\"top\"]", what, "minimum_pct = 50\n"));
    };
    const auto denied = reaching("deny").approval("low", Component::nic, kMay);
    CHECK(denied.decision == Decision::review);
    CHECK_THAT(denied.reason, Contains("weak source"));
    CHECK_THAT(denied.chain, Contains("LOW <- TOP"));
    const auto allowed = reaching("allow").approval("low", Component::nic, kMay);
    CHECK(allowed.decision == Decision::review);
    CHECK(allowed.where == "no decision");
}

TEST_CASE("An owner without a file is refused with the place") {
    CHECK_THAT(refusal_of({maker("low", owned_by("nobody", "pct = 60"))}),
               Contains("vendors/low.toml:7: owner 'nobody' has no vendor file"));
}

TEST_CASE("A circle of ownership is refused, unless its steps were never at one time") {
    const auto circle = [](const std::string& one, const std::string& other) {
        return std::vector<SourceFile>{maker("a", owned_by("b", "pct = 60", one)),
                                       maker("b", owned_by("c", "pct = 60")),
                                       maker("c", owned_by("a", "pct = 60", other))};
    };
    CHECK_THAT(refusal_of(circle("", "")), Contains("a circle of ownership"));
    CHECK_THAT(refusal_of({maker("a", owned_by("a", "pct = 60"))}), Contains("a circle of ownership"));
    CHECK(load_files(circle("to = 2020-01-01\n", "from = 2020-01-01\n")).has_value());
    CHECK_THAT(refusal_of(circle("to = 2020-01-02\n", "from = 2020-01-01\n")), Contains("circle"));
}

TEST_CASE("Shares of more than a whole at one time are refused") {
    const auto shares = [](const std::string& first, const std::string& second) {
        return std::vector<SourceFile>{
            maker("a"), maker("b"),
            maker("low", owned_by("a", "pct = 60", first) + owned_by("b", "pct = 41", second))};
    };
    CHECK_THAT(refusal_of(shares("", "")), Contains("owners hold 101 %"));
    CHECK(load_files(shares("to = 2020-01-01\n", "from = 2020-01-01\n")).has_value());
}

TEST_CASE("One owner twice for the same time is refused") {
    CHECK_THAT(refusal_of({maker("a"), maker("low", owned_by("a", "pct = 20") + owned_by("a", "pct = 30"))}),
               Contains("vendors/low.toml:11") && Contains("vendors/low.toml:7"));
}

TEST_CASE("A share or control is said, and not both") {
    CHECK_THAT(refusal_of({maker("a"), maker("low", owned_by("a", ""))}),
               Contains("neither a share nor control"));
    CHECK_THAT(refusal_of({maker("a"), maker("low", owned_by("a", "pct = 50\ncontrol = true"))}),
               Contains("both"));
    for (const auto* wrong : {"pct = 0", "pct = \"100.5\"", "pct = -1", "pct = nan", "pct = 50.5",
                              "pct = \"0.001\"", "pct = \"5.\"", "pct = \"x\""}) {
        CHECK_THAT(refusal_of({maker("a"), maker("low", owned_by("a", wrong))}),
                   Contains("not a percentage"));
    }
}

}  // namespace
}  // namespace assay::vendors
