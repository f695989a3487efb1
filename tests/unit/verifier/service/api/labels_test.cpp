#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/acts/act.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

// Where purchase lines place a host, and what of it an administrator says too.
namespace {

Caller ada() {
    return {Role::admin, true, "ada"};
}

std::pair<std::string, std::string> policy_file(const std::string& name, const std::string& select) {
    return {name + ".toml",
            fmt::format("name = \"{}\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = "
                        "\"sha256:0,1,7\"\nchallenge_lifetime_s = 120\nsecure_boot_required = "
                        "true\nek_certificate_required = true\n{}",
                        name, select)};
}

/// Hosts of two sites; fra1 has a policy of its own.
class Sites : public TestService {
  public:
    Sites() {
        policies() = must(judge::PolicySet::from_toml(
            {policy_file("all", ""), policy_file("strict", "[select]\nsite = [\"fra1\"]\n")}));
        alter = [this](const judge::Context& inputs, AttestationResult&) {
            policy = inputs.policy.name;
            known = inputs.known_host;
        };
    }
    /// A purchase line, given by otto.
    void bought(const std::string& host, const std::string& site) {
        const auto line =
            fmt::format("host,site,tpm_digest\n{},{},{}\n", host, site, sha256(as_view("ek" + host)).hex());
        const auto answer = call(Verb::post, "/v1/registrations", line, an_operator(), "text/csv");
        INFO(answer.body);
        REQUIRE(json_of(answer).at("kept") == true);
    }
    void reports(const std::string& host) {
        REQUIRE(submit(host, evidence(host, challenge(host), {{"pci", to_bytes("pci")}})).status == 200);
    }
    nlohmann::json adopt(const std::string& site, bool dry_run = false) {
        return json_of(post("/v1/labels/adopt", {{"site", site}, {"dry_run", dry_run}}, ada()));
    }
    std::vector<store::StoredAct> acts(const std::string& kind) {
        return must(store::Acts(store()).list({.kind = kind}));
    }

    std::string policy;
    KnownHost known;
};

}  // namespace

TEST_CASE("the site of a purchase line chooses no policy until an administrator's label says it") {
    Sites service;
    service.enrol("rack-7");
    service.reports("rack-7");
    CHECK(service.policy == "all");
    CHECK_FALSE(service.known.policy_by);
    service.bought("rack-7", "fra1");
    service.reports("rack-7");
    CHECK(service.policy == "all");
    CHECK_FALSE(service.known.site);
    CHECK(service.known.purchase_site == PurchaseSite{"fra1", "otto", kStart});
    CHECK(json_of(service.get("/v1/hosts/rack-7/labels")).at("policy") == "all");

    const auto act = service.acts("registration.added").at(0);
    CHECK(act.subject == "host:rack-7");
    CHECK(act.hand == "operator:otto");
    service.bought("rack-7", "ber2");
    const auto changed = nlohmann::json::parse(service.acts("registration.changed").at(0).document);
    CHECK(changed.at("before").at("site") == "fra1");
    CHECK(changed.at("after").at("site") == "ber2");
    service.bought("rack-7", "fra1");

    CHECK(service.post("/v1/labels/adopt", {{"site", "fra1"}}, TestService::an_operator()).status == 403);
    CHECK(service.adopt("fra1").at("hosts").size() == 1);
    service.reports("rack-7");
    CHECK(service.policy == "strict");
    CHECK(service.known.site == "fra1");
    CHECK_FALSE(service.known.purchase_site);
    CHECK(service.known.policy_by == "site=fra1 by ada, " + utc_text(kStart));
}

TEST_CASE("which machine a host is can be asked before it ever attested, and what is not known is null") {
    Sites service;
    service.bought("rack-7", "fra1");
    service.enrol("rack-7");
    service.enrol("rack-8");
    const auto machine = json_of(service.get("/v1/hosts/rack-7/machine"));
    CHECK(machine.at("host") == "rack-7");
    CHECK(machine.at("ek_digest") == sha256(as_view("ekrack-7")).hex());
    CHECK(machine.at("purchase").at("site") == "fra1");
    CHECK(machine.at("enrolled_at") == rfc3339_text(kStart));
    CHECK(machine.at("attested_at").is_null());  // and not 1970
    CHECK(machine.at("parts").empty());
    CHECK(json_of(service.get("/v1/hosts/rack-8/machine")).at("purchase").is_null());
    service.reports("rack-7");
    CHECK(json_of(service.get("/v1/hosts/rack-7/machine")).at("attested_at") == rfc3339_text(kStart));
    CHECK(service.get("/v1/hosts/rack-9/machine").status == 404);
    CHECK(service.get("/v1/hosts/rack-7/machine", {}).status == 403);
}

