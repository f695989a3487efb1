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

namespace {

constexpr const char* kMachine =
    R"({"host": "rack-7", "enrolled_at": "2026-11-20T08:00:00Z", "attested_at": null,
    "ek_digest": "eeee", "labels": {"stage": "provisioning"},
    "purchase": {"site": "fra1", "rack": "R12", "unit": "7", "chassis_serial": "CH-1"},
    "parts": [{"component": "system", "place": "system", "slot": "", "makers": [{"layer": "", "entity": "good",
                "name": "Good Systems Inc."}], "model": "Server 9", "serial": "SN-9", "mac": "", "revision": ""},
              {"component": "drive", "place": "nvme0", "slot": "0000:3b:00.0", "makers": [{"layer": "",
                "entity": null, "name": "No \\\\ One"}], "model": "SSD <1>", "serial": "S-1", "mac": "",
                "revision": "1.0"}]})";

std::string unattested(std::string machine = kMachine) {
    machine.replace(machine.find("\"parts\""), std::string::npos, R"("parts": []})");
    return cli::unattested_report_html(machine);
}

}  // namespace

TEST_CASE("the report says which machine it is about: place, model, serial number, TPM, and every part") {
    const auto report = cli::report_html(result_of_tier(Tier::warning), {}, kMachine);
    for (const auto* part :
         {"site fra1, rack R12, unit 7", "stage = provisioning", "Good Systems Inc. Server 9", "SN-9", "CH-1",
          "eeee", "Parts: 2", "nvme0 0000:3b:00.0", "SSD &lt;1&gt;", "S-1", "No \\\\ One (unknown)"}) {
        INFO(part);
        CHECK(holds(report, part));
    }
    CHECK(report.find("NO GO") == std::string::npos);
    CHECK(report.find("The machine") < report.find("Findings: 1"));
    CHECK(report.find("Findings: 1") < report.find("Parts: 2"));
    CHECK_FALSE(holds(cli::report_html(result_of_tier(Tier::warning)), "The machine"));
}

TEST_CASE("the report of a host that never attested says so, and what it is to be") {
    const auto report = unattested();
    for (const auto* part : {"CANNOT TELL", "never attested", "2026-11-20 08:00:00Z",
                             "site fra1, rack R12, unit 7", "CH-1", "Its parts are not known."}) {
        INFO(part);
        CHECK(holds(report, part));
    }
    CHECK_FALSE(holds(report, ">GO<"));
    CHECK_FALSE(holds(report, "Findings"));
}

TEST_CASE("hostile texts of parts stay texts in the report") {
    std::string machine = kMachine;
    machine.replace(machine.find("Server 9"), 8, "<script>x");
    CHECK_FALSE(holds(cli::report_html(result_of_tier(Tier::warning), {}, machine), "<script"));
}

TEST_CASE("a tier of none is told in the word that fits: not asked, does not apply, or cannot tell") {
    auto result = result_of_tier(Tier::none);
    result.checks.clear();
    for (const auto* summary : {"not asked: the policy has no table", "does not apply: no sensor",
                                "cannot tell: there is no journal", "1 of 2 drives"})
        result.checks.push_back({.check = "a_check",
                                 .claim = TrustClaim::hardware,
                                 .tier = Tier::none,
                                 .basis = Basis::bound,
                                 .required = false,
                                 .summary = summary});
    const std::vector<std::string> words{"not asked", "does not apply", "cannot tell", "cannot tell"};
    const std::vector<std::string> rest{"the policy has no table", "no sensor", "there is no journal",
                                        "1 of 2 drives"};
    const auto page = cli::report_html(result);
    const auto text = command_line::result_text(result, false);
    for (std::size_t i = 0; i < words.size(); ++i) {
        INFO(result.checks[i].summary);
        CHECK(command_line::tier_words(result.checks[i]) == words[i]);
        CHECK(command_line::summary_words(result.checks[i]) == rest[i]);
        CHECK(holds(page, ">" + words[i] + "</span>"));
    }
    CHECK_FALSE(holds(page, ">none<"));
    CHECK(text.find("none") == std::string::npos);
    auto passed = result.checks[0];
    passed.tier = Tier::affirming;
    CHECK(command_line::tier_words(passed) == "affirming");
    CHECK(command_line::summary_words(passed) == passed.summary);
}

TEST_CASE("a result reads verdict first, then findings, and its checks last") {
    auto result = result_of_tier(Tier::contraindicated);
    result.findings.push_back(result.findings[0]);
    result.findings[1].tier = Tier::affirming;
    result.findings[1].subject = "a fan";
    const auto text = command_line::result_text(result, false);
    CHECK(text.find("NO GO") < text.find("vendor.unapproved"));
    CHECK(text.find("vendor.unapproved") < text.find("Checks"));
    const auto brief = command_line::brief_result_text(result, false);
    for (const auto* part :
         {"NO GO", "vendor.unapproved: system", "Langchao", "Ask the supply-chain officer.",
          "Findings that change nothing: 1", "Checks: 1 (1 contraindicated)"}) {
        INFO(part);
        CHECK(holds(brief, part));
    }
    CHECK_FALSE(holds(brief, "a fan"));
    CHECK_FALSE(holds(brief, "system_vendor_is_approved"));
}

TEST_CASE("the same result gives the same report") {
    CHECK(cli::report_html(result_of_tier(Tier::warning)) == cli::report_html(result_of_tier(Tier::warning)));
}
