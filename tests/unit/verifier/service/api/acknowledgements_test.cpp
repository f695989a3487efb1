#include "verifier/service/store/hosts/acknowledgements.h"

#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

/// That was put in and taken out again, and not used.
OpenMatter stick() {
    auto out = sample::device_matter();
    out.since = kStart;
    out.device->gone_record = 43;
    out.device->mounted.clear();
    out.device->read = 0;
    return out;
}

OpenMatter change(const std::string& tier) {
    auto out = sample::change_matter();
    out.since = kStart;
    out.tier = tier;
    return out;
}

struct Rack {
    TestService service;

    Rack() { service.enrol("rack-7"); }
    /// As its newest report left them.
    void leave_open(const std::vector<OpenMatter>& open, const std::string& host = "rack-7") {
        const auto database = must(store::Database::open("sqlite:" + service.file().string()));
        must(database->write([&](soci::session& sql) {
            return store::execute(sql, "UPDATE host_state SET open_matters = :open WHERE host = :host",
                                  to_hex(encode_open_matters(open)), host);
        }));
    }
    /// Its next report has a finding that names the matter.
    std::string report(const OpenMatter& matter, const std::string& host = "rack-7") {
        const Finding finding{matter.id,
                              Tier::warning,
                              Basis::bound,
                              matter.subject,
                              matter.expected,
                              matter.actual,
                              "matter " + matter_id(matter),
                              ""};
        service.alter = [&](const judge::Context&, AttestationResult& result) {
            result.findings = {finding};
        };
        const auto nonce = service.challenge();
        REQUIRE(service.submit(host, TestService::evidence(host, nonce, {{"pci", to_bytes("x")}})).status ==
                200);
        leave_open({matter}, host);
        return finding_group_key(finding);
    }
    Response acknowledge(const OpenMatter& matter, const std::string& person) {
        return service.post("/v1/acknowledgements",
                            {{"host", "rack-7"}, {"matter", matter_id(matter)}, {"reason", "INC-88"}},
                            by(person));
    }
    static Caller by(const std::string& person) { return {Role::operator_, true, person}; }
    /// What it still lacks, once this person has acknowledged it.
    std::string lacks(const OpenMatter& matter, const std::string& person) {
        const auto answer = acknowledge(matter, person);
        REQUIRE(answer.status == 200);
        return json_of(answer).at("acknowledged").at(0).at("lacks");
    }
    nlohmann::json listed() { return json_of(service.get("/v1/hosts/rack-7/matters")).at("matters"); }
};

}  // namespace

TEST_CASE(
    "a device that is gone is over with one acknowledgement, and one that was written with two people's") {
    Rack rack;
    rack.leave_open({stick()});
    REQUIRE(rack.listed().at(0).at("lacks") == "1 person");
    CHECK(rack.lacks(stick(), "olga").empty());
    auto written = stick();
    written.device->written = 4096;
    rack.leave_open({written});
    CHECK(rack.lacks(written, "ann").starts_with("1 more person, for it was mounted, read, written"));
    CHECK(rack.lacks(written, "ann").starts_with("1 more person"));  // another certificate of that name
    CHECK(rack.listed().at(0).at("missing") == 1);
    CHECK(rack.lacks(written, "bert").empty());
    CHECK(rack.listed().at(0).at("acknowledged").size() == 2);
}

TEST_CASE("an acknowledgement while the device is in is kept, and says that it does not count yet") {
    Rack rack;
    auto in = stick();
    in.device->gone_record = 0;
    rack.leave_open({in});
    CHECK(rack.lacks(in, "olga") == "it is still there: acknowledgements count once it is gone");
    const auto open = must(store::Acknowledgements(rack.service.store()).open("rack-7")).matters;
    REQUIRE(open.size() == 1);
    CHECK(open.front().acks.size() == 1);
    CHECK_FALSE(is_over(open.front()));
    auto gone = open;
    gone.front().device->gone_record = 44;
    CHECK(is_over(gone.front()));
}

TEST_CASE("a change that the owner calls contraindicated is not ended by people") {
    Rack rack;
    rack.leave_open({change("contraindicated")});
    CHECK(rack.lacks(change("contraindicated"), "olga").contains("something signed"));
    rack.leave_open({change("warning")});
    CHECK(rack.lacks(change("warning"), "ann").empty());
}

TEST_CASE("what was acknowledged stays readable with person, time and reason") {
    Rack rack;
    rack.leave_open({stick()});
    rack.service.now += 60;
    REQUIRE(rack.acknowledge(stick(), "olga").status == 200);
    rack.leave_open({});
    const auto all = json_of(rack.service.get("/v1/acknowledgements?host=rack-7"));
    REQUIRE(all.size() == 1);
    CHECK(all[0] == nlohmann::json{{"host", "rack-7"},
                                   {"matter", matter_id(stick())},
                                   {"by", "olga"},
                                   {"at", rfc3339_text(kStart + 60)},
                                   {"reason", "INC-88"}});
    CHECK(rack.service.get("/v1/acknowledgements?limit=0").status == 400);
}

TEST_CASE("an acknowledgement without reason, of nothing that is open, or by who only looks is refused") {
    Rack rack;
    rack.leave_open({stick()});
    const auto unknown = rack.acknowledge(change("warning"), "olga");
    CHECK(unknown.status == 404);
    CHECK(json_of(unknown).at("detail").get<std::string>().contains("assay host matters rack-7"));
    const nlohmann::json whole{{"host", "rack-7"}, {"matter", matter_id(stick())}, {"reason", "INC-88"}};
    for (const auto* missing : {"host", "matter", "reason"}) {
        auto body = whole;
        body.erase(missing);
        INFO(missing);
        CHECK(rack.service.post("/v1/acknowledgements", body, Rack::by("olga")).status == 400);
    }
    auto both = whole;
    both["group"] = "9c1e";
    CHECK(rack.service.post("/v1/acknowledgements", both, Rack::by("olga")).status == 400);
    CHECK(rack.service.post("/v1/acknowledgements", whole, TestService::viewer()).status == 403);
    CHECK(rack.service.get("/v1/hosts/nobody/matters").status == 404);
    CHECK(json_of(rack.service.get("/v1/acknowledgements")).empty());
}

TEST_CASE("what the findings of one group tell of is acknowledged at once, on every host") {
    Rack rack;
    const auto group = rack.report(change("warning"));
    for (const auto* host : {"rack-8", "rack-9"}) {
        rack.service.enrol(host);
        CHECK(rack.report(change("warning"), host) == group);
    }
    const auto answer = json_of(rack.service.post(
        "/v1/acknowledgements", {{"group", group}, {"reason", "CHG-12"}}, Rack::by("olga")));
    REQUIRE(answer.at("acknowledged").size() == 3);
    CHECK(answer.at("next").is_null());
    CHECK(answer.at("acknowledged").at(2).at("host") == "rack-9");
    CHECK(answer.at("acknowledged").at(2).at("lacks") == "");
    const auto behind = json_of(
        rack.service.post("/v1/acknowledgements",
                          {{"group", group}, {"after", "rack-8"}, {"reason", "CHG-12"}}, Rack::by("ann")));
    CHECK(behind.at("acknowledged").size() == 1);
    const auto nobody = rack.service.post(
        "/v1/acknowledgements", {{"group", std::string(64, 'a')}, {"reason", "CHG-12"}}, Rack::by("olga"));
    CHECK(nobody.status == 404);
}
