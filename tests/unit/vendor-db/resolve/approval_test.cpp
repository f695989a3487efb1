#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using test::DecisionFile;
using test::load_files;
using test::VendorFile;

constexpr std::int64_t kFebruary = 1'769'904'000;  // 2026-02-01T00:00:00Z
constexpr std::int64_t kMarch = 1'772'323'200;     // 2026-03-01T00:00:00Z

VendorDb database(const std::vector<DecisionFile>& decisions) {
    SourceFile file{"decisions/test.toml", ""};
    for (const auto& decision : decisions) file.text += decision.table();
    auto db = load_files({VendorFile().file()}, {file});
    REQUIRE(db.has_value());
    return std::move(*db);
}

DecisionFile ruling(const std::string& decision, const std::string& component = "any",
                    const std::string& dates = "") {
    DecisionFile out;
    out.decision = decision;
    out.component = component;
    out.dates = dates;
    return out;
}

TEST_CASE("A maker without a decision is for review") {
    const auto db = database({});
    CHECK(db.approval("acme", Component::drive, kMarch).decision == Decision::review);
    CHECK(db.approval("acme", Component::drive, kMarch).where == "no decision");
    CHECK(db.approval("nobody", Component::drive, kMarch).decision == Decision::review);
}

TEST_CASE("An approval names the decision it comes from") {
    const auto approval = database({ruling("allow")}).approval("acme", Component::system, kMarch);
    CHECK(approval.decision == Decision::allow);
    CHECK(approval.reason == "because of allow");
    CHECK(approval.where == "decisions/test.toml:1");
}

TEST_CASE("A decision holds from its first second until just before its last") {
    const auto db = database({ruling("allow", "any", "from = 2026-02-01\nto = 2026-03-01\n")});
    const auto at = [&](std::int64_t time) { return db.approval("acme", Component::nic, time).decision; };
    CHECK(at(kFebruary - 1) == Decision::review);
    CHECK(at(kFebruary) == Decision::allow);
    CHECK(at(kMarch - 1) == Decision::allow);
    CHECK(at(kMarch) == Decision::review);
}

TEST_CASE("What is decided does not change before the next date that the data names") {
    const auto db = database({ruling("allow", "any", "from = 2026-02-01\nto = 2026-03-01\n")});
    const auto before = db.unchanged_around(kFebruary - 1);
    CHECK_FALSE(before.from);
    CHECK(before.to == kFebruary);
    const auto within = db.unchanged_around(kFebruary);
    CHECK(within.from == kFebruary);
    CHECK(within.to == kMarch);
    const auto after = db.unchanged_around(kMarch);
    CHECK(after.from == kMarch);
    CHECK_FALSE(after.to);
    CHECK(database({}).unchanged_around(kMarch).covers(kFebruary));
}

TEST_CASE("A date-time is taken with its offset") {
    const auto db = database({ruling("deny", "any", "from = 2026-02-01T02:00:00+02:00\n")});
    CHECK(db.approval("acme", Component::nic, kFebruary).decision == Decision::deny);
    CHECK(db.approval("acme", Component::nic, kFebruary - 1).decision == Decision::review);
}

TEST_CASE("A decision about the component goes before one about all components") {
    const auto db = database({ruling("allow"), ruling("deny", "drive")});
    CHECK(db.approval("acme", Component::drive, kMarch).decision == Decision::deny);
    CHECK(db.approval("acme", Component::nic, kMarch).decision == Decision::allow);
}

TEST_CASE("A component's decision that has ended leaves the general one") {
    const auto db = database({ruling("deny"), ruling("allow", "drive", "to = 2026-02-01\n")});
    CHECK(db.approval("acme", Component::drive, kFebruary - 1).decision == Decision::allow);
    CHECK(db.approval("acme", Component::drive, kFebruary).decision == Decision::deny);
}

}  // namespace
}  // namespace assay::vendors
