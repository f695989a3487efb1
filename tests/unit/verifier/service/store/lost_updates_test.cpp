#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace assay::store;
using namespace builders;

namespace {

constexpr int kRacers = 6;
constexpr int kRounds = 10;

/// All at the same moment.
void race(int racers, const std::function<void(int)>& run) {
    std::latch start(racers);
    std::vector<std::jthread> threads;
    for (int i = 0; i < racers; ++i) {
        threads.emplace_back([&start, &run, i] {
            start.arrive_and_wait();
            run(i);
        });
    }
}

SiteDocument draft(const std::string& id, const std::string& text, std::int64_t made_from) {
    return {.kind = "session-draft",
            .id = id,
            .digest = digest_of(text),
            .document = text,
            .stored_at = kNow,
            .made_from = made_from};
}

SiteDocument newest(Store& store, const std::string& id) {
    const auto found = store::SiteDocuments(store).list({.kind = "session-draft", .id = id});
    return found && !found->empty() ? found->front() : SiteDocument();
}

}  // namespace

STORE_TEST(compare_and_swap, "a document that was made from another than the newest is not stored") {
    const auto store = database.open();
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "a", 0)}) == 1);
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "b", 0)}).error().refused == Refused::moved);
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "b", 1)}) == 1);
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "c", 1)}).error().refused == Refused::moved);
    REQUIRE(newest(*store, "s1").document == "b");
    auto whatever = draft("s1", "d", 0);
    whatever.made_from.reset();
    REQUIRE(store::SiteDocuments(*store).put({whatever}) == 1);
    REQUIRE(newest(*store, "s1").number == 3);
}

STORE_TEST(all_or_none, "of documents that are stored together none is, where one of them has moved") {
    const auto store = database.open();
    REQUIRE(store::SiteDocuments(*store).put({draft("s2", "a", 0)}) == 1);
    const auto refused = store::SiteDocuments(*store).put({draft("s1", "b", 0), draft("s2", "b", 0)});
    REQUIRE(refused.error().refused == Refused::moved);
    REQUIRE(newest(*store, "s1").number == 0);
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "b", 0), draft("s2", "b", 1)}) == 2);
}

STORE_TEST(lost_update, "of changes to one document that race, none is lost") {
    const auto store = database.open();
    for (int round = 0; round < kRounds; ++round) {
        const auto id = "s" + std::to_string(round);
        std::atomic<int> failed = 0;
        race(kRacers, [&](int i) {
            for (;;) {
                const auto before = newest(*store, id);
                const auto text = before.document + static_cast<char>('a' + i);
                const auto put = store::SiteDocuments(*store).put({draft(id, text, before.number)});
                if (put) return;
                if (put.error().refused != Refused::moved) {
                    ++failed;
                    return;
                }
            }
        });
        REQUIRE(failed == 0);
        auto letters = newest(*store, id).document;
        std::ranges::sort(letters);
        REQUIRE(letters == "abcdef");
        REQUIRE(newest(*store, id).number == kRacers);
    }
}

STORE_TEST(unconditional,
           "documents that take each other's place at the same moment are all kept, in one order") {
    const auto store = database.open();
    for (int round = 0; round < kRounds; ++round) {
        const auto id = "s" + std::to_string(round);
        std::atomic<int> stored = 0;
        race(kRacers, [&](int i) {
            // Each beside one that all of them want too, named in another order.
            auto mine = draft(id, std::to_string(i), 0), beside = draft(id + "b", std::to_string(i), 0);
            mine.made_from.reset();
            beside.made_from.reset();
            const auto put = store::SiteDocuments(*store).put(i % 2 == 0 ? std::vector{mine, beside}
                                                                         : std::vector{beside, mine});
            if (put == 2) ++stored;
        });
        REQUIRE(stored == kRacers);
        REQUIRE(newest(*store, id).number == kRacers);
        REQUIRE(store::SiteDocuments(*store)
                    .list({.kind = "session-draft", .id = id, .all_numbers = true})
                    ->size() == kRacers);
    }
}

