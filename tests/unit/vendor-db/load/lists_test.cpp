#include <catch2/catch.hpp>

#include "tests/unit/vendor-db/builder.h"

namespace assay::vendors {
namespace {

using Catch::Matchers::Contains;
using test::decision;
using test::ListFile;
using test::maker;
using test::owned_by;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kListed = 1'704'067'200;  // 2024-01-01
constexpr std::int64_t kMarch = 1'772'323'200;   // 2026-03-01
constexpr std::int64_t kNow = 1'780'000'000;     // 2026-05-28

Result<VendorDb> loaded(const std::vector<SourceFile>& lists, const std::string& decisions = "",
                        const std::vector<SourceFile>& makers = {maker("acme")}) {
    Sources sources{makers, lists, {}, {}};
    if (!decisions.empty()) sources.decisions.push_back({"decisions/test.toml", decisions});
    return load(sources);
}

VendorDb database(const std::vector<SourceFile>& lists, const std::string& decisions = "",
                  const std::vector<SourceFile>& makers = {maker("acme")}) {
    auto db = loaded(lists, decisions, makers);
    if (!db) FAIL(db.error().context);
    return std::move(*db);
}

const auto kDenyListed = decision("list = \"listed\"", "deny");

std::string status(const std::string& word, const std::string& from, const std::string& more = "") {
    return "[[statuses]]\nstatus = \"" + word + "\"\nfrom = " + from + "\nsource = \"a gazette\"\n" + more;
}

TEST_CASE("A listing says what it is for, what it bars, and its status on the day") {
    const auto db = database({ListFile().entry("acme").file()});
    const auto listings = db.listings("acme", kNow);
    REQUIRE(listings.size() == 1);
    CHECK(db.in_words(listings[0], kNow) ==
          "listed for the List, barring a purchase, status active as of 2026-05-28 [listed: doc-1]");
}

TEST_CASE("Nobody is listed before the day of the listing") {
    const auto db = database({ListFile().entry("acme").file()}, kDenyListed);
    CHECK(db.listings("acme", kListed - 1).empty());
    CHECK(db.approval("acme", Component::nic, kListed - 1).decision == Decision::review);
    CHECK(db.approval("acme", Component::nic, kListed).decision == Decision::deny);
}

TEST_CASE("A list without a decision decides nothing") {
    const auto db = database({ListFile().entry("acme").file()});
    CHECK(db.approval("acme", Component::nic, kNow).where == "no decision");
}

TEST_CASE("A decision about a list reaches who is on it, and tells the listing") {
    const auto db = database({ListFile().entry("acme").file()}, kDenyListed, {maker("acme"), maker("third")});
    const auto approval = db.approval("acme", Component::nic, kNow);
    CHECK(approval.decision == Decision::deny);
    CHECK_THAT(approval.chain, Contains("listed for the List, barring a purchase, status active as of"));
    CHECK(db.approval("third", Component::nic, kNow).decision == Decision::review);
}

TEST_CASE("A list that is not active on the day decides nothing") {
    const auto word = GENERATE(as<std::string>(), "suspended", "withdrawn", "superseded");
    ListFile list;
    list.entry("acme");
    SECTION("the whole list") {
        list.statuses += status(word, "2026-03-01");
    }
    SECTION("the entry") {
        list.entries +=
            "[[entries.statuses]]\nstatus = \"active\"\nfrom = 2024-01-01\nsource = \"s\"\n"
            "[[entries.statuses]]\nstatus = \"" +
            word + "\"\nfrom = 2026-03-01\nsource = \"s\"\n";
    }
    const auto db = database({list.file()}, kDenyListed);
    CHECK(db.approval("acme", Component::nic, kMarch - 1).decision == Decision::deny);
    CHECK(db.approval("acme", Component::nic, kMarch).decision == Decision::review);
    CHECK_THAT(db.in_words(db.listings("acme", kMarch).at(0), kMarch),
               Contains("status " + word + " as of 2026-03-01 (since 2026-03-01)"));
}

TEST_CASE("A list withdrawn within hours was active for those hours only") {
    ListFile list;
    list.statuses = status("active", "2026-02-13T14:00:00Z") + status("withdrawn", "2026-02-13T17:00:00Z");
    const auto db = database({list.entry("acme").file()}, kDenyListed);
    constexpr std::int64_t kPosted = 1'770'991'200;  // 2026-02-13T14:00:00Z
    const auto at = [&](std::int64_t time) { return db.approval("acme", Component::nic, time).decision; };
    CHECK(at(kPosted - 1) == Decision::review);
    CHECK(at(kPosted) == Decision::deny);
    CHECK(at(kPosted + 3 * 3600) == Decision::review);
}

TEST_CASE("A suspended list is active again from its day on") {
    ListFile list;
    list.statuses =
        status("active", "2025-09-29") + status("suspended", "2025-11-10") + status("active", "2026-11-10");
    const auto db = database({list.entry("acme").file()}, kDenyListed);
    constexpr std::int64_t kBack = 1'794'268'800;  // 2026-11-10
    CHECK(db.approval("acme", Component::nic, kBack - 1).decision == Decision::review);
    CHECK(db.approval("acme", Component::nic, kBack).decision == Decision::deny);
}

TEST_CASE("An effective date to come is for review, with the date, and denies on that day") {
    const auto db = database({ListFile().entry("acme", "effective_from = 2026-12-23\n").file()}, kDenyListed);
    constexpr std::int64_t kEffective = 1'797'984'000;  // 2026-12-23
    const auto ahead = db.approval("acme", Component::nic, kEffective - 1);
    CHECK(ahead.decision == Decision::review);
    CHECK_THAT(ahead.reason, Contains("not effective before 2026-12-23"));
    CHECK_THAT(ahead.chain, Contains("effective only from 2026-12-23"));
    CHECK(db.approval("acme", Component::nic, kEffective).decision == Decision::deny);
}

TEST_CASE("A weakly sourced entry asks for a review and never decides alone") {
    ListFile list;
    list.sha256 = "";
    const auto weak = list.entry("acme", "confidence = \"weak\"\n").file();
    const auto at = [&](const std::string& decisions) {
        return database({weak}, decisions).approval("acme", Component::nic, kNow);
    };
    CHECK(at(kDenyListed).decision == Decision::review);
    CHECK_THAT(at(kDenyListed).reason, Contains("weak source"));
    CHECK_THAT(at(kDenyListed).chain, Contains("weakly sourced"));
    SECTION("an allowance that is more specific stands") {
        CHECK(at(kDenyListed + decision("entities = [\"acme\"]", "allow")).decision == Decision::allow);
    }
    SECTION("an allowance that is less specific does not") {
        CHECK(at(kDenyListed + decision("country = \"US\"", "allow")).decision == Decision::review);
    }
    SECTION("a denial that is less specific is not lifted") {
        CHECK(at(kDenyListed + decision("country = \"US\"", "deny")).decision == Decision::deny);
    }
    SECTION("nor does a weak listing allow") {
        CHECK(at(decision("list = \"listed\"", "allow")).where == "no decision");
    }
}

TEST_CASE("An entry that is not weak needs a document of which a copy was kept") {
    ListFile list;
    list.sha256 = "";
    const auto refused = loaded({list.entry("acme").file()});
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().context, Contains("lists/listed.toml") && Contains("no copy was kept"));
}

TEST_CASE("A listing reaches subsidiaries only by the decision's rule") {
    const std::vector<SourceFile> makers{maker("acme"), maker("low", owned_by("acme", "pct = 60"))};
    const auto list = ListFile().entry("acme").file();
    CHECK(database({list}, kDenyListed, makers).approval("low", Component::nic, kNow).decision ==
          Decision::review);
    const auto db = database({list}, decision("list = \"listed\"", "deny", "minimum_pct = 50\n"), makers);
    const auto approval = db.approval("low", Component::nic, kNow);
    CHECK(approval.decision == Decision::deny);
    CHECK_THAT(approval.chain, Contains("LOW <- ACME (60 %, annual report) <- listed for the List"));
}

TEST_CASE("A list that extends another one adds the subsidiaries of its parties, while it is active") {
    const std::vector<SourceFile> makers{maker("acme"), maker("low", owned_by("acme", "pct = 50")),
                                         maker("lower", owned_by("low", "pct = 49"))};
    ListFile rule;
    rule.id = "affiliates";
    rule.extra = "extends = \"listed\"\nminimum_pct = 50\n";
    rule.statuses = status("active", "2025-09-29") + status("suspended", "2025-11-10");
    const auto db = database({ListFile().entry("acme").file(), rule.file()},
                             decision("list = \"affiliates\"", "deny"), makers);
    constexpr std::int64_t kSuspended = 1'762'732'800;  // 2025-11-10
    CHECK(db.approval("low", Component::nic, kSuspended - 1).decision == Decision::deny);
    CHECK(db.approval("low", Component::nic, kSuspended).decision == Decision::review);
    CHECK(db.approval("lower", Component::nic, kSuspended - 1).decision == Decision::review);
    CHECK(db.approval("acme", Component::nic, kSuspended - 1).decision == Decision::review);
    const auto listings = db.listings("low", kSuspended + kDay);
    REQUIRE(listings.size() == 1);
    CHECK(listings[0].list->id == "affiliates");
    CHECK_THAT(db.in_words(listings[0], kSuspended), Contains("LOW <- ACME") && Contains("status suspended"));
}

TEST_CASE("A list that extends nothing, or itself, is refused") {
    ListFile rule;
    rule.extra = "extends = \"" + GENERATE(as<std::string>(), "nowhere", "listed") + "\"\nminimum_pct = 50\n";
    CHECK_THAT(loaded({rule.file()}).error().context, Contains("is no list with entries"));
}

TEST_CASE("What is wrong in a list is refused with its line") {
    ListFile list;
    std::string wanted;
    SECTION("party") {
        list.entry("nobody");
        wanted = "lists/listed.toml:14: no vendor file has id 'nobody'";
    }
    SECTION("document") {
        list.entry("acme");
        list.entries.replace(list.entries.find("doc-1"), 5, "doc-2");
        wanted = "lists/listed.toml:18: no [[documents]] of this list has id 'doc-2'";
    }
    SECTION("status") {
        list.statuses = status("paused", "2020-01-01");
        wanted = "lists/listed.toml:6: status: 'paused' is not one of: active";
    }
    SECTION("no status") {
        list.statuses = "";
        wanted = "a list without a status";
    }
    SECTION("order of statuses") {
        list.statuses += status("withdrawn", "2019-01-01");
        wanted = "lists/listed.toml:11: a status that does not begin after";
    }
    SECTION("digest") {
        list.sha256 = "abc";
        wanted = "lists/listed.toml:13: sha256: not 64";
    }
    CHECK_THAT(loaded({list.file()}).error().context, Contains(wanted));
}

}  // namespace
}  // namespace assay::vendors
