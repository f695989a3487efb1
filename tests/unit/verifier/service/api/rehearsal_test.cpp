#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/test_service.h"
#include "vendor-db/bundle/bundle.h"
#include "verifier/judge/appraisal/policy/proposal.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/vendor_bundles.h"

// What other vendor data would change: judged on stored evidence, and nothing is stored.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

std::string bundle(const std::string& legal_name = "Maker Works") {
    const vendors::Sources sources{
        {{"vendors/maker.toml", "id = \"maker\"\n[[names]]\nkind = \"legal\"\ntexts = [\"" + legal_name +
                                    "\"]\nsource = \"test\"\n"}},
        {},
        {},
        {}};
    const auto content = must(vendors::encode_bundle_content(
        {.version = 2, .issued = kStart, .expires = kStart + 1000, .sources = sources}));
    return std::string(as_text(vendors::encode_bundle({content, {}})));
}

/// Two hosts that have attested. Under a bundle, rack-8 is contraindicated.
class RehearsalFleet : public TestService {
  public:
    RehearsalFleet() {
        for (const auto* host : {"rack-7", "rack-8"}) {
            enrol(host);
            REQUIRE(submit(host, evidence(host, challenge(host), {{"pci", to_bytes("pci")}})).status == 200);
        }
        enrol("rack-9");  // never attested
        now += 100'000;   // long after every challenge has expired
        alter = [](const Context& inputs, AttestationResult& result) {
            if (inputs.now >= inputs.challenge.expires_at) result.tier = Tier::none;
            if (!inputs.vendors.edition() || inputs.known_host.name != "rack-8") return;
            result.tier = Tier::contraindicated;
            result.findings.push_back(
                {"vendor.unapproved", Tier::contraindicated, Basis::bound, "BMC", "a", "b", "c", "d"});
        };
    }
    api::Response rehearse(const std::string& body, const std::string& query = "",
                           const api::Caller& caller = an_operator()) {
        Proposal proposal;
        proposal.bundle = to_bytes(body);
        return ask(proposal, query, caller);
    }
    api::Response ask(const Proposal& proposal, const std::string& query = "",
                      const api::Caller& caller = an_operator()) {
        return call(api::Verb::post, "/v1/rehearsal" + query, std::string(as_text(encode_proposal(proposal))),
                    caller, "application/cbor");
    }
};

}  // namespace

TEST_CASE("a rehearsal names the hosts whose verdict would change, and why") {
    RehearsalFleet fleet;
    const auto response = fleet.rehearse(bundle());
    INFO(response.body);
    REQUIRE(response.status == 200);
    const auto answer = json_of(response);
    CHECK(answer.at("judged") == 3);
    CHECK(answer.at("next").is_null());
    REQUIRE(answer.at("changed").size() == 1);
    const auto& changed = answer.at("changed").at(0);
    CHECK(changed.at("host") == "rack-8");
    CHECK(changed.at("tier") == "affirming");
    CHECK(changed.at("tier_then") == "contraindicated");
    REQUIRE(changed.at("gained").size() == 1);
    CHECK(changed.at("gained").at(0).at("id") == "vendor.unapproved");
    CHECK(changed.at("lost").empty());
}

TEST_CASE("a rehearsal changes nothing that is stored") {
    RehearsalFleet fleet;
    const auto before = store::Results(fleet.store()).newest("rack-8")->result_id;
    REQUIRE(fleet.rehearse(bundle()).status == 200);
    CHECK(store::Results(fleet.store()).newest("rack-8")->result_id == before);
    CHECK(store::Hosts(fleet.store()).summary("rack-8")->tier == "affirming");
    CHECK_FALSE(*store::VendorBundles(fleet.store()).newest());
}

TEST_CASE("a large fleet is rehearsed in pieces that leave nobody out and count nobody twice") {
    RehearsalFleet fleet;
    const auto first = json_of(fleet.rehearse(bundle(), "?limit=1"));
    CHECK(first.at("judged") == 1);
    CHECK(first.at("next") == "rack-7");
    const auto second = json_of(fleet.rehearse(bundle(), "?limit=1&after=rack-7"));
    CHECK(second.at("changed").at(0).at("host") == "rack-8");
    CHECK(second.at("next") == "rack-8");
    CHECK(json_of(fleet.rehearse(bundle(), "?limit=1&after=rack-8")).at("next").is_null());
}

