#include "verifier/judge/accompaniment/judging/visitors.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

struct Counted {
    Visitors visitors;
    Condition ratio;
};

// Of the base world's event, after some changes: the escort may take three.
Counted counted(const json& w) {
    const auto world = *read_world(w);
    const auto& event = world.occurrences.front().event;
    const auto& knowledge = *world.knowledge;
    const auto scene = scene_of(event, *knowledge.directory().host(event.host), knowledge, world.now);
    auto visitors = visitors_of(scene);
    const auto& order = knowledge.orders().order("W-1")->versions.back().fields;
    auto ratio = ratio_kept(visitors, scene, order, "p-tech", "p-esc");
    return {std::move(visitors), std::move(ratio)};
}

json& badged(json& w, const std::string& credential, const std::string& clock, bool in = true) {
    w["badges"]["rows"].push_back({{"source", "onguard"},
                                   {"event_id", credential + clock},
                                   {"credential", credential},
                                   {"reader", in ? "r-1-in" : "r-1-out"},
                                   {"direction", in ? "in" : "out"},
                                   {"occurred_at", "2026-03-02T" + clock + "Z"}});
    return w["badges"]["rows"].back();
}

// So many who came with the technician, by their badges.
json with_visitors(int count) {
    auto w = base_world();
    for (int i = 0; i < count; ++i) {
        const auto badge = fmt::format("b-visitor-{}", i);
        w["directory"]["persons"].push_back(
            {{"id", fmt::format("p-visitor-{}", i)}, {"employer", "vendor"}, {"credentials", {badge}}});
        badged(w, badge, fmt::format("13:52:{:02}", i));
    }
    return w;
}

void signs_at(json& w, const std::string& host) {
    auto session = w["sessions"]["sessions"][0];
    session["id"] = "s-2";
    session["host"] = host;
    session["technician"]["key"] = "k-tech2";
    w["sessions"]["sessions"].push_back(session);
}

}  // namespace

TEST_CASE("who badged in counts for the ratio, signed or not") {
    CHECK(counted(with_visitors(2)).ratio.value == Tri::yes);
    const auto one_more = counted(with_visitors(3));
    CHECK(one_more.ratio.value == Tri::no);
    CHECK(one_more.visitors.sure.size() == 4);
    CHECK(one_more.visitors.escorts == std::set<std::string>{"p-esc"});
}

TEST_CASE("who signed in the room and never badged in counts, too; who signed in another room does not") {
    auto w = with_visitors(2);
    signs_at(w, "h-b08");
    CHECK(counted(w).visitors.sure.contains("p-tech2"));
    CHECK(counted(w).ratio.value == Tri::no);
    auto next_room = with_visitors(2);
    signs_at(next_room, "h-c01");
    CHECK_FALSE(counted(next_room).visitors.sure.contains("p-tech2"));
    CHECK(counted(next_room).ratio.value == Tri::yes);
}

TEST_CASE("who signed and then left by a door is gone") {
    auto w = with_visitors(2);
    signs_at(w, "h-b08");
    badged(w, "b-tech2", "13:52:30");
    CHECK(counted(w).ratio.value == Tri::no);
    badged(w, "b-tech2", "14:03:00", false);
    CHECK(counted(w).ratio.value == Tri::yes);
}

TEST_CASE("who may be there alone is no visitor") {
    auto w = with_visitors(2);
    badged(w, "b-staff", "13:53:00");
    CHECK(counted(w).ratio.value == Tri::yes);
    CHECK(counted(w).visitors.sure == std::set<std::string>{"p-tech", "p-visitor-0", "p-visitor-1"});
}

TEST_CASE("a badge of nobody may be one too many: not known") {
    auto w = with_visitors(2);
    badged(w, "b-nobody", "13:53:00");
    const auto strange = counted(w);
    CHECK(strange.visitors.perhaps == std::set<std::string>{"badge b-nobody"});
    CHECK(strange.ratio.value == Tri::unknown);
    CHECK(strange.ratio.cause == Cause::data);
    auto fewer = with_visitors(1);
    badged(fewer, "b-nobody", "13:53:00");
    CHECK(counted(fewer).ratio.value == Tri::yes);
}

TEST_CASE("a second escort who is there takes theirs; one who is not takes nobody") {
    auto w = with_visitors(3);
    badged(w, "b-esc2", "13:53:00");
    CHECK(counted(w).ratio.value == Tri::yes);  // three and one
    auto more = with_visitors(4);
    badged(more, "b-esc2", "13:53:00");
    CHECK(counted(more).ratio.value == Tri::no);
    badged(w, "b-esc2", "13:58:00", false);
    CHECK(counted(w).ratio.value == Tri::no);
    auto vendors = with_visitors(3);
    badged(vendors, "b-vesc", "13:53:00");  // of the technician's house
    CHECK(counted(vendors).ratio.value == Tri::no);
}

TEST_CASE("what the directory was told after the event makes no ratio kept") {
    const auto known_from = [](const std::string& id, const json& before, const std::string& clock) {
        auto w = with_visitors(2);
        auto& persons = w["directory"]["persons"];
        for (std::size_t i = 0; i < persons.size(); ++i) {
            if (persons[i]["id"] != id) continue;
            auto old = persons[i];
            old.update(before);
            old["until"] = persons[i]["received_at"] = "2026-03-02T" + clock + "Z";
            persons.push_back(old);
            break;
        }
        return w;
    };
    const json one_only = {{"escort_ratio", 1}};
    CHECK(counted(known_from("p-esc", one_only, "14:07:00")).ratio.value == Tri::yes);
    const auto late = counted(known_from("p-esc", one_only, "14:07:01")).ratio;
    CHECK(late.value == Tri::unknown);
    CHECK(late.cause == Cause::late);
    // A third visitor who may be there alone: as the directory said then, or since only.
    const auto staff_since = [&](const std::string& clock) {
        auto w = known_from("p-staff", {{"unescorted_zones", json::array()}}, clock);
        badged(w, "b-staff", "13:53:00");
        return counted(w);
    };
    CHECK(staff_since("14:07:00").ratio.value == Tri::yes);
    CHECK(staff_since("14:07:01").visitors.perhaps.contains("p-staff"));
    CHECK(staff_since("14:07:01").ratio.value == Tri::unknown);
}

TEST_CASE("a badge-out that came late takes no visitor out of the ratio") {
    const auto out_received = [](const std::string& clock) {
        auto w = with_visitors(3);
        w["badges"]["feeds"][0]["passed"] = {
            {{"received_at", "2026-03-02T14:30:00Z"}, {"watermark", "2026-03-02T14:20:00Z"}}};
        badged(w, "b-visitor-0", "14:02:00", false)["received_at"] = "2026-03-02T" + clock + "Z";
        return counted(w).ratio;
    };
    CHECK(out_received("14:30:00").value == Tri::yes);
    CHECK(out_received("14:30:01").value == Tri::unknown);
    CHECK(out_received("14:30:01").cause == Cause::late);
}
