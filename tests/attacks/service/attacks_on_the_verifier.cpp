#include <spdlog/spdlog.h>

#include "tests/attacks/attack.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/acts/audit.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/operators.h"

// The verifier's own database, by somebody who may write into it past the verifier.
using namespace assay;
using namespace assay::test;

namespace {

/// Three results of a host, labels, and an operator, whose role an act gave; then `statements`.
Outcome audited(const std::vector<std::string>& statements) {
    spdlog::set_level(spdlog::level::off);
    TestService service;
    service.enrol("web-1");
    for (int i = 0; i < 5; ++i) {
        service.now += 300;
        service.submit("web-1",
                       TestService::evidence("web-1", service.challenge(), {{"pci", to_bytes("pci")}}));
    }
    auto& store = service.store();
    if (!store::Operators(store).add({"c-ada", "ada", "admin", service.now, 0, "p-ada", ""}, "local:root") ||
        !store::Hosts(store).set_labels("web-1", {{{"site", "north"}}, "ada", service.now}))
        throw std::runtime_error("the store refuses");
    must(store.database().write([&](soci::session& sql) -> Result<bool> {
        for (const auto& statement : statements) store::execute(sql, statement);
        return true;
    }));
    if (must(store::Audit(store).everything()).empty()) return {true, "nothing contradicts", {}};
    return {false, "contradicted", {"contradiction"}};
}

Outcome untouched_database() {
    return audited({});
}

}  // namespace

ATTACK_RUN(
    "verifier: a result taken away", "deletes a result between two others", "contradiction", "contradicted",
    [] { return audited({"DELETE FROM occasions WHERE revision = 4"}); }, untouched_database)
ATTACK_RUN(
    "verifier: a label set and unset", "takes away the label that chooses the policy", "contradiction",
    "contradicted", [] { return audited({"DELETE FROM host_labels"}); }, untouched_database)
ATTACK_RUN(
    "verifier: an operator added", "gives his certificate a role", "contradiction", "contradicted",
    [] {
        return audited(
            {"INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('c', 'eve', "
             "'admin', 1, 0)"});
    },
    untouched_database)
ATTACK_RUN(
    "verifier: an act rewritten", "puts another hand into an act", "contradiction", "contradicted",
    [] { return audited({"UPDATE acts SET hand = 'operator:ada' WHERE number = 2"}); }, untouched_database)
ATTACK_RUN(
    "verifier: acts taken away", "deletes acts and what they tell of", "contradiction", "contradicted",
    [] { return audited({"DELETE FROM acts WHERE kind LIKE 'operator.%'", "DELETE FROM operators"}); },
    untouched_database)

// What a host shows that the verifier has no more.
ATTACK("verifier: an older copy of its database", "restores it, and a revoked operator is valid again",
       "verifier.rolled_back", honest_host, [](EvidenceBuilder&, AppraisalCase& it) {
           it.bundle.known_host.rolled_back =
               RolledBack{.number = 1204, .head = sha256({}), .size = 1100, .ours = {}, .restored = {}};
       })
