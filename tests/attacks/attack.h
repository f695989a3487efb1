#pragma once

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/evidence_builder.h"

namespace assay::test {

/// One attack: what the attacker did, and what the verifier must say. `host` is how the machine really is,
/// the attacker's preparations included; `tamper` is what is done to its evidence. `tier`: contraindicated,
/// or `none` where nothing can be told.
struct Attack {
    const char* did;
    const char* finding;
    void (*host)(EvidenceBuilder&);
    void (*tamper)(EvidenceBuilder&, AppraisalCase&);
    Tier tier = Tier::contraindicated;
};

inline bool has_finding(const AttestationResult& result, std::string_view id, Tier tier) {
    return std::ranges::any_of(result.findings,
                               [&](const Finding& each) { return each.id == id && each.tier == tier; });
}

inline void honest_host(EvidenceBuilder&) {}
inline void untouched(EvidenceBuilder&, AppraisalCase&) {}

/// The twin, the same evidence unharmed, is affirming; the attacked one is not, and the finding is there by
/// name.
inline void run_attack(const Attack& attack) {
    INFO(attack.did);
    CHECK(EvidenceBuilder().build().appraise().result.tier == Tier::affirming);
    EvidenceBuilder builder;
    attack.host(builder);
    auto made = builder.build();
    attack.tamper(builder, made);
    const auto appraisal = made.appraise();
    for (const auto& each : appraisal.result.findings)
        UNSCOPED_INFO(each.id << " (" << to_string(each.tier) << "): " << each.actual);
    CHECK(appraisal.result.tier == attack.tier);
    CHECK(has_finding(appraisal.result, attack.finding, attack.tier));
    if (appraisal.result.tier == Tier::contraindicated && !appraisal.next.authentic) {
        CHECK(appraisal.next.journal_sequence == made.bundle.known_host.journal_sequence);
    }
}

}  // namespace assay::test

// One row of the table: ATTACK("name", what the attacker did, finding, host, tamper[, tier]).
#define ATTACK(name, ...)                       \
    TEST_CASE(name, "[attack]") {               \
        assay::test::run_attack({__VA_ARGS__}); \
    }
