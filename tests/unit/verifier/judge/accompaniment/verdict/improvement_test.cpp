#include "verifier/judge/accompaniment/verdict/improvement.h"

#include <catch2/catch.hpp>

using namespace assay::accompaniment;

namespace {

Improved told(Outcome outcome, std::optional<int> row, Severity severity) {
    return {.version = 3,
            .outcome = outcome,
            .row = row,
            .severity = severity,
            .at = 1000,
            .inputs = {{"event", "e1", "aa"}, {"directory", "", "bb"}}};
}

Verdict verdict(Outcome outcome, std::optional<int> row, Severity severity) {
    Verdict out;
    out.outcome = outcome;
    out.row = row;
    out.severity = severity;
    out.inputs = {{"directory", "", "cc"}, {"event", "e1", "aa"}, {"order", "W-1", "dd", "feed:jira", 900}};
    return out;
}

}  // namespace

TEST_CASE("a verdict that leaves rows 3 to 11, or was high, for a better one says which inputs are new") {
    const auto now = verdict(Outcome::accompanied, 16, Severity::info);
    const auto better = improvement(told(Outcome::unaccompanied, 5, Severity::high), now);
    REQUIRE(better);
    CHECK(better->version == 3);
    CHECK(better->outcome == Outcome::unaccompanied);
    CHECK(better->at == 1000);
    REQUIRE(better->inputs.size() == 2);
    CHECK(better->inputs[1].hand == "feed:jira");
    CHECK(improvement(told(Outcome::unaccompanied, 15, Severity::high), now));  // unproven
    CHECK(improvement(told(Outcome::wrong_asset, 6, Severity::medium), now));   // never authorised
    CHECK(improvement(told(Outcome::unknown_asset, {}, Severity::high), now));
}

TEST_CASE("leaving those rows for one that is as severe is better, too") {
    const auto before = told(Outcome::unaccompanied, 11, Severity::high);
    CHECK(improvement(before, verdict(Outcome::unaccompanied, 15, Severity::high)));
    CHECK_FALSE(improvement(before, verdict(Outcome::unaccompanied, 15, Severity::critical)));
    CHECK_FALSE(improvement(before, verdict(Outcome::invalid_order, 7, Severity::high)));
}

TEST_CASE("what was no incident, and what became worse, is no improvement") {
    const auto now = verdict(Outcome::accompanied, 16, Severity::info);
    CHECK_FALSE(improvement(told(Outcome::undetermined, 15, Severity::medium), now));
    CHECK_FALSE(improvement(told(Outcome::unattested, 12, Severity::medium), now));
    CHECK_FALSE(improvement(told(Outcome::unaccompanied, 5, Severity::high),
                            verdict(Outcome::no_person_known, 4, Severity::critical)));
}
