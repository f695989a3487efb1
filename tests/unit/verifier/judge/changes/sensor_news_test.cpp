#include "verifier/judge/changes/sensor_news.h"

#include <catch2/catch.hpp>

namespace assay::judge {
namespace {

const ChangeSpan kReports{1'000'000, 1'000'300};
const IntrusionSensor kLid{"nct6779/intrusion0_alarm", true};
const IntrusionSensor kRear{"nct6779/intrusion1_alarm", false};

}  // namespace

TEST_CASE("a chassis sensor that is left out is told, with what it said last", "[changes]") {
    const auto news = sensor_news({kLid, kRear}, {kRear}, kReports);
    REQUIRE(news.size() == 1);
    CHECK(news[0].told.id == "part.gone");
    CHECK(news[0].told.kind == ChangeKind::part);
    CHECK(news[0].told.subject == "chassis sensor nct6779/intrusion0_alarm");
    CHECK(news[0].told.expected == "alarm, as in the report before");
    CHECK(news[0].told.actual == "nothing");
    CHECK(news[0].told.where == "chassis; between 1970-01-12 13:46:40Z and 1970-01-12 13:51:40Z");
    CHECK(sensor_news({kLid, kRear}, {}, kReports).size() == 2);
}

TEST_CASE("sensors that are still told of are no news, whatever they say, and neither is a new one",
          "[changes]") {
    auto reset = kLid;
    reset.alarm = false;
    CHECK(sensor_news({kLid}, {kRear, reset}, kReports).empty());
    CHECK(sensor_news({}, {kLid}, kReports).empty());
}

TEST_CASE("what a sensor said last makes another change of it, and what is beyond the bound is counted",
          "[changes]") {
    auto quiet = kLid;
    quiet.alarm = false;
    CHECK(sensor_news({kLid}, {}, kReports)[0].told.before !=
          sensor_news({quiet}, {}, kReports)[0].told.before);
    std::vector<IntrusionSensor> many;
    for (std::size_t i = 0; i < kChangesOfAnId + 3; ++i) many.push_back({std::to_string(i), true});
    const auto news = sensor_news(many, {}, kReports);
    REQUIRE(news.size() == kChangesOfAnId + 1);
    CHECK(news.back().told.actual == "3 more changes of this kind");
}

}  // namespace assay::judge
