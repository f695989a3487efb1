#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

constexpr const char* kEvent = "2026-03-02T14:07:00Z";
constexpr Millis kMinute = 60'000;
constexpr std::uint32_t kWorlds = 400;

Millis event_at() {
    return *parse_instant(kEvent);
}

DeviceEvent event(Millis bound = 0) {
    DeviceEvent out;
    out.time = {event_at(), event_at()};
    out.clock_bound = bound;
    return out;
}

// An order of export `number`, received so many minutes after the event, with one version.
WorkOrder order(Millis minutes, std::optional<std::int64_t> number) {
    const Receipt receipt{event_at() + minutes * kMinute, "feed:jira"};
    OrderVersion version;
    version.fields.issuer = "dc-ops";
    version.receipt = receipt;
    WorkOrder out;
    out.versions = {version};
    out.receipt = receipt;
    out.export_number = number;
    return out;
}

Policy batches(Millis minutes) {
    Policy out;
    out.issuers = {AllowedIssuer{"dc-ops", minutes * kMinute}, AllowedIssuer{"at-once", 0}};
    return out;
}

OrderExport exported(std::int64_t number, Millis minutes, std::string hand = "feed:jira") {
    return {std::move(hand), number, event_at() + minutes * kMinute};
}

bool counts(const WorkOrder& order, const std::vector<OrderExport>& exports, Millis batch = 60) {
    return known_versions(order, order_deadline(event(), order, batches(batch), exports)).size() ==
           order.versions.size();
}

// A1 for the first event and its order.
Condition a1(const json& world) {
    const auto asked = read_world(world);
    if (!asked) throw std::runtime_error(asked.error().context);
    const auto& knowledge = *asked->knowledge;
    const auto& at = asked->occurrences.front().event;
    const auto* order = knowledge.orders().order("W-1");
    return validity_of(*order, at.time.widened(at.clock_bound), "", knowledge.directory(), knowledge.policy(),
                       knowledge.orders_watermark(), knowledge.as_of(at, *order))
        .condition;
}

int rank(Tri value) {
    return value == Tri::no ? 0 : value == Tri::unknown ? 1 : 2;
}

// The order and each of its changes, received so many seconds after the event.
void receive(json& world, Dice& dice, std::int64_t least, std::int64_t most) {
    auto& one = world["orders"]["orders"][0];
    const auto set = [&](json& input) {
        const auto before = input.contains("received_at") ? input["received_at"] : json(kEvent);
        input["received_at"] = later(before, dice.number(least, most));
    };
    set(one);
    for (auto& change : one["history"]) set(change);
}

}  // namespace

TEST_CASE("an order counts up to the event and the host clock's bound") {
    CHECK(order_deadline(event(), order(0, {}), batches(0), {}) == event_at());
    CHECK(order_deadline(event(kMinute), order(0, {}), batches(0), {}) == event_at() + kMinute);
    CHECK(counts(order(0, {}), {}));
    CHECK_FALSE(counts(order(1, {}), {}));
}

TEST_CASE(
    "of an issuer that delivers in batches it counts that much later, if no export before it is missing") {
    CHECK(counts(order(60, 42), {exported(41, -10), exported(42, 60)}));
    CHECK_FALSE(counts(order(61, 42), {exported(41, -10), exported(42, 61)}));
    CHECK_FALSE(counts(order(60, 42), {exported(41, -10), exported(42, 60)}, 0));
    CHECK(counts(order(60, 42), {exported(42, 60)}));  // the first that is known of the hand
    CHECK_FALSE(counts(order(50, 42), {exported(40, -10), exported(42, 50)}));
    CHECK_FALSE(counts(order(50, 42), {exported(40, -10), exported(41, 51), exported(42, 50)}));
    CHECK_FALSE(counts(order(50, 42), {exported(41, 51), exported(42, 50)}));
    CHECK(counts(order(50, 42), {exported(41, 50), exported(42, 50), exported(44, 51)}));
    CHECK_FALSE(counts(order(50, 42), {exported(41, -10)}));
    CHECK_FALSE(counts(order(50, {}), {exported(41, -10), exported(42, 50)}));
    CHECK_FALSE(counts(order(50, 42), {}));
    CHECK_FALSE(counts(order(50, 42), {exported(42, 50, "feed:other")}));
    CHECK_FALSE(counts(order(50, 42), {exported(INT64_MAX, 50)}));
}

TEST_CASE("an order that ever named an issuer without batches is never a batch") {
    auto moved = order(50, 42);
    moved.versions.push_back(moved.versions[0]);
    CHECK(counts(moved, {exported(42, 50)}));
    moved.versions[0].fields.issuer = "at-once";
    CHECK_FALSE(counts(moved, {exported(42, 50)}));
    moved.versions[0].fields.issuer = "not-listed";
    CHECK_FALSE(counts(moved, {exported(42, 50)}));
}

TEST_CASE("a version says what those before it changed: none is known behind one that is not") {
    auto three = order(-30, {});
    three.versions.resize(3, three.versions[0]);
    three.versions[1].receipt.at = event_at() + 1;
    CHECK(known_versions(three, event_at()).size() == 1);
    CHECK(known_versions(three, event_at() + 1).size() == 3);
    CHECK(known_versions(three, event_at() - 31 * kMinute).empty());
}

TEST_CASE("what was received in time changes no condition; what is received later never makes A1 better") {
    std::size_t late = 0;
    std::size_t good = 0;
    for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        const auto read = read_world(w);
        if (!read || read->occurrences.empty()) continue;
        INFO("seed " << seed);
        const auto plain = a1(w);
        auto in_time = w;
        // Before any event that a change may have moved, and beyond each clock's bound.
        receive(in_time, dice, -86'400, -7200);
        REQUIRE(a1(in_time) == plain);
        auto before = plain;
        for (int i = 0; i < 3; ++i) {
            if (i == 0)
                receive(w, dice, -3600, 1200);
            else
                receive(w, dice, 0, 1200);
            const auto after = a1(w);
            INFO(before.reason << " -> " << after.reason);
            REQUIRE(rank(after.value) <= rank(before.value));
            if (rank(after.value) < rank(before.value)) ++late;
            before = after;
        }
        if (before.value == Tri::yes) ++good;
    }
    CHECK(late > kWorlds / 10);
    CHECK(good > kWorlds / 100);
}
