#include "verifier/service/store/attestations/unproven.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::store;
using namespace builders;

namespace {

UnprovenRow row(const std::string& host, const std::string& source, std::int64_t at,
                const std::string& reason = "signature") {
    return {host, source, reason, 1, at, at};
}

}  // namespace

STORE_TEST(adds_up, "what two copies of the verifier count adds up, first to last") {
    const auto one = database.open();
    const auto other = database.open();
    REQUIRE(
        store::Unproven(*one).add({{"web-1", "192.0.2.7", "signature", 3, kNow + 5, kNow + 9}}, kNow + 9));
    REQUIRE(store::Unproven(*other).add({{"web-1", "192.0.2.7", "signature", 4, kNow, kNow + 6}}, kNow + 9));
    REQUIRE(store::Unproven(*other).add({row("web-1", "192.0.2.7", kNow + 7, "nonce")}, kNow + 9));
    const auto rows = store::Unproven(*one).list({}).value();
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[0] == UnprovenRow{"web-1", "192.0.2.7", "signature", 7, kNow, kNow + 9});
    REQUIRE(rows[1] == row("web-1", "192.0.2.7", kNow + 7, "nonce"));
}

STORE_TEST(asked, "counts are found by host and by time") {
    const auto store = database.open();
    REQUIRE(
        store::Unproven(*store).add({row("", "192.0.2.1", kNow, "host"), row("web-1", "192.0.2.2", kNow + 1),
                                     row("web-2", "192.0.2.3", kNow + 2)},
                                    kNow + 2));
    REQUIRE(store::Unproven(*store).list({.host = "web-1"})->size() == 1);
    REQUIRE(store::Unproven(*store).list({.host = ""})->front().source == "192.0.2.1");
    REQUIRE(store::Unproven(*store).list({.since = kNow + 1})->size() == 2);
    REQUIRE(store::Unproven(*store).list({.host = "web-1", .since = kNow + 2})->empty());
    REQUIRE(store::Unproven(*store).list({.limit = 1})->front().host == "web-2");
}

STORE_TEST(many_sources,
           "of one host's sources some are kept apart, and the others are counted in one line") {
    const auto store = database.open();
    std::vector<UnprovenRow> rows;
    for (int i = 0; i < 200; ++i) rows.push_back(row("web-1", "192.0.2." + std::to_string(i), kNow + i));
    REQUIRE(store::Unproven(*store).add({rows.begin(), rows.begin() + 100}, kNow));
    REQUIRE(store::Unproven(*store).add({rows.begin() + 100, rows.end()}, kNow));
    REQUIRE(store::Unproven(*store).add({row("web-2", "192.0.2.199", kNow)}, kNow));
    const auto kept = store::Unproven(*store).list({.host = "web-1"}).value();
    REQUIRE(kept.size() == kUnprovenSources + 1);
    const auto others = std::ranges::find(kept, kOtherSources, &UnprovenRow::source);
    REQUIRE(others != kept.end());
    REQUIRE(others->times == 200 - static_cast<std::int64_t>(kUnprovenSources));
    REQUIRE(others->last_at == kNow + 199);
    REQUIRE(store::Unproven(*store).list({.host = "web-2"})->front().source == "192.0.2.199");
}

STORE_TEST(many_hosts, "rows are bounded in all, and the oldest go") {
    const auto store = database.open();
    std::vector<UnprovenRow> rows;
    for (int i = 0; i < kUnprovenRows + 50; ++i)
        rows.push_back(row("web-" + std::to_string(i), "192.0.2.7", kNow + i));
    REQUIRE(store::Unproven(*store).add(rows, kNow));
    REQUIRE(database.number("SELECT COUNT(*) FROM unproven_evidence") == kUnprovenRows);
    REQUIRE(store::Unproven(*store).list({.host = "web-49"})->empty());
    REQUIRE(store::Unproven(*store).list({.host = "web-50"})->size() == 1);
}

STORE_TEST(old_ones, "what has not come for a month is forgotten, and begins anew") {
    const auto store = database.open();
    REQUIRE(store::Unproven(*store).add(
        {row("web-1", "192.0.2.7", kNow), row("web-2", "192.0.2.7", kNow + 1)}, kNow));
    const auto later = kNow + kUnprovenKept_s + 1;
    REQUIRE(store::Unproven(*store).add({row("web-1", "192.0.2.7", later)}, later));
    REQUIRE(store::Unproven(*store).list({.host = "web-1"})->front() == row("web-1", "192.0.2.7", later));
    REQUIRE(store::Unproven(*store).list({.host = "web-2"})->size() == 1);
}