TEST_CASE("a purchase line that would choose nothing else is no matter of a result") {
    Sites service;
    service.enrol("rack-7");
    service.bought("rack-7", "ber2");
    service.reports("rack-7");
    CHECK_FALSE(service.known.purchase_site);
    service.vendors() = must(vendors::load(
        {{{"vendors/maker.toml",
           "id = \"maker\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Maker Works\"]\nsource = \"test\"\n"}},
         {},
         {{"decisions/test.toml",
           "[[decisions]]\nentities = [\"maker\"]\nsite = \"ber2\"\ndecision = \"allow\"\nreason = \"here "
           "alone\"\napprover = \"carla\"\nfrom = 2024-01-01\n"}},
         {}}));
    service.reports("rack-7");
    CHECK(service.known.purchase_site);
    CHECK_FALSE(service.known.site);
    CHECK(service.adopt("ber2").at("hosts").size() == 1);
    service.reports("rack-7");
    CHECK(service.known.site == "ber2");
    CHECK_FALSE(service.known.purchase_site);
}

TEST_CASE(
    "a site is adopted for the hosts that are bought for it, enrolled and not labelled so, each with an "
    "act") {
    Sites service;
    for (const auto* host : {"rack-1", "rack-2", "rack-3", "rack-4", "rack-5"}) service.enrol(host);
    for (const auto* host : {"rack-1", "rack-2", "rack-3", "rack-4", "rack-9"}) service.bought(host, "fra1");
    service.bought("rack-5", "ber2");
    const auto label = [&](const std::string& host, const nlohmann::json& labels) {
        REQUIRE(service.post("/v1/hosts/" + host + "/labels", {{"labels", labels}}, ada()).status == 200);
    };
    label("rack-2", {{"site", "ber2"}, {"role", "database"}});
    label("rack-4", {{"site", "fra1"}});
    const nlohmann::json wanted = {{{"host", "rack-1"}, {"before", ""}},
                                   {{"host", "rack-2"}, {"before", "ber2"}},
                                   {{"host", "rack-3"}, {"before", ""}}};
    const auto dry = service.adopt("fra1", true);
    CHECK(dry.at("hosts") == wanted);
    CHECK(dry.at("kept") == false);
    CHECK(service.acts("labels.adopted").empty());
    CHECK(service.adopt("fra1").at("hosts") == wanted);
    CHECK(service.adopt("fra1").at("hosts").empty());
    const auto acts = service.acts("labels.adopted");
    REQUIRE(acts.size() == 3);
    CHECK(acts.at(1).subject == "host:rack-2");
    CHECK(acts.at(1).hand == "operator:ada");
    const auto said = nlohmann::json::parse(acts.at(1).document);
    CHECK(said.at("before") == nlohmann::json{{"site", "ber2"}, {"role", "database"}});
    CHECK(said.at("after") == nlohmann::json{{"site", "fra1"}, {"role", "database"}});
    CHECK(json_of(service.get("/v1/hosts/rack-5/labels")).at("labels").empty());
    CHECK(service.acts("labels.set").size() == 2);
}

TEST_CASE("whoever has another role than is needed is told how the right certificate is made") {
    TestService service;
    const auto said = [&](const std::string& target) {
        return json_of(service.post(target, {}, TestService::viewer())).at("detail").get<std::string>();
    };
    CHECK(said("/v1/labels/adopt") ==
          "this needs the role 'admin', and 'vera' has the role 'viewer': assay-verifier "
          "operator add NAME --role admin --person ID");
    CHECK(said("/v1/tokens").ends_with("operator add NAME --role operator"));
}
