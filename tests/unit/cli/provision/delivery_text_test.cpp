#include "cli/provision/delivery_text.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "cli/provision/delivery_answers.h"
#include "cli/provision/delivery_sheet.h"
#include "tests/unit/cli/provision/deliveries.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::cli::deliveries;

namespace {

Standing running() {
    return {.now = kStart + 60,
            .looked_at = kStart + 60,
            .silent_verifier = "",
            .silent_since = 0,
            .ended = false};
}

Standing ended() {
    auto standing = running();
    standing.ended = true;
    return standing;
}

/// rack-0 and on: NO GO, then GO, and the last was never seen.
Delivery rack(std::size_t servers) {
    std::vector<std::string> names;
    std::vector<HostSeen> hosts;
    for (std::size_t i = 0; i < servers; ++i) {
        names.push_back("rack-" + std::to_string(i));
        if (i + 1 != servers)
            hosts.push_back(attested(names.back(), i == 0 ? Tier::contraindicated : Tier::affirming));
    }
    auto delivery = watched(names);
    hear(delivery, look(hosts));
    return delivery;
}

SheetHead sheet_head() {
    return {.list = "purchase.csv", .list_digest = std::string(64, 'c'), .verifier = "https://v:8443"};
}

}  // namespace

TEST_CASE("the screen has a row a server with verdict and reason, and below it how far it is") {
    const auto text = screen_text(rack(3), running(), {});
    CHECK(holds(text, "SERVER  TPM           STATE     VERDICT  SINCE                 REASON\n"));
    CHECK(holds(text, "rack-0  " + bought_digest("rack-0").substr(0, 12) +
                          "  attested  NO GO    2026-11-22 10:42:27Z"));
    CHECK(holds(text, "rack-2  " + bought_digest("rack-2").substr(0, 12) + "  expected  -        -"));
    CHECK(holds(
        text, "2 of 3 servers have their verdict, 1 GO, 1 NO GO, 1 expected; looked 2026-11-22 10:43:25Z\n"));
    CHECK_FALSE(holds(text, "\x1b"));
}

TEST_CASE("at the end a server that never came says expected, not seen, and cannot tell") {
    const auto delivery = rack(2);
    CHECK(holds(screen_text(delivery, ended(), {}), "expected, not seen  CANNOT TELL"));
    CHECK(row_line(delivery.rows()[1], ended()) ==
          "2026-11-22 10:43:25Z  rack-1  expected, not seen  CANNOT TELL");
    CHECK(row_line(delivery.rows()[1], running()) == "2026-11-22 10:43:25Z  rack-1  expected  -");
}

TEST_CASE("forty servers are one screen, and a smaller one keeps those that want a person") {
    const auto delivery = rack(40);
    CHECK(lines_on_screen(screen_text(delivery, running(), {.width = 120, .height = 49, .colours = true}),
                          120) == 42);
    const auto small = screen_text(delivery, running(), {.width = 100, .height = 20, .colours = false});
    CHECK(lines_on_screen(small, 100) <= 20);
    CHECK(holds(small, "rack-0 "));
    CHECK(holds(small, "NO GO"));
    CHECK(holds(small, "rack-39 "));
    CHECK(holds(small, "more that want nobody as much"));
    CHECK(lines_on_screen(screen_text(delivery, running(), {.width = 100, .height = 3, .colours = false}),
                          100) < 8);
}

TEST_CASE("colours are on verdicts alone, and move no column") {
    auto plain = screen_text(rack(3), running(), {.width = 120, .height = 49, .colours = false});
    auto painted = screen_text(rack(3), running(), {.width = 120, .height = 49, .colours = true});
    CHECK(holds(painted, "\x1b[31mNO GO\x1b[0m"));
    CHECK(holds(painted, "\x1b[32mGO\x1b[0m"));
    for (const std::string code : {"\x1b[31m", "\x1b[32m", "\x1b[0m"})
        for (auto at = painted.find(code); at != std::string::npos; at = painted.find(code))
            painted.erase(at, code.size());
    CHECK(painted == plain);
}

TEST_CASE("lines are counted as a terminal breaks them") {
    CHECK(lines_on_screen("abc\ndefgh\n", 0) == 2);
    CHECK(lines_on_screen("abc\ndefgh\n", 3) == 3);
    CHECK(lines_on_screen("abcdef\n", 3) == 2);
    CHECK(lines_on_screen("\x1b[31mabc\x1b[0m\n", 3) == 1);
    CHECK(lines_on_screen("\xc3\xbc\xc3\xbc\xc3\xbc\n", 3) == 1);
}

TEST_CASE("a verifier that does not answer is told with since when, and of when the rows are") {
    auto standing = running();
    standing.silent_verifier = "connection refused";
    standing.silent_since = kStart + 30;
    CHECK(holds(screen_text(rack(2), standing, {}),
                "the verifier does not answer since 2026-11-22 10:42:55Z: connection refused; rows are as of "
                "2026-11-22 10:43:25Z\n"));
    standing.looked_at = 0;
    CHECK(holds(silence_line(standing), "rows are what the list says, no more"));
    CHECK(
        silence_json(standing).dump() ==
        R"({"answers":false,"event":"verifier","reason":"connection refused","since":"2026-11-22T10:42:55Z"})");
    CHECK(silence_line(running()).empty());
}

