#include "tests/attacks/attack.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/stable_sort.h"

namespace assay::test {
namespace {

const Row& row_named(const std::string& name) {
    const auto found = std::ranges::find(rows(), name, &Row::name);
    require(found != rows().end(), "no such row");
    return *found;
}

Outcome attacked(const Attack& attack) {
    EvidenceBuilder builder;
    attack.host(builder);
    auto made = builder.build();
    attack.tamper(builder, made);
    const auto appraisal = made.appraise();
    auto out = outcome_of(appraisal.result);
    const bool moved = appraisal.next.journal_sequence != made.bundle.known_host.journal_sequence;
    if (appraisal.result.tier == Tier::contraindicated && !appraisal.next.authentic && moved)
        out.said = "a journal position taken over from evidence that is not authentic";
    return out;
}

// The honest host is one and the same for most rows: judged once a process.
Outcome honest() {
    static const auto kOutcome = outcome_of(EvidenceBuilder().build().appraise().result);
    return kOutcome;
}

bool as_expected(const Row& row, const Outcome& outcome) {
    return !outcome.passes && outcome.said == row.verdict &&
           std::ranges::find(outcome.reasons, row.expected) != outcome.reasons.end();
}

std::string printed(const std::vector<Row>& table, const std::map<std::string, Outcome>& outcomes) {
    std::size_t name = 0, did = 0, expected = 0;
    for (const auto& row : table) {
        name = std::max(name, row.name.size());
        did = std::max(did, row.did.size());
        expected = std::max(expected, row.expected.size());
    }
    std::size_t passing = 0;
    std::string out;
    const auto line = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view d) {
        out += fmt::format("{:{}}  {:{}}  {:{}}  {}\n", a, name, b, did, c, expected, d);
    };
    line("attack", "the attacker", "expected", "outcome");
    for (const auto& row : table) {
        const auto& outcome = outcomes.at(row.name);
        passing += outcome.passes ? 1 : 0;
        line(row.name, row.did, row.expected,
             as_expected(row, outcome)
                 ? outcome.said
                 : fmt::format("NOT AS EXPECTED: {} ({})", outcome.said, fmt::join(outcome.reasons, ", ")));
    }
    return out + fmt::format("{} attacks, {} of them got through\n", table.size(), passing);
}

}  // namespace

std::vector<Row>& rows() {
    static std::vector<Row> all;
    return all;
}

bool add_row(Row row) {
    rows().push_back(std::move(row));
    return true;
}

bool has_finding(const AttestationResult& result, std::string_view id, Tier tier) {
    return std::ranges::any_of(result.findings,
                               [&](const Finding& each) { return each.id == id && each.tier == tier; });
}

Outcome outcome_of(const AttestationResult& result) {
    Outcome out{result.tier == Tier::affirming, std::string(to_string(result.tier)), {}};
    for (const auto& finding : result.findings) {
        if (finding.tier == result.tier) out.reasons.push_back(finding.id);
    }
    return out;
}

Outcome refused(const Error& error) {
    const std::string code(to_string(error.code));
    return {false, "refused: " + code, {code}};
}

Row row_of(const char* name, const Attack& attack) {
    return {name,
            attack.did,
            attack.finding,
            std::string(to_string(attack.tier)),
            [attack] { return attacked(attack); },
            honest};
}

void run_row(const std::string& name) {
    const auto& row = row_named(name);
    INFO(row.did);
    const auto twin = row.twin();
    INFO("the honest twin: " << twin.said << fmt::format(" ({})", fmt::join(twin.reasons, ", ")));
    CHECK(twin.passes);
    const auto outcome = row.attack();
    INFO(outcome.said << fmt::format(" ({})", fmt::join(outcome.reasons, ", ")));
    CHECK_FALSE(outcome.passes);
    CHECK(outcome.said == row.verdict);
    CHECK(std::ranges::find(outcome.reasons, row.expected) != outcome.reasons.end());
}

// Not found by ctest as a test of its own: `attacks.table` runs it, with the file to write to in
// ASSAY_ATTACK_TABLE.
TEST_CASE("the table of all attacks", "[.table]") {
    auto table = rows();
    sort_stably(table, {}, &Row::name);
    std::map<std::string, Outcome> outcomes;
    for (const auto& row : table) {
        INFO(row.name);
        CHECK_FALSE(outcomes.contains(row.name));
        const auto& outcome = outcomes[row.name] = row.attack();
        CHECK(as_expected(row, outcome));
        CHECK(row.twin().passes);
    }
    const auto text = printed(table, outcomes);
    fmt::print("{}", text);
    CHECK(table.size() >= 230);
    if (const char* path = std::getenv("ASSAY_ATTACK_TABLE")) {
        const CHandle<std::FILE, std::fclose> file(std::fopen(path, "w"));
        REQUIRE(file);
        CHECK(std::fwrite(text.data(), 1, text.size(), file.get()) == text.size());
    }
}

}  // namespace assay::test
