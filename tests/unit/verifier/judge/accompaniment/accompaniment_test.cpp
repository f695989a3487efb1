#include "verifier/judge/accompaniment/accompaniment.h"

#include <catch2/catch.hpp>

using namespace assay;
using accompaniment::by_session;

namespace {
WorkSession session(std::string id, std::string host, std::int64_t from, std::optional<std::int64_t> to) {
    return {std::move(id), std::move(host), "WO-1", "tech", "escort", from, to};
}
}  // namespace

TEST_CASE("an insertion within a session of its host is accompanied, both ends included") {
    const std::vector sessions{session("s", "rack-7", 1000, 2000)};
    for (const std::int64_t ms : {1'000'000, 1'500'000, 2'000'999}) {
        const auto verdict = by_session("rack-7", {ms, ms}, sessions);
        CHECK(verdict.accompanied);
        CHECK(verdict.session == "s");
    }
}

TEST_CASE("an insertion outside every session is not accompanied, and the nearest miss is told") {
    const std::vector sessions{session("s", "rack-7", 1000, 2000)};
    CHECK(by_session("rack-7", {999'999, 999'999}, sessions).reason == "the first session began 1 s later");
    CHECK(by_session("rack-7", {2'060'000, 2'060'000}, sessions).reason ==
          "the last session ended 60 s before");
    CHECK_FALSE(by_session("rack-7", {999'999, 999'999}, sessions).accompanied);
    CHECK_FALSE(by_session("rack-7", {2'060'000, 2'060'000}, sessions).accompanied);
}

TEST_CASE("a session of another host covers nothing, and an open one covers all that follows") {
    CHECK_FALSE(
        by_session("rack-7", {1'500'000, 1'500'000}, {session("s", "rack-8", 1000, 2000)}).accompanied);
    CHECK(by_session("rack-7", {9'000'000, 9'000'000}, {session("s", "rack-7", 1000, {})}).accompanied);
    CHECK(by_session("rack-7", {9'000'000, 9'000'000}, {}).reason == "no session of this host");
}

TEST_CASE("a time before 1970 is covered by nothing") {
    CHECK_FALSE(by_session("rack-7", {-1, -1}, {session("s", "rack-7", -5000, {})}).accompanied);
}

TEST_CASE("what happened at some moment of a span is accompanied only if one session covers all of it") {
    const std::vector sessions{session("a", "rack-7", 1000, 2000), session("b", "rack-7", 1900, 3000)};
    CHECK(by_session("rack-7", {1'000'000, 2'000'999}, sessions).session == "a");
    CHECK(by_session("rack-7", {1'900'000, 2'500'000}, sessions).session == "b");
    for (const accompaniment::Span span : {accompaniment::Span{999'999, 1'500'000},
                                           {1'500'000, 2'500'000},
                                           {2'500'000, 3'001'000},
                                           {-1, 1'500'000}})
        CHECK_FALSE(by_session("rack-7", span, sessions).accompanied);
    CHECK(by_session("rack-7", {999'999, 1'500'000}, sessions).reason ==
          "a session covers a part of the time in which it may have happened");
    CHECK(by_session("rack-7", {100'000, 999'999}, sessions).reason == "the first session began 1 s later");
    CHECK(by_session("rack-7", {3'060'000, 9'000'000}, sessions).reason ==
          "the last session ended 60 s before");
}

TEST_CASE("a session without an escort, or with the technician as one, covers nothing, and says so") {
    auto alone = session("s", "rack-7", 1000, 2000);
    for (const auto* escort : {"", "tech"}) {
        alone.escort = escort;
        const auto cover = by_session("rack-7", {1'500'000, 1'500'000}, {alone});
        CHECK_FALSE(cover.accompanied);
        CHECK(cover.reason == "session s names no escort but the technician");
        // Another one still covers it.
        CHECK(
            by_session("rack-7", {1'500'000, 1'500'000}, {alone, session("t", "rack-7", 1200, {})}).session ==
            "t");
    }
    CHECK(by_session("rack-7", {2'060'000, 2'060'000}, {alone}).reason ==
          "the last session ended 60 s before");
}

TEST_CASE("of sessions that cover an event a listed one counts, and an unlisted one says who opened it") {
    auto unlisted = session("a", "rack-7", 1000, 2000);
    unlisted.unlisted = "operator:dora";
    const auto cover = by_session("rack-7", {1'500'000, 1'500'000}, {unlisted});
    CHECK(cover.accompanied);
    CHECK(cover.unlisted == "operator:dora");
    const auto listed =
        by_session("rack-7", {1'500'000, 1'500'000}, {unlisted, session("b", "rack-7", 1200, {}), unlisted});
    CHECK(listed.session == "b");
    CHECK(listed.unlisted.empty());
}
