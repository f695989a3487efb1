#include <set>

#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "tests/unit/verifier/service/api/test_service.h"

// What hosts booted, by their PCRs, and the labels that choose a policy.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

class BootsFleet : public TestService {
  public:
    /// An attestation whose quote had these PCRs.
    void attest(const std::string& host, const std::string& firmware, const std::string& loader) {
        quoted = QuotedPcrs{};
        quoted->values.at(0) = sha256(as_view(firmware));
        quoted->values.at(4) = sha256(as_view(loader));
        submit_quoted(host);
    }
    /// One whose quote had this one, and all others as on other hosts.
    void attest(const std::string& host, unsigned pcr, const std::string& value) {
        quoted = QuotedPcrs{};
        for (auto& each : quoted->values) each = sha256(as_view("alike"));
        quoted->values.at(pcr) = sha256(as_view(value));
        submit_quoted(host);
    }
    void submit_quoted(const std::string& host) {
        REQUIRE(submit(host, evidence(host, challenge(host), {{"pci", to_bytes("pci")}})).status == 200);
    }
    nlohmann::json groups(const std::string& query = "") {
        const auto answer = get("/v1/boots" + query);
        REQUIRE(answer.status == 200);
        return json_of(answer).at("groups");
    }
};

const auto kAdmin = [] { return api::Caller{api::Role::admin, true, "ada"}; };

}  // namespace

TEST_CASE("one odd host among equal ones shows, with the time since when") {
    BootsFleet fleet;
    for (const auto* host : {"rack-1", "rack-2", "rack-3"}) {
        fleet.enrol(host);
        fleet.attest(host, "bios 1", "shim");
    }
    CHECK(fleet.groups().size() == 1);
    fleet.now += 1000;
    fleet.attest("rack-2", "bios 1", "an implant");
    fleet.now += 1000;
    fleet.attest("rack-2", "bios 1", "an implant");
    const auto groups = fleet.groups();
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].at("hosts") == nlohmann::json{"rack-1", "rack-3"});
    CHECK(groups[1].at("hosts") == nlohmann::json{"rack-2"});
    CHECK(groups[1].at("since") == rfc3339_text(kStart + 1000));
    CHECK(groups[0].at("since") == rfc3339_text(kStart));
    CHECK(groups[1].at("values").at("0") == groups[0].at("values").at("0"));
    CHECK(groups[1].at("values").at("4") != groups[0].at("values").at("4"));
    CHECK(fleet.groups("?pcrs=0").size() == 1);
    CHECK(fleet.get("/v1/boots?pcrs=24").status == 400);
}

TEST_CASE("without being asked for PCRs hosts are told apart by command line and initrd too") {
    for (unsigned pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        BootsFleet fleet;
        for (const std::string host : {"rack-1", "rack-2"}) {
            fleet.enrol(host);
            fleet.attest(host, pcr, host);
        }
        INFO("PCR " << pcr);
        // 8, 9 and 12 hold them under GRUB and in unified images; 10 is IMA's, others differ between equals.
        const bool told = std::set<unsigned>{0, 2, 4, 7, 8, 9, 11, 12}.contains(pcr);
        CHECK(fleet.groups().size() == (told ? 2 : 1));
    }
}

TEST_CASE("what no authentic quote vouches for is nobody's boot") {
    BootsFleet fleet;
    fleet.enrol("rack-1");
    REQUIRE(fleet.submit("rack-1", BootsFleet::evidence("rack-1", fleet.challenge("rack-1"), {})).status ==
            200);
    CHECK(fleet.groups().empty());
}

TEST_CASE("the boot of an earlier time can be fetched to be compared") {
    BootsFleet fleet;
    fleet.enrol("rack-1");
    CHECK(fleet.get("/v1/hosts/rack-1/bundle").status == 404);
    fleet.attest("rack-1", "bios 1", "shim");
    const auto first = fleet.get("/v1/hosts/rack-1/bundle").body;
    fleet.now += 1000;
    fleet.attest("rack-1", "bios 2", "shim");
    const auto at = [&](std::int64_t time) {
        return fleet.get("/v1/hosts/rack-1/bundle?at=" + std::to_string(time));
    };
    CHECK(at(kStart + 999).body == first);
    CHECK(at(kStart + 1000).body == fleet.get("/v1/hosts/rack-1/bundle").body);
    CHECK(at(kStart + 1000).body != first);
    CHECK(at(kStart - 1).status == 404);
}

TEST_CASE("labels choose the policy that judges the PCRs, and only an administrator sets them") {
    BootsFleet fleet;
    fleet.enrol("rack-1");
    auto& policies = const_cast<PolicySet&>(fleet.service().policies);
    policies = PolicySet::from_toml(
                   {{"all.toml",
                     "name = \"all\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = "
                     "\"sha256:0,1,7\"\nchallenge_lifetime_s = 120\nsecure_boot_required = true\n"
                     "ek_certificate_required = true\n"},
                    {"db.toml",
                     "name = \"databases\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = "
                     "\"sha256:0,4\"\nchallenge_lifetime_s = 120\nsecure_boot_required = true\n"
                     "ek_certificate_required = true\n[select]\nrole = [\"database\"]\n"}})
                   .value();
    std::string selection_judged;
    fleet.alter = [&](const Context& context, AttestationResult&) {
        selection_judged = context.policy.pcr_selection;
    };
    const auto selection = [&] {
        fleet.now += 1;
        REQUIRE(
            fleet.submit("rack-1", BootsFleet::evidence("rack-1", fleet.challenge("rack-1"), {})).status ==
            200);
        return selection_judged;
    };
    const nlohmann::json database{{"labels", {{"role", "database"}}}};
    CHECK(selection() == "sha256:0,1,7");
    CHECK(fleet.post("/v1/hosts/rack-1/labels", database, BootsFleet::an_operator()).status == 403);
    CHECK(selection() == "sha256:0,1,7");
    const auto set = fleet.post("/v1/hosts/rack-1/labels", database, kAdmin());
    INFO(set.body);
    REQUIRE(set.status == 200);
    CHECK(json_of(set).at("policy") == "databases");
    CHECK(json_of(set).at("set_by") == "ada");
    CHECK(selection() == "sha256:0,4");
    CHECK(json_of(fleet.get("/v1/hosts/rack-1/labels")).at("labels") == database.at("labels"));
    REQUIRE(fleet.post("/v1/hosts/rack-1/labels", {{"labels", nlohmann::json::object()}}, kAdmin()).status ==
            200);
    CHECK(selection() == "sha256:0,1,7");
    CHECK(fleet.post("/v1/hosts/rack-1/labels", {{"labels", {{"Role", "x"}}}}, kAdmin()).status == 400);
    CHECK(fleet.post("/v1/hosts/rack-1/labels", {{"labels", {{"role", "a\nb"}}}}, kAdmin()).status == 400);
    CHECK(fleet.post("/v1/hosts/rack-9/labels", database, kAdmin()).status == 404);
}
