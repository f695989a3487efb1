#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

constexpr const char* kReceived = "2026-03-02T15:07:00Z";
constexpr const char* kInTime = "2026-03-02T14:06:59Z";
constexpr std::string_view kEvent = "Event of 2026-03-02T14:07:00Z: ";

using Texts = std::vector<std::string>;

// What the first event's verdict says under this id.
Texts texts(const json& world, std::string_view id) {
    Texts out;
    const auto verdict = judged(world).front();
    for (const auto& note : verdict.notes)
        if (note.id == id) out.push_back(note.text);
    return out;
}
void receive(json& input, const std::string& at, const std::string& hand) {
    input["received_at"] = at;
    input["hand"] = hand;
}

json with_order(const std::string& received) {
    auto world = base_world();
    receive(world["orders"]["orders"][0], received, "feed:jira");
    return world;
}

void leave_empty(json& world) {
    world["badges"]["rows"] = json::array();
    world["sessions"]["sessions"] = json::array();
}

// The badge-ins came at 14:31; the feed said at 14:30 that all up to `passed` is there.
json with_rows(const std::string& passed) {
    auto world = base_world();
    auto& badges = world["badges"];
    badges["feeds"][0]["passed"] = {{{"received_at", "2026-03-02T14:30:00Z"}, {"watermark", passed}}};
    for (const auto i : {0, 1}) receive(badges["rows"][i], "2026-03-02T14:31:00Z", "feed:doors");
    return world;
}

json& person(json& world, const std::string& id) {
    for (auto& each : world["directory"]["persons"])
        if (each["id"] == id) return each;
    throw std::runtime_error("nobody is called " + id);
}

json with_escort(const std::string& received) {
    auto world = base_world();
    auto& escort = person(world, "p-esc");
    receive(escort, received, "operator:otto");
    escort["hands"] = {"operator:ada"};
    return world;
}

json single_handed(const std::string& order, const std::string& badge) {
    auto world = with_escort("2026-03-02T13:00:00Z");
    world["policy"]["hands"] = "single";
    receive(world["orders"]["orders"][0], "2026-03-02T13:00:00Z", order);
    receive(world["badges"]["rows"][0], "2026-03-02T13:55:00Z", badge);
    return world;
}

}  // namespace

TEST_CASE("an order received after the event is told with its date, receipt and hand; one in time is not") {
    const Texts said{std::string(kEvent) +
                     "order W-1, dated 2026-03-01T09:00:00Z, was received at 2026-03-02T15:07:00Z by "
                     "feed:jira, 60 min after the event"};
    CHECK(texts(with_order(kReceived), "ORDER_LATE") == said);
    CHECK(texts(with_order(kInTime), "ORDER_LATE").empty());
    SECTION("also where nobody was there, and it covers nothing") {
        auto late = with_order(kReceived);
        leave_empty(late);
        const auto verdict = judged(late).front();
        CHECK(verdict.outcome == Outcome::no_person_known);
        CHECK(texts(late, "ORDER_LATE") == said);
        CHECK(std::ranges::count(verdict.inputs, "feed:jira", &Input::hand) == 1);
        auto honest = with_order(kInTime);
        leave_empty(honest);
        CHECK(judged(honest).front().outcome == Outcome::technician_absent);
        CHECK(texts(honest, "ORDER_LATE").empty());
    }
    SECTION("a change of it by its own date") {
        auto late = base_world();
        receive(late["orders"]["orders"][0]["history"][0], kReceived, "feed:jira");
        CHECK(texts(late, "ORDER_LATE")
                  .at(0)
                  .contains("the change of state of order W-1, dated 2026-03-01T10:00:00Z, was received"));
    }
}

TEST_CASE("badge rows below a passed watermark are one note; above it they are none") {
    const auto said = texts(with_rows("2026-03-02T14:20:00Z"), "ROW_LATE");
    REQUIRE(said.size() == 1);
    CHECK(said[0].starts_with(kEvent));
    for (const auto* row :
         {"badge row 1, dated 2026-03-02T13:50:00Z", "badge row 2, dated 2026-03-02T13:50:30Z"})
        CHECK(said[0].contains(std::string(row) + ", was received at 2026-03-02T14:31:00Z by feed:doors"));
    CHECK(texts(with_rows("2026-03-02T13:49:59Z"), "ROW_LATE").empty());
    SECTION("also where no order covers the event") {
        auto late = with_rows("2026-03-02T14:20:00Z");
        late["orders"]["orders"] = json::array();
        late["sessions"]["sessions"] = json::array();
        CHECK(texts(late, "ROW_LATE") == said);
    }
}

TEST_CASE("what the directory got to know after the event names the entry and who stands behind it") {
    const auto said = texts(with_escort(kReceived), "LATE_DIRECTORY");
    REQUIRE(said.size() == 1);
    CHECK(said[0].starts_with(kEvent));
    CHECK(said[0].contains(
        "the entry of person p-esc was received at 2026-03-02T15:07:00Z by operator:otto, operator:ada"));
    CHECK(texts(with_escort(kInTime), "LATE_DIRECTORY").empty());
}

TEST_CASE("a single-handed site tells each hand behind two sides in one note; of two hands there is none") {
    CHECK(texts(single_handed("operator:otto", "operator:otto"), "SOLE_WORD").size() == 1);
    const auto said = texts(single_handed("operator:otto", "operator:ada"), "SOLE_WORD");
    CHECK(said == Texts{std::string(kEvent) + "operator:ada entered p-esc and delivered badge row onguard/1; "
                                              "operator:otto entered p-esc and delivered order W-1"});
    CHECK(texts(single_handed("feed:jira", "feed:doors"), "SOLE_WORD").empty());
}
