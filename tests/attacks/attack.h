#pragma once

#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

/// The conformance set: a table of what an attacker did and what the verifier must say, each row with its
/// honest twin. One file a subject, attacks_on_<subject>.cpp. Each row is a test of its own, and
/// `attacks.table` runs them all and prints the table.
namespace assay::test {

/// What came of it.
struct Outcome {
    bool passes =
        true;  ///< the attacker got what an honest host gets: an affirming result, a door that opened
    std::string
        said;  ///< the tier, or "refused" with the error's code: "contraindicated", "refused: conflict"
    std::vector<std::string> reasons;  ///< ids of the findings (or reasons, or error codes) that stand for it
};

/// One row. `expected` must be among the reasons, and `verdict` be what is said.
struct Row {
    std::string name;  ///< "class: case"
    std::string did;   ///< what the attacker did
    std::string expected;
    std::string verdict;
    std::function<Outcome()> attack;
    std::function<Outcome()> twin;  ///< the same without the attack: must pass
};

/// Every row of the program. Used by ATTACK and ATTACK_RUN.
std::vector<Row>& rows();
bool add_row(Row row);
/// Checks the row `name`: its twin passes; it does not, says its verdict and names its reason.
void run_row(const std::string& name);

/// An attack on evidence. `host` is how the machine really is, the attacker's preparations included; `tamper`
/// is what is done to its evidence. `tier`: contraindicated, or another where nothing worse can be told.
struct Attack {
    const char* did;
    const char* finding;
    void (*host)(EvidenceBuilder&);
    void (*tamper)(EvidenceBuilder&, AppraisalCase&);
    Tier tier = Tier::contraindicated;
};
Row row_of(const char* name, const Attack& attack);

bool has_finding(const AttestationResult& result, std::string_view id, Tier tier);
/// The tier, and the findings of that tier.
Outcome outcome_of(const AttestationResult& result);
/// "refused: conflict", with the code's name as the reason.
Outcome refused(const Error& error);

inline void honest_host(EvidenceBuilder&) {}
inline void untouched(EvidenceBuilder&, AppraisalCase&) {}

}  // namespace assay::test

#define ATTACK_NAME_(number) attack_row_##number
#define ATTACK_NAME(number) ATTACK_NAME_(number)

// One row: ATTACK("class: case", what the attacker did, finding, host, tamper[, tier]).
#define ATTACK(name, ...)                                                                                 \
    namespace {                                                                                           \
    const bool ATTACK_NAME(__COUNTER__) = assay::test::add_row(assay::test::row_of(name, {__VA_ARGS__})); \
    }                                                                                                     \
    TEST_CASE(name, "[attack]") {                                                                         \
        assay::test::run_row(name);                                                                       \
    }

// One row that is no attack on evidence (an enrolment, a list, a bundle):
// ATTACK_RUN("class: case", what the attacker did, reason, verdict, attack, twin), both functions giving an
// Outcome.
#define ATTACK_RUN(name, ...)                                                                        \
    namespace {                                                                                      \
    const bool ATTACK_NAME(__COUNTER__) = assay::test::add_row(assay::test::Row{name, __VA_ARGS__}); \
    }                                                                                                \
    TEST_CASE(name, "[attack]") {                                                                    \
        assay::test::run_row(name);                                                                  \
    }
