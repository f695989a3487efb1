#include "verifier/service/api/attest/shown_before.h"

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/unit/verifier/service/api/attest/submission.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

// A host that shows the verifier what it was told before.
namespace {

struct Shown {
    TestService service;
    std::optional<RolledBack> found;  ///< by the last appraisal

    Shown() {
        service.enrol("web-1");
        service.alter = [this](const judge::Context& inputs, AttestationResult&) {
            found = inputs.known_host.rolled_back;
        };
    }

    nlohmann::json report(const std::string& query = {}) {
        service.now += 300;
        const auto evidence = TestService::evidence("web-1", service.challenge(), two_sections());
        const auto answer = service.call(Verb::post, "/v1/hosts/web-1/evidence" + query,
                                         std::string(as_text(encode_proof(service.proof("web-1", evidence)))),
                                         {}, "application/cbor");
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return json_of(answer);
    }

    /// As an agent asks that has this answer.
    static std::string after(const nlohmann::json& answer) {
        return fmt::format("?seen={}&last={}", claims_of(answer).at("assay.acts").get<std::string>(),
                           answer.at("result_id").get<std::string>());
    }

    void change(const std::string& statement) {
        REQUIRE(service.store().database().write([&](soci::session& sql) -> Result<> {
            store::execute(sql, statement);
            return {};
        }));
    }

    std::int64_t acts_of(const std::string& kind) {
        return static_cast<std::int64_t>(must(store::Acts(service.store()).list({.kind = kind})).size());
    }
};

}  // namespace

TEST_CASE("a host that shows what the verifier has, or that missed an answer, is told nothing") {
    Shown shown;
    const auto first = shown.report();
    const auto second = shown.report(Shown::after(first));
    CHECK_FALSE(shown.found);
    shown.report(Shown::after(second));
    CHECK_FALSE(shown.found);
    shown.report(Shown::after(second));  // the answer before was lost
    CHECK_FALSE(shown.found);
    CHECK(shown.acts_of("chain.contradicted") == 0);
}

TEST_CASE("acts that are not here, other acts, and a result that is not here are told in this result") {
    Shown shown;
    shown.report();
    const auto answer = shown.report();
    const auto ours = must(store::Acts(shown.service.store()).head());
    const auto last = answer.at("result_id").get<std::string>();
    const auto show = [&](const ActHead& acts, const std::string& result) {
        shown.report(fmt::format("?seen={}&last={}", to_text(acts), result));
        return shown.found;
    };
    const auto more = show({ours.number + 100, sha256({})}, last);
    REQUIRE(more);
    CHECK_FALSE(more->ours);
    CHECK(more->restored.empty());
    const auto others = show({ours.number, sha256({})}, last);
    REQUIRE(others);
    CHECK(others->ours == ours.head);
    const auto result = show(ours, std::string(64, 'a'));
    REQUIRE(result);
    CHECK(result->ours == result->head);
    CHECK(shown.acts_of("chain.contradicted") == 3);
}

TEST_CASE(
    "newest results and acts that were taken away, with the revision set back, are told at the next report") {
    Shown shown;
    shown.report();
    const auto before = must(store::Acts(shown.service.store()).head());
    shown.service.alter = [&](const judge::Context& inputs, AttestationResult& result) {
        shown.found = inputs.known_host.rolled_back;
        result.claims[TrustClaim::executables] = Tier::warning;
    };
    const auto newest = shown.report();
    shown.change("DELETE FROM occasions WHERE revision = 2");
    shown.change("DELETE FROM stays WHERE first_revision = 2");
    shown.change("UPDATE host_state SET revision = 1, told = told + 1");
    shown.change(fmt::format("DELETE FROM acts WHERE number > {}", before.number));
    shown.report(Shown::after(newest));
    REQUIRE(shown.found);
    CHECK(shown.found->ours == shown.found->head);  // its token was signed before the act of that result
}

TEST_CASE("where somebody said that the database was set back, a host is told so once, by whom and why") {
    Shown shown;
    const auto answer = shown.report();
    const auto last = answer.at("result_id").get<std::string>();
    const auto lost = fmt::format("?seen={}&last={}", to_text(ActHead{500, sha256({})}), last);
    must(store::Acts(shown.service.store())
             .write({.kind = store::ActKind::chain_restored,
                     .hand = "local:root",
                     .subject = "chain",
                     .document = R"({"reason":"disk failed"})"},
                    (shown.service.now + 10) * 1000));
    shown.report(lost);
    REQUIRE(shown.found);
    CHECK(shown.found->restored == "local:root: disk failed");
    shown.report(lost);  // after it was told: another going back, of which nobody said anything
    REQUIRE(shown.found);
    CHECK(shown.found->restored.empty());
}

TEST_CASE("what is shown in another form is refused, before anything is judged") {
    Shown shown;
    const auto ask = [&](const std::string& query) {
        return shown.service.call(Verb::post, "/v1/hosts/web-1/evidence" + query, "x", {}, "application/cbor")
            .status;
    };
    const std::string result(64, 'a');
    const auto head = to_text(ActHead{1, sha256({})});
    CHECK(ask("?seen=" + head) == 400);
    CHECK(ask("?last=" + result) == 400);
    CHECK(ask("?seen=1.AA&last=" + result) == 400);
    CHECK(ask("?seen=" + head + "&last=aa") == 400);
    CHECK(ask("?seen=" + head + "&last=" + result) == 403);  // no proof
}

TEST_CASE("a steady report writes no act; another conclusion and the seal of the day are one each") {
    Shown shown;
    shown.report();
    const auto before = must(store::Acts(shown.service.store()).head()).number;
    CHECK(shown.acts_of("results.changed") == 1);
    for (int i = 0; i < 288; ++i) shown.report();  // a day
    CHECK(must(store::Acts(shown.service.store()).head()).number == before + 1);
    CHECK(shown.acts_of("results.sealed") == 1);
    shown.service.alter = [](const judge::Context&, AttestationResult& result) {
        result.claims[TrustClaim::executables] = Tier::warning;
    };
    shown.report();
    CHECK(shown.acts_of("results.changed") == 2);
}
