#include "cli/inspect/verdict.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace assay;
using namespace assay::command_line;
using namespace assay::cli;
using Verdict = InspectVerdict::Verdict;

TEST_CASE("an inspection that verified nothing is undecided, also where nothing speaks against it") {
    InspectVerdict answer;
    CHECK(answer.verdict() == Verdict::undecided);
    answer.add("quirk.padding", Verdict::remark, "padded");
    CHECK(answer.verdict() == Verdict::undecided);
    answer.holds("signature");
    CHECK(answer.verdict() == Verdict::valid);
}

TEST_CASE("one reason against outweighs whatever is open, and every reason is kept in its order") {
    InspectVerdict answer;
    answer.holds("signature");
    answer.add("quote.nonce_not_given", Verdict::undecided, "no nonce");
    CHECK(answer.verdict() == Verdict::undecided);
    answer.refuses("quote.pcr_digest_mismatch", "other PCRs");
    answer.add("quirk.padding", Verdict::remark, "padded");
    CHECK(answer.verdict() == Verdict::invalid);
    CHECK(answer.has("quirk.padding"));
    CHECK_FALSE(answer.has("quirk"));
    const auto json = nlohmann::json::parse(answer.json().dump());
    CHECK(json["verdict"] == "invalid");
    REQUIRE(json["reasons"].size() == 3);
    CHECK(json["reasons"][0]["id"] == "quote.nonce_not_given");
    CHECK(json["reasons"][0]["effect"] == "undecided");
    CHECK(json["reasons"][1]["effect"] == "invalid");
    CHECK(json["reasons"][2]["effect"] == "valid");
    CHECK(json["checked"][0] == "signature");
}

TEST_CASE("a verdict has its exit code: 0 valid, 3 invalid, 5 undecided") {
    CHECK(exit_code(Verdict::valid) == ExitCode::done);
    CHECK(exit_code(Verdict::invalid) == ExitCode::contraindicated);
    CHECK(exit_code(Verdict::undecided) == ExitCode::none);
}
