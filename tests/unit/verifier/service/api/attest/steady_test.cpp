#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/admission.h"
#include "verifier/service/store/hosts/known_hosts.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

// A host that is remembered, and whoever changes it between two of its reports.
namespace {

TestService::Sections held_bytes(const std::string& pci = "pci bytes") {
    return {{"pci", to_bytes(pci)}, {"smbios", to_bytes("smbios bytes")}};
}

/// Only the proof: all sections are held.
Response steady(TestService& service, const TestService::Sections& of = held_bytes()) {
    auto evidence = TestService::evidence("web-1", service.challenge(), of);
    evidence.sections.clear();
    return service.prove("web-1", {.evidence = evidence, .journal_from = 0, .ima_from = {}});
}

void report(TestService& service, const TestService::Sections& of = held_bytes()) {
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", service.challenge(), of)).status == 200);
}

void exchange_tpm(store::Store& store, std::int64_t now, const Bytes& ak_public) {
    store::Replacement order;
    order.id = "r1";
    order.host = "web-1";
    order.ordered_at = now;
    order.expires_at = now + 3600;
    const store::Identity identity{.host = "web-1",
                                   .ek_digest = sha256(as_view("ek 2")).hex(),
                                   .ak_digest = sha256(as_view("ak 2")).hex(),
                                   .ek_public = to_bytes("ek 2"),
                                   .ak_public = ak_public,
                                   .ek_certificates = {}};
    const store::Enrolment enrolment{.id = "e2",
                                     .token_digest = {},
                                     .identity = identity,
                                     .secret_digest = {},
                                     .expires_at = now + 300,
                                     .activated_at = 0,
                                     .replacement = "r1"};
    REQUIRE(store::Replacements(store).order(order));
    REQUIRE(store::Enrolments(store).add(enrolment, now));
    REQUIRE(store::Enrolments(store).activate(enrolment, now));
}

void require_refused(const Response& response) {
    REQUIRE(response.status == 403);
    REQUIRE(response.body == TestService().prove("nobody", {}).body);
}

}  // namespace

TEST_CASE("a steady report is answered from memory with a result that is stored") {
    TestService service;
    service.enrol("web-1");
    report(service);
    for (int i = 2; i < 6; ++i) {
        REQUIRE(store::Hosts(service.store()).remembered("web-1"));
        const auto answer = steady(service);
        REQUIRE(answer.status == 200);
        REQUIRE(json_of(answer).at("result_id") ==
                store::Results(service.store()).newest("web-1")->result_id);
        REQUIRE(store::Hosts(service.store()).find("web-1")->revision == i);
        REQUIRE(service.appraisals == i);  // none had to be made again
    }
}

TEST_CASE("what an operator tells of a host between two reports is in the next one") {
    TestService service;
    service.enrol("web-1");
    report(service);
    std::optional<std::string> site;
    std::size_t sessions = 0;
    service.alter = [&](const judge::Context& inputs, AttestationResult&) {
        site = inputs.known_host.site;
        sessions = inputs.sessions.size();
    };
    REQUIRE(steady(service).status == 200);
    REQUIRE_FALSE(site);
    const auto other = must(store::Store::open("sqlite:" + service.file().string()));  // another process
    PurchasedHost line;
    line.host = "web-1";
    line.site = "south";
    line.tpm_digest = "d";
    REQUIRE(store::Registrations(*other).add({line}, "olga", service.now, false,
                                             [](const auto&, const auto&) { return true; }));
    REQUIRE(steady(service).status == 200);
    REQUIRE_FALSE(site);
    REQUIRE(store::Hosts(*other).adopt_site({.site = "south", .by = "ada", .at = service.now}));
    REQUIRE(steady(service).status == 200);
    REQUIRE(site == "south");
    REQUIRE(store::WorkSessions(*other).add({"s1", "web-1", "WO-1", "Tess", "Ed", service.now, {}}, "olga"));
    REQUIRE(steady(service).status == 200);
    REQUIRE(sessions == 1);
}

