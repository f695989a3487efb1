#include "evidence/certificate/validity.h"

#include <catch2/catch.hpp>

using namespace assay::tcg;

namespace {

constexpr std::int64_t kBegin = 1'700'000'000;
constexpr std::int64_t kValidDay = 24LL * 3600;
constexpr Validity kTwoYears{kBegin, kBegin + 730 * kValidDay};

std::int64_t days_before_the_end(std::int64_t days) {
    return kTwoYears.not_after - days * kValidDay;
}

}  // namespace

TEST_CASE("an end is near from 60, 30 and 7 days on, and a certificate is good through its last second") {
    CHECK(nearness(kTwoYears, days_before_the_end(60) - 1) == Nearness::far);
    CHECK(nearness(kTwoYears, days_before_the_end(60)) == Nearness::within_60_days);
    CHECK(nearness(kTwoYears, days_before_the_end(30) - 1) == Nearness::within_60_days);
    CHECK(nearness(kTwoYears, days_before_the_end(30)) == Nearness::within_30_days);
    CHECK(nearness(kTwoYears, days_before_the_end(7) - 1) == Nearness::within_30_days);
    CHECK(nearness(kTwoYears, days_before_the_end(7)) == Nearness::within_7_days);
    CHECK(nearness(kTwoYears, kTwoYears.not_after) == Nearness::within_7_days);
    CHECK(nearness(kTwoYears, kTwoYears.not_after + 1) == Nearness::ended);
    CHECK(nearness(kTwoYears, kBegin - 1) == Nearness::to_come);
    CHECK(nearness(kTwoYears, kBegin) == Nearness::far);
}

TEST_CASE("the end is told in days and as a time") {
    CHECK(validity_words(kTwoYears, days_before_the_end(9)) == "ends in 9 days, at 2025-11-13 22:13:20Z");
    CHECK(validity_words(kTwoYears, days_before_the_end(1)) == "ends in 1 day, at 2025-11-13 22:13:20Z");
    CHECK(validity_words(kTwoYears, days_before_the_end(-1)) == "ended at 2025-11-13 22:13:20Z");
    CHECK(validity_words(kTwoYears, kBegin - 1) == "is valid only from 2023-11-14 22:13:20Z on");
    CHECK(time_text(kBegin) == "2023-11-14T22:13:20Z");
}

TEST_CASE("a reminder speaks when the end is nearer than it was, then once a day, and not of what is far") {
    Reminder reminder;
    CHECK_FALSE(reminder.due(kTwoYears, days_before_the_end(100)));
    CHECK(reminder.due(kTwoYears, days_before_the_end(60)));
    CHECK_FALSE(reminder.due(kTwoYears, days_before_the_end(60) + kValidDay - 1));
    CHECK(reminder.due(kTwoYears, days_before_the_end(59)));
    CHECK(reminder.due(kTwoYears, days_before_the_end(30)));
    CHECK(reminder.due(kTwoYears, days_before_the_end(7)));
    CHECK(reminder.due(kTwoYears, kTwoYears.not_after + 1));
    CHECK_FALSE(reminder.due(kTwoYears, kTwoYears.not_after + 2));
}

TEST_CASE("a renewed certificate ends the reminders, and a clock that was set back does not silence them") {
    Reminder reminder;
    CHECK(reminder.due(kTwoYears, days_before_the_end(5)));
    CHECK_FALSE(reminder.due({kBegin, kBegin + 1460 * kValidDay}, days_before_the_end(5)));
    CHECK(reminder.due(kTwoYears, days_before_the_end(5)));
    CHECK(reminder.due(kTwoYears, days_before_the_end(6)));
}