TEST_CASE("a rehearsal is for operators, and of a whole bundle that loads") {
    RehearsalFleet fleet;
    CHECK(fleet.rehearse(bundle(), "", TestService::viewer()).status == 403);
    CHECK(fleet.rehearse(bundle().substr(0, 100)).status == 400);
    const auto bad = fleet.rehearse(bundle("\\u0001"));
    CHECK(bad.status == 400);
    INFO(bad.body);
    CHECK(bad.body.find("vendors/maker.toml") != std::string::npos);
}

TEST_CASE("a policy is rehearsed with the labels that hosts have, and only the hosts that were asked for") {
    RehearsalFleet fleet;
    fleet.alter = [](const Context& inputs, AttestationResult& result) {
        if (inputs.policy.name == "strict") result.tier = Tier::none;
    };
    REQUIRE(store::Hosts(fleet.store()).set_labels("rack-8", {{{"role", "database"}}, "ada", kStart}));
    const auto policy = [](const std::string& name, const std::string& rest) {
        return vendors::SourceFile{name + ".toml",
                                   "name = \"" + name +
                                       "\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = "
                                       "\"sha256:0,1,7\"\nchallenge_lifetime_s = 120\nsecure_boot_required = "
                                       "true\nek_certificate_required = true\n" +
                                       rest};
    };
    const Proposal proposal{
        {policy("all", ""), policy("strict", "[select]\nrole = [\"database\"]\n")}, {}, {}};
    const auto answer = json_of(fleet.ask(proposal));
    REQUIRE(answer.at("changed").size() == 1);
    CHECK(answer.at("changed").at(0).at("host") == "rack-8");
    CHECK(answer.at("changed").at(0).at("tier_then") == "none");
    CHECK(answer.at("changed").at(0).at("policy_then") == "strict");
    CHECK(json_of(fleet.ask(proposal, "?host=rack-7")).at("changed").empty());
    CHECK(json_of(fleet.ask(proposal, "?host=rack-7")).at("judged") == 1);
    CHECK(fleet.ask(proposal, "?host=nobody").status == 404);
    CHECK(fleet.ask({{policy("strict", "[select]\nrole = [\"x\"]\n")}, {}, {}}).status == 400);
    CHECK(fleet.ask({}).status == 400);
}

TEST_CASE("a reference set is rehearsed beside the vendor data that is in force") {
    RehearsalFleet fleet;
    fleet.service().vendor_sources = [] {
        vendors::Sources sources;
        sources.references = {{"references/a.toml",
                               "[[reference]]\nname = \"a\"\nversion = \"1\"\nmodel = \"*\"\n"
                               "origin = \"list\"\nsource = \"s\"\n[[reference.pcr]]\npcr = 11\n"
                               "digest = \"sha256:" +
                                   std::string(64, 'a') + "\"\n"}};
        return Result<vendors::Sources>(sources);
    };
    std::size_t seen = 0;
    fleet.alter = [&](const Context& inputs, AttestationResult&) {
        seen = std::max(seen, inputs.vendors.references().size());
    };
    const auto text = [](const std::string& name) {
        return "[[reference]]\nname = \"" + name +
               "\"\nversion = \"1\"\nmodel = \"*\"\norigin = \"list\"\nsource = "
               "\"s\"\n[[reference.pcr]]\npcr = "
               "12\ndigest = \"sha256:" +
               std::string(64, 'b') + "\"\n";
    };
    REQUIRE(fleet.ask({{}, {{"references/b.toml", text("b")}}, {}}).status == 200);
    CHECK(seen == 2);
    seen = 0;
    REQUIRE(fleet.ask({{}, {{"references/a.toml", text("a")}}, {}}).status == 200);
    CHECK(seen == 1);
    CHECK(fleet.ask({{}, {{"references/b.toml", "nonsense"}}, {}}).status == 400);
}