STORE_TEST(closing, "a session is closed with the documents that say so, or not at all") {
    const auto store = database.open();
    REQUIRE(store::WorkSessions(*store).add({"s1", "web-1", "WO-1", "Tess", "Ed", kNow, {}}, "alice"));
    REQUIRE(store::SiteDocuments(*store).put({draft("s1", "open", 0)}));
    const auto late = store::WorkSessions(*store).close("s1", "bob", kNow + 1, {draft("s1", "closed", 0)});
    REQUIRE(late.error().refused == Refused::moved);
    REQUIRE_FALSE(store::WorkSessions(*store).find("s1")->closed_at);
    REQUIRE(store::WorkSessions(*store).close("s1", "bob", kNow + 1, {draft("s1", "closed", 1)}));
    REQUIRE(store::WorkSessions(*store).find("s1")->closed_at == kNow + 1);
    const auto again = store::WorkSessions(*store).close("s1", "bob", kNow + 2, {draft("s1", "again", 2)});
    REQUIRE(again.error().code == ErrorCode::conflict);
    REQUIRE_FALSE(again.error().refused);
    REQUIRE(newest(*store, "s1").document == "closed");
}

STORE_TEST(attested_documents, "an attestation that changes a document which has moved is refused whole") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "t1", identity("web-1", "tpm-1", "ak-1")));
    REQUIRE(store::SiteDocuments(*store).put({draft("web-1/s", "a", 0)}));
    auto late = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    late.events = {draft("web-1/s", "b", 0)};
    REQUIRE(store::Attestations(*store).add(late).error().refused == Refused::moved);
    REQUIRE(store::Attestations(*store).nonce_used(late.evidence.nonce) == false);
    REQUIRE(store::Hosts(*store).find("web-1")->revision == 0);
    late.events = {draft("web-1/s", "b", 1)};
    REQUIRE(store::Attestations(*store).add(late));
    REQUIRE(newest(*store, "web-1/s").document == "b");
}

STORE_TEST(labels_race, "labels that are set at the same moment are one of the two, never a mixture") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "t1", identity("web-1", "tpm-1", "ak-1")));
    for (int round = 0; round < kRounds; ++round) {
        REQUIRE(store::Hosts(*store).set_labels("web-1", {{}, "ada", kNow}));
        std::atomic<int> set = 0;
        race(kRacers, [&](int i) {
            const auto name = std::string(1, static_cast<char>('a' + i));
            if (store::Hosts(*store).set_labels("web-1", {{{name, "1"}, {"same", name}}, "ada", kNow})) ++set;
        });
        REQUIRE(set == kRacers);
        const auto labels = store::Hosts(*store).labels("web-1")->labels;
        REQUIRE(labels.size() == 2);
        REQUIRE(labels.contains(labels.at("same")));
    }
}

STORE_TEST(endorsements_race, "endorsements that are given at the same moment are all kept") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "t1", identity("web-1", "tpm-1", "ak-1")));
    std::atomic<int> given = 0;
    race(kRacers, [&](int i) {
        for (int n = 0; n < kRounds; ++n) {
            Delivery delivery;
            delivery.source = "as-built list";
            delivery.digest = digest_of(std::to_string(i));
            delivery.at = kNow;
            if (store::Hosts(*store).add_endorsement({"web-1", "ek", delivery, {}})) ++given;
        }
    });
    REQUIRE(given == kRacers * kRounds);
    REQUIRE(database.number("SELECT COUNT(*) FROM endorsements") == kRacers * kRounds);
    REQUIRE(database.number("SELECT MAX(number) FROM endorsements") == kRacers * kRounds);
}

STORE_TEST(orders_race, "of replacements that are ordered at the same moment one is pending") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "t1", identity("web-1", "tpm-1", "ak-1")));
    for (int round = 0; round < kRounds; ++round) {
        std::atomic<int> ordered = 0;
        race(kRacers, [&](int i) {
            Replacement order;
            order.id = std::to_string(round) + "/" + std::to_string(i);
            order.host = "web-1";
            order.ordered_at = kNow;
            order.expires_at = kNow + 3600;
            if (store::Replacements(*store).order(order)) ++ordered;
        });
        REQUIRE(ordered == kRacers);
        REQUIRE(database.number("SELECT COUNT(*) FROM replacements WHERE done_at = 0 AND expires_at > " +
                                std::to_string(kNow)) == 1);
    }
}

STORE_TEST(refusals_race, "refusals of one applicant at the same moment are all counted") {
    const auto store = database.open();
    for (int round = 0; round < kRounds; ++round) {
        const Refusal refusal{.host = "web-1",
                              .asked_name = std::to_string(round),
                              .kind = "admission.second_tpm",
                              .ek_digest = "e",
                              .ak_digest = "a",
                              .expected = {},
                              .actual = {},
                              .first_at = kNow,
                              .last_at = kNow};
        race(kRacers, [&](int) { (void)store::Refusals(*store).add({refusal}); });
    }
    REQUIRE(database.number("SELECT MIN(times) FROM refusals") == kRacers);
}
