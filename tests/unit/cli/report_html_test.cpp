#include "cli/report_html.h"

#include <catch2/catch.hpp>

#include "client/command_line/result_text.h"

using namespace assay;

namespace {

AttestationResult result_of_tier(Tier tier) {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = tier;
    result.claims = {{TrustClaim::hardware, tier}};
    result.checks = {{.check = "system_vendor_is_approved",
                      .claim = TrustClaim::hardware,
                      .tier = tier,
                      .basis = Basis::bound,
                      .required = true,
                      .summary = "SMBIOS type 1"}};
    result.findings = {{.id = "vendor.unapproved",
                        .tier = tier,
                        .basis = Basis::bound,
                        .subject = "system",
                        .expected = "an approved maker",
                        .actual = "Langchao",
                        .evidence = "smbios: handle 0x0100",
                        .remedy = "Ask the supply-chain officer."}};
    result.inputs = {{"evidence", std::string(64, 'a')}};
    result.appraised_at = 1'795'344'145;
    result.appraiser = "assay 0.1.0";
    return result;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the report says go or no-go before anything else") {
    const auto report = cli::report_html(result_of_tier(Tier::contraindicated));
    REQUIRE(holds(report, "NO GO"));
    CHECK(report.find("NO GO") < report.find("Findings: 1"));
    CHECK(holds(cli::report_html(result_of_tier(Tier::affirming)), ">GO<"));
    CHECK(holds(cli::report_html(result_of_tier(Tier::none)), "CANNOT TELL"));
}

TEST_CASE("the report shows both sides of each finding, where, on what basis and what to do") {
    const auto report = cli::report_html(result_of_tier(Tier::contraindicated));
    for (const auto* part :
         {"an approved maker", "Langchao", "smbios: handle 0x0100", "bound", "Ask the supply-chain officer.",
          "system vendor is approved", "2026-11-22 10:42:25Z"}) {
        INFO(part);
        CHECK(holds(report, part));
    }
}

TEST_CASE("the report says by whose word the policy was chosen") {
    auto result = result_of_tier(Tier::affirming);
    CHECK_FALSE(holds(cli::report_html(result), "was chosen by"));
    CHECK_FALSE(holds(command_line::result_text(result, false), "chosen by"));
    result.policy_choice = "site=fra1 by ada & co, 2026-11-30 09:00:00Z";
    CHECK(holds(cli::report_html(result),
                "<p>The policy was chosen by site=fra1 by ada &amp; co, 2026-11-30 09:00:00Z.</p>"));
    CHECK(holds(command_line::result_text(result, false),
                "Policy chosen by site=fra1 by ada & co, 2026-11-30 09:00:00Z\n"));
}

TEST_CASE("hostile text in evidence stays text in the report") {
    auto result = result_of_tier(Tier::warning);
    result.host = "<script>alert(1)</script>";
    result.findings[0].actual = "\x1b[2J\" onload=\"x\u202e<img src=//evil>";
    const auto report = cli::report_html(result);
    CHECK_FALSE(holds(report, "<script"));
    CHECK_FALSE(holds(report, "<img"));
    CHECK_FALSE(holds(report, "\x1b"));
    CHECK_FALSE(holds(report, "\u202e"));
    CHECK(holds(report, "&lt;script&gt;alert(1)"));
    CHECK(holds(report, "&quot; onload=&quot;"));
}

TEST_CASE("the report is one file: no script, nothing loaded from outside") {
    const auto report = cli::report_html(result_of_tier(Tier::warning));
    for (const auto* part : {"<script", "http:", "https:", "src=", "href=", "@import", "url("}) {
        INFO(part);
        CHECK_FALSE(holds(report, part));
    }
}

TEST_CASE("the same result gives the same report") {
    CHECK(cli::report_html(result_of_tier(Tier::warning)) == cli::report_html(result_of_tier(Tier::warning)));
}
