#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/judge/ledger/act_chain.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/engine/database.h"

using namespace assay;

namespace {

store::ActPlace written(store::Store& store, const store::Act& act, std::int64_t now_ms) {
    const auto place = store.database().write(
        [&](soci::session& sql) -> Result<store::ActPlace> { return store::write_act(sql, act, now_ms); });
    REQUIRE(place);
    return *place;
}

/// Checks that each act up to the newest follows from the one before, and tells how many there are.
std::size_t chained(store::Store& store) {
    const auto acts = store::Acts(store).list({});
    REQUIRE(acts);
    auto head = judge::empty_chain();
    std::int64_t number = 0;
    for (const auto& act : *acts) {
        REQUIRE(act.number == ++number);
        head =
            judge::head_after(head, judge::entry_of({act.number, act.at_ms, act.kind, act.hand, act.subject,
                                                     act.object, sha256(as_view(act.document))}));
        REQUIRE(act.head == head.hex());
    }
    CHECK(*store::Acts(store).head() == ActHead{number, head});
    return acts->size();
}

}  // namespace

STORE_TEST(acts_are_chained, "each act is chained to the one before, from the one that began the chain") {
    const auto store = database.open();
    constexpr std::int64_t kLate = 4'000'000'000'000;
    const auto place = written(
        *store, {.kind = store::ActKind::labels_set, .hand = "operator:ada", .subject = "host:web-1"}, kLate);
    CHECK(place.number == 2);
    CHECK(place.at_ms == kLate);
    // The clock went back.
    CHECK(written(*store,
                  {.kind = store::ActKind::labels_set, .hand = "operator:ada", .subject = "host:web-2"}, 1)
              .at_ms == kLate);
    REQUIRE(chained(*store) == 3);
    const auto acts = store::Acts(*store).list({});
    CHECK(acts->front().kind == "chain.begun");
    for (const auto& act : *acts) CHECK(store::Acts(*store).head_at(act.number)->value().hex() == act.head);
    CHECK_FALSE(*store::Acts(*store).head_at(4));
    CHECK(store::Acts(*store).list({.subject = "host:web-2"})->size() == 1);
    CHECK(store::Acts(*store).list({.after = 2})->size() == 1);
}

STORE_TEST(refused_leaves_no_act, "what is refused leaves no act") {
    const auto store = database.open();
    CHECK_FALSE(store->database().write([&](soci::session& sql) -> Result<> {
        store::write_act(sql, {.hand = "verifier", .subject = "chain"}, 1);
        return fail(ErrorCode::conflict, "refused");
    }));
    CHECK(store::Acts(*store).head()->number == 1);
}

STORE_TEST(two_verifiers_write_one_chain, "what two verifiers write at once to one database is one chain") {
    constexpr int kEach = 200;
    const auto one = database.open(), other = database.open();
    std::atomic<int> written = 0;
    std::latch start(2);
    {
        std::vector<std::jthread> writers;
        for (auto* store : {one.get(), other.get()}) {
            writers.emplace_back([&start, &written, store] {
                start.arrive_and_wait();
                for (int i = 0; i < kEach; ++i) {
                    const store::Act act{
                        .kind = store::ActKind::labels_set, .hand = "operator:ada", .subject = "host:web-1"};
                    if (store::Acts(*store).write(act, i)) ++written;
                }
            });
        }
    }
    CHECK(written == 2 * kEach);
    CHECK(chained(*one) == 1 + 2 * kEach);
}