TEST_CASE("who is not on the list is counted and named below, some of many") {
    auto delivery = watched({"rack-7"});
    delivery.hear(look({enrolled("web-1")}));
    CHECK(holds(summary_text(delivery, running()), "1 enrolled that is not on the list: web-1\n"));
    std::vector<HostSeen> many;
    for (int i = 0; i < 30; ++i) many.push_back(enrolled("web-" + std::to_string(i)));
    delivery.hear(look(many));
    CHECK(holds(summary_text(delivery, running()), "30 enrolled that are not on the list: web-0, "));
    CHECK(holds(summary_text(delivery, running()), ", ...\n"));
}

TEST_CASE("a row is one JSON document, and the end has them all with the gravest verdict") {
    const auto delivery = rack(2);
    const auto row = row_json(delivery.rows()[0]).dump();
    CHECK(holds(row, R"("event":"row","host":"rack-0")"));
    CHECK(holds(row, R"("state":"attested")"));
    CHECK(holds(row, R"("verdict":"contraindicated")"));
    CHECK(holds(row_json(delivery.rows()[1]).dump(), R"("since":null,"site":"fra1","state":"expected")"));
    CHECK(holds(row_json(delivery.rows()[1]).dump(), R"("verdict":null)"));
    const auto end = end_json(delivery, ended()).dump();
    CHECK(holds(end, R"("event":"end","finished":false,"not_on_the_list":[])"));
    CHECK(holds(end, R"("verdict":"contraindicated","verifier_answers":true,"with_verdict":1)"));
    CHECK(holds(end, R"("unit":"7","verdict":"none"})"));
    CHECK(std::ranges::count(end, '\n') == 0);
}

TEST_CASE("the sheet has every server with verdict, reasons, policy and result digest, and a place to sign") {
    auto delivery = watched({"rack-7", "rack-8"});
    delivery.hear(look({attested("rack-7", Tier::contraindicated), enrolled("web-1")}));
    auto read = result_of("rack-7", Tier::contraindicated);
    read.result.findings = {finding("vendor.unapproved", Tier::contraindicated)};
    read.result.policy_choice = "site=fra1 by ada";
    delivery.hear({read});
    const auto sheet = delivery_sheet(delivery, ended(), sheet_head());
    for (const auto& part :
         {std::string("NO GO"), std::string("vendor.unapproved"), std::string("an approved maker"),
          std::string("Langchao"), read.id, std::string(64, 'b'), std::string("site=fra1 by ada"),
          bought_digest("rack-8"), std::string("expected, not seen"),
          std::string("Not every server had its verdict"), std::string("web-1"), std::string("Signature"),
          std::string(64, 'c'), std::string("rack r12")}) {
        INFO(part);
        CHECK(holds(sheet, part));
    }
    CHECK(sheet == delivery_sheet(delivery, ended(), sheet_head()));
}

TEST_CASE("the sheet of servers that are all as they should be says GO and has no word of missing ones") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    const auto sheet = delivery_sheet(delivery, ended(), sheet_head());
    CHECK(holds(sheet, "<b>GO</b>"));
    CHECK_FALSE(holds(sheet, "Not every server"));
    CHECK_FALSE(holds(sheet, "CANNOT TELL"));
    delivery.miss();
    CHECK(holds(delivery_sheet(delivery, ended(), sheet_head()), "<b>CANNOT TELL</b>"));
}

TEST_CASE("hostile text in findings stays text in sheet, lines and JSON") {
    auto delivery = watched({"rack-7"});
    delivery.hear(look({attested("rack-7", Tier::warning)}));
    auto read = result_of("rack-7", Tier::warning);
    read.result.findings = {finding("usb.new", Tier::warning)};
    read.result.findings[0].actual = "\x1b[2J<script>alert(1)</script>\xe2\x80\xae";
    delivery.hear({read});
    auto head = sheet_head();
    head.list = "<img src=//evil>.csv";
    for (const auto& text : {delivery_sheet(delivery, ended(), head), row_line(delivery.rows()[0], running()),
                             screen_text(delivery, running(), {}), row_json(delivery.rows()[0]).dump()}) {
        CHECK_FALSE(holds(text, "\x1b"));
        CHECK_FALSE(holds(text, "\xe2\x80\xae"));
    }
    CHECK_FALSE(holds(delivery_sheet(delivery, ended(), head), "<script"));
    CHECK_FALSE(holds(delivery_sheet(delivery, ended(), head), "<img"));
}

TEST_CASE("what an answer lacks affirms nothing, and what is no answer is an error") {
    const auto hosts = hosts_seen(
        R"([{"host":"rack-7","tier":"affirming","appraised_at":null,"result_id":"","enrolled_at":"2026-11-22T10:42:25Z"},
            {"host":"rack-8","tier":"splendid","appraised_at":"2026-11-22T10:42:25Z","result_id":"ab"}])");
    REQUIRE(hosts);
    CHECK((*hosts)[0].appraised_at == 0);
    CHECK((*hosts)[0].enrolled_at == kStart);
    CHECK((*hosts)[1].tier == Tier::none);
    CHECK((*hosts)[1].appraised_at == kStart);
    CHECK_FALSE(hosts_seen("<html>"));
    CHECK_FALSE(refusals_seen("["));
    CHECK_FALSE(unproven_seen(""));
    CHECK_FALSE(papers_seen("[]", "{"));
}

TEST_CASE("a result of another host is no answer") {
    const auto read = result_of("rack-7", Tier::affirming);
    const auto answer = R"({"result":)" + encode_attestation_result(read.result) + "}";
    REQUIRE(result_seen(answer, "rack-7"));
    CHECK(result_seen(answer, "rack-7")->id == read.id);
    const auto other = result_seen(answer, "rack-8");
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::malformed);
}