TEST_CASE("how long a challenge may be answered is told by the labels that judge, not by remembered ones") {
    TestService service;
    const auto policy = [](const std::string& name, int lifetime, const std::string& select) {
        return std::pair{name + ".toml", fmt::format("name = \"{}\"\nversion = 1\nrequired_sections = "
                                                     "[\"pcrs\"]\npcr_selection = \"sha256:0,1,7\"\n"
                                                     "challenge_lifetime_s = {}\nsecure_boot_required = "
                                                     "true\nek_certificate_required = true\n{}",
                                                     name, lifetime, select)};
    };
    const_cast<judge::PolicySet&>(service.service().policies) = must(judge::PolicySet::from_toml(
        {policy("all", 120, ""), policy("short", 60, "[select]\nrole = [\"database\"]\n")}));
    service.enrol("web-1");
    report(service);
    std::int64_t lifetime = 0;
    service.alter = [&](const judge::Context& inputs, AttestationResult&) {
        lifetime = inputs.challenge.expires_at - inputs.challenge.issued_at;
    };
    REQUIRE(steady(service).status == 200);
    REQUIRE(lifetime == 120);
    const auto other = must(store::Store::open("sqlite:" + service.file().string()));  // another verifier
    REQUIRE(store::Hosts(*other).set_labels("web-1", {{{"role", "database"}}, "olga", service.now}));
    REQUIRE(store::Hosts(service.store()).remembered("web-1")->host.labels.empty());
    REQUIRE(steady(service).status == 200);
    REQUIRE(lifetime == 60);

    // The next label comes while a report is on its way, whose challenge it makes too old.
    REQUIRE(store::Hosts(*other).set_labels("web-1", {{}, "olga", service.now}));
    REQUIRE(steady(service).status == 200);
    auto late = TestService::evidence("web-1", service.challenge(), held_bytes());
    late.sections.clear();
    service.now += 60;
    REQUIRE(store::Hosts(*other).set_labels("web-1", {{{"role", "database"}}, "olga", service.now}));
    REQUIRE(store::Hosts(service.store()).remembered("web-1")->host.labels.empty());
    const auto before = store::Results(service.store()).newest("web-1")->result_id;
    require_refused(service.prove("web-1", {.evidence = late, .journal_from = 0, .ima_from = {}}));
    REQUIRE(store::Results(service.store()).newest("web-1")->result_id == before);
}

TEST_CASE("the key of a TPM that was exchanged proves nothing any more, though it is remembered") {
    TestService service;
    service.enrol("web-1");
    report(service);
    REQUIRE(steady(service).status == 200);
    const auto key = fresh_key(Key::p256);
    const auto other = must(store::Store::open("sqlite:" + service.file().string()));
    exchange_tpm(*other, service.now, encode_tpm_public(ak_public(key.get())));
    REQUIRE(store::Hosts(service.store()).remembered("web-1"));
    require_refused(steady(service));
    REQUIRE(store::Results(service.store()).newest("web-1").error().code == ErrorCode::not_found);
    auto evidence = TestService::evidence("web-1", service.challenge(), held_bytes());
    TestService::sign(evidence, key.get());
    REQUIRE(service.submit("web-1", evidence).status == 200);
}

TEST_CASE(
    "the new TPM of a host that is remembered with its old one is asked for its sections, not refused") {
    TestService service;
    service.enrol("web-1");
    report(service);
    REQUIRE(steady(service).status == 200);
    const auto key = fresh_key(Key::p256);
    exchange_tpm(service.store(), service.now, encode_tpm_public(ak_public(key.get())));
    REQUIRE(store::Hosts(service.store()).remembered("web-1"));
    auto evidence = TestService::evidence("web-1", service.challenge(), held_bytes());
    evidence.sections.clear();
    TestService::sign(evidence, key.get());
    REQUIRE(service.prove("web-1", service.proof("web-1", evidence)).status == 202);
}

TEST_CASE("a TPM that is exchanged while its report is judged gets no result") {
    TestService service;
    service.enrol("web-1");
    report(service);
    const auto key = fresh_key(Key::p256);
    bool once = false;
    service.alter = [&](const judge::Context&, AttestationResult&) {
        if (!std::exchange(once, true))
            exchange_tpm(service.store(), service.now, encode_tpm_public(ak_public(key.get())));
    };
    require_refused(steady(service));
    REQUIRE(service.appraisals == 2);
    REQUIRE(store::Results(service.store()).newest("web-1").error().code == ErrorCode::not_found);
}

TEST_CASE("a verifier that remembers an older report asks for nothing that the other has taken") {
    TestService service;
    service.enrol("web-1");
    report(service);
    TestService second("sqlite:" + service.file().string());
    report(second, held_bytes("other bytes"));
    REQUIRE(steady(service, held_bytes("other bytes")).status == 200);
    REQUIRE(steady(second, held_bytes("other bytes")).status == 200);
    REQUIRE(steady(second).status == 202);  // held no more
}

TEST_CASE("a proof that was answered is not proven again, whatever it asks for") {
    TestService service;
    service.enrol("web-1");
    report(service);
    auto evidence = TestService::evidence("web-1", service.challenge(), held_bytes());
    evidence.sections.clear();
    const Proof proof{.evidence = evidence, .journal_from = 0, .ima_from = {}};
    REQUIRE(service.prove("web-1", proof).status == 200);
    require_refused(service.prove("web-1", proof));
    report(service, held_bytes("other bytes"));
    require_refused(service.prove("web-1", proof));  // it would be asked for "pci" now
}
