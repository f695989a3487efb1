#include <spdlog/spdlog.h>

#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"
#include "tests/attacks/attack.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/attestations.h"

// Somebody who reaches the port, has no key that anybody enrolled, and wants to be heard, to learn something
// or to leave something behind. The service stands on a real store; its judge accepts everything, so that
// what does not get through was stopped before.
using namespace assay;
using namespace assay::test;

namespace {

const std::string kHost = "web-1";

TestService::Sections sections() {
    return {{"network", to_bytes("addresses of network cards")}, {"storage", to_bytes("drives")}};
}

/// A verifier with a host that has attested.
struct Known {
    TestService service;
    std::string newest;
    Known() {
        spdlog::set_level(spdlog::level::off);
        service.enrol(kHost);
        require(service.submit(kHost, TestService::evidence(kHost, service.challenge(), sections())).status ==
                    200,
                "the host attests");
        newest = must(store::Results(service.store()).newest(kHost)).result_id;
    }
    Proof honest() {
        return service.proof(kHost, TestService::evidence(kHost, service.challenge(), sections()));
    }
    /// What the stranger got, and what the host's reviewers see.
    Outcome outcome(const api::Response& response) {
        Outcome out;
        const auto now = must(store::Results(service.store()).newest(kHost)).result_id;
        out.passes = now != newest || (response.status != 403 && response.status != 413);
        const auto code = json_of(response).value("code", "");
        out.said = out.passes ? "heard" : "refused: " + code;
        out.reasons = {code};
        return out;
    }
};

Outcome the_host_itself() {
    Known known;
    return known.outcome(known.service.prove(kHost, known.honest()));
}

EVP_PKEY* own_key() {
    static const auto key = fresh_key(Key::p256);
    return key.get();
}

}  // namespace

ATTACK_RUN(
    "stranger: garbage in a host's name", "sends a garbage quote for a known host", "refused",
    "refused: refused",
    [] {
        Known known;
        auto proof = known.honest();
        proof.evidence.quote = to_bytes("garbage");
        return known.outcome(known.service.prove(kHost, proof));
    },
    the_host_itself)
ATTACK_RUN(
    "stranger: a key of its own", "signs all of it with a key that nobody enrolled", "refused",
    "refused: refused",
    [] {
        Known known;
        auto proof = known.honest();
        TestService::sign(proof.evidence, own_key());
        return known.outcome(known.service.prove(kHost, proof));
    },
    the_host_itself)
ATTACK_RUN(
    "stranger: reads held sections by their digests",
    "names the digests of a host's sections, to learn from the answer what is in them", "refused",
    "refused: refused",
    [] {
        Known known;
        auto proof = known.honest();
        proof.evidence.sections.clear();
        TestService::sign(proof.evidence, own_key());
        return known.outcome(known.service.prove(kHost, proof));
    },
    the_host_itself)
ATTACK_RUN(
    "stranger: 10,000 journal records", "sends a body of megabytes of records that are each a finding",
    "limit", "refused: limit",
    [] {
        Known known;
        EvidenceBuilder builder;
        std::vector<JournalRecord> records;
        for (int i = 0; i < 10'000; ++i) {
            records.push_back(builder.event(DeviceEventKind::insert));
            records.back().sequence = static_cast<std::uint64_t>(i) + 1;
        }
        auto evidence = TestService::evidence(
            kHost, known.service.challenge(),
            {{std::string(section::kJournal), EvidenceBuilder::encoded_journal(records)}});
        TestService::sign(evidence, own_key());
        // Larger than a proof may be; and for more there is no ticket.
        return known.outcome(
            known.service.prove(kHost, {.evidence = evidence, .journal_from = 0, .ima_from = {}}));
    },
    the_host_itself)
ATTACK_RUN(
    "stranger: a ticket of its own making", "sends sections with a ticket that no verifier made", "refused",
    "refused: refused",
    [] {
        Known known;
        const auto evidence = TestService::evidence(kHost, known.service.challenge(), sections());
        return known.outcome(known.service.send_sections(to_base64url(Bytes(120, std::byte{7})), evidence));
    },
    the_host_itself)
ATTACK_RUN(
    "stranger: asks who is enrolled",
    "sends one proof for a host that is there and one for a name that is not", "refused", "refused: refused",
    [] {
        Known known;
        auto proof = known.honest();
        TestService::sign(proof.evidence, own_key());
        const auto there = known.service.prove(kHost, proof);
        auto other =
            known.service.proof("web-9", TestService::evidence("web-9", known.service.challenge(), {}));
        const auto not_there = known.service.prove("web-9", other);
        auto out = known.outcome(there);
        out.passes = out.passes || there.status != not_there.status || there.body != not_there.body ||
                     there.headers != not_there.headers;
        return out;
    },
    the_host_itself)

TEST_CASE("stranger: 10,000 requests leave no row, no byte of the database and no newer result", "[attack]") {
    Known known;
    const auto page = [&] {
        auto host = json_of(known.service.get("/v1/hosts/" + kHost));
        host.erase("unproven");  // that it came, and how often, is seen
        host.erase("jwt");       // signed anew each time
        return host;
    };
    const auto host = page();
    const auto size = std::filesystem::file_size(known.service.file());
    auto forged = known.honest();
    TestService::sign(forged.evidence, own_key());
    const auto body = std::string(as_text(encode_proof(forged)));
    const auto post = [&](const std::string& target, const std::string& bytes, const std::string& type) {
        return known.service.call(api::Verb::post, target, bytes, {}, type).status;
    };
    constexpr int kRounds = 2'000;  // of five requests
    for (int i = 0; i < kRounds; ++i) {
        REQUIRE(post("/v1/challenge", "", "") == 200);
        REQUIRE(post("/v1/hosts/" + kHost + "/evidence", "garbage", "application/cbor") == 403);
        REQUIRE(post("/v1/evidence/AAAA", "garbage", "application/cbor") == 403);
        REQUIRE(post("/v1/hosts/" + kHost + "/challenge", "{}", "application/json") == 400);
        // A tenth with a valid nonce: these cost a signature check.
        const bool costly = i % 10 == 0;
        REQUIRE(post("/v1/hosts/" + kHost + "/evidence", costly ? body : body.substr(1),
                     "application/cbor") == 403);
    }
    CHECK(page() == host);
    CHECK(must(store::Results(known.service.store()).newest(kHost)).result_id == known.newest);
    constexpr std::uintmax_t kCounts = 16 * 4096;  // a few rows, however many requests
    CHECK(std::filesystem::file_size(known.service.file()) <= size + kCounts);
    CHECK(known.service.prove(kHost, known.honest()).status == 200);
}
