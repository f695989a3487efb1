#include <fstream>

#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "tests/unit/verifier/service/api/test_service.h"

// What stands against hosts now: a row for each finding, however many results told it.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

Finding finding_about(const std::string& subject, Tier tier = Tier::warning,
                      const std::string& evidence = "smbios: handle 0x0001") {
    return {"vendor.unknown", tier, Basis::bound, subject, "a maker", "nobody", evidence, "ask"};
}

class OpenFleet : public TestService {
  public:
    /// An attestation that finds this, beside the stick that every one of this service finds.
    void attest(const std::string& host, const std::vector<Finding>& findings = {}) {
        if (!store::Hosts(store()).find(host)) enrol(host);
        alter = [&](const Context&, AttestationResult& result) { result.findings = findings; };
        REQUIRE(submit(host, evidence(host, challenge(host), {{"pci", to_bytes("pci")}})).status == 200);
        now += 60;
    }
    nlohmann::json open(const std::string& query = "") {
        const auto answer = get("/v1/findings/open" + query);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return json_of(answer);
    }
    nlohmann::json the_one(const std::string& subject) {
        nlohmann::json found;
        const auto answer = open();
        for (const auto& row : answer.at("findings")) {
            if (row.at("subject") != subject) continue;
            REQUIRE(found.is_null());
            found = row;
        }
        REQUIRE_FALSE(found.is_null());
        return found;
    }
};

}  // namespace

TEST_CASE("a finding that many results told is one row, with since when, how often, and the newest result") {
    OpenFleet fleet;
    for (int i = 0; i < 4; ++i) fleet.attest("rack-7");
    const auto answer = fleet.open();
    CHECK(answer.at("total") == 1);
    REQUIRE(answer.at("findings").size() == 1);
    const auto& row = answer.at("findings").at(0);
    CHECK(row.at("host") == "rack-7");
    CHECK(row.at("id") == "usb.unaccompanied");
    CHECK(row.at("since") == rfc3339_text(kStart));
    CHECK(row.at("times") == 4);
    CHECK(row.at("appraised_at") == rfc3339_text(kStart + 180));
    CHECK(row.at("result_id") == json_of(fleet.get("/v1/hosts/rack-7/result")).at("result_id"));
}

TEST_CASE("other findings that come and go beside it do not begin it anew") {
    OpenFleet fleet;
    fleet.attest("rack-7");
    fleet.attest("rack-7", {finding_about("board")});
    fleet.attest("rack-7");
    CHECK(fleet.the_one("USB 1-4").at("times") == 3);
    CHECK(fleet.the_one("USB 1-4").at("since") == rfc3339_text(kStart));
    CHECK(fleet.open().at("total") == 1);  // the board is over
}

TEST_CASE("what was over and came again stands since it came again") {
    OpenFleet fleet;
    fleet.attest("rack-7", {finding_about("board")});
    fleet.attest("rack-7");
    fleet.attest("rack-7", {finding_about("board")});
    fleet.attest("rack-7", {finding_about("board")});
    CHECK(fleet.the_one("board").at("times") == 2);
    CHECK(fleet.the_one("board").at("since") == rfc3339_text(kStart + 120));
}

TEST_CASE("two matters of one port are two, also where the first one's place is told in more words") {
    const auto about = [](const std::string& where) {
        return finding_about("USB port 1-4", Tier::warning, where);
    };
    OpenFleet fleet;
    fleet.attest("rack-7", {about("journal: record 4; matter 00000000000000aa")});
    fleet.attest("rack-7", {about("journal: record 4; gone with record 9; matter 00000000000000aa"),
                            about("journal: record 12; matter 00000000000000bb")});
    const auto rows = fleet.open("?id=vendor.unknown");
    REQUIRE(rows.at("total") == 2);
    CHECK(rows.at("findings").at(0).at("evidence") ==
          "journal: record 4; gone with record 9; matter 00000000000000aa");
    CHECK(rows.at("findings").at(0).at("times") == 2);
    CHECK(rows.at("findings").at(1).at("times") == 1);
    CHECK(rows.at("findings").at(1).at("since") == rfc3339_text(kStart + 60));
}

TEST_CASE("the worst stands first, then host by host") {
    OpenFleet fleet;
    fleet.attest("rack-8",
                 {finding_about("fan", Tier::affirming), finding_about("board", Tier::contraindicated)});
    fleet.attest("rack-7", {finding_about("drive", Tier::none)});
    std::vector<std::string> order;
    const auto answer = fleet.open();
    for (const auto& row : answer.at("findings"))
        order.push_back(row.at("host").get<std::string>() + " " + row.at("subject").get<std::string>());
    CHECK(order == std::vector<std::string>{"rack-8 board", "rack-7 drive", "rack-7 USB 1-4",
                                            "rack-8 USB 1-4", "rack-8 fan"});
}

TEST_CASE("a cut list says how many there are, whatever is asked for") {
    OpenFleet fleet;
    fleet.attest("rack-7", {finding_about("board"), finding_about("psu")});
    fleet.attest("rack-8", {finding_about("board")});
    const auto cut = fleet.open("?limit=2");
    CHECK(cut.at("findings").size() == 2);
    CHECK(cut.at("total") == 5);
    CHECK(fleet.open("?limit=1&host=rack-8").at("total") == 2);
    CHECK(fleet.open("?limit=1&id=vendor.unknown").at("total") == 3);
    CHECK(fleet.open("?since=" + std::to_string(kStart + 60)).at("total") == 2);
    CHECK(fleet.open("?host=rack-9").at("total") == 0);
}

TEST_CASE("a silent host is a row too: silent since it was heard last") {
    OpenFleet fleet;
    fleet.attest("rack-7");
    const auto heard = fleet.now - 60;
    fleet.now += 30 * 86'400;
    const auto rows = fleet.open("?id=host.silent");
    REQUIRE(rows.at("total") == 1);
    CHECK(rows.at("findings").at(0).at("since") == rfc3339_text(heard));
    CHECK(rows.at("findings").at(0).at("result_id") == "");
    CHECK(fleet.open().at("total") == 2);
    CHECK(fleet.open("?since=" + std::to_string(fleet.now)).at("total") == 0);
}

TEST_CASE("the limit is the same for what stands and what was told, and the page says it") {
    OpenFleet fleet;
    for (const auto* path : {"/v1/findings", "/v1/findings/open"}) {
        INFO(path);
        CHECK(fleet.get(std::string(path) + "?limit=10000").status == 200);
        CHECK(fleet.get(std::string(path) + "?limit=10001").status == 400);
        CHECK(fleet.get(std::string(path) + "?limit=0").status == 400);
        std::ifstream in(ASSAY_SOURCE_DIR "/docs/openapi.yaml");
        const std::string page{std::istreambuf_iterator<char>(in), {}};
        const auto begin = page.find("\n  " + std::string(path) + ":");
        REQUIRE(begin != std::string::npos);
        CHECK(page.substr(begin, 1600).find("1 to 10000; 100 if not given") != std::string::npos);
    }
}

TEST_CASE("a host that never attested has no time, and says so") {
    OpenFleet fleet;
    fleet.enrol("rack-1");
    fleet.attest("rack-7");
    const auto hosts = json_of(fleet.get("/v1/hosts"));
    REQUIRE(hosts.size() == 2);
    CHECK(hosts.at(0).at("host") == "rack-1");
    for (const auto* key : {"attested_at", "appraised_at"}) {
        INFO(key);
        CHECK(hosts.at(0).at(key).is_null());
        CHECK(hosts.at(1).at(key) == rfc3339_text(kStart));
    }
    CHECK(hosts.at(0).at("enrolled_at") == rfc3339_text(kStart));
    CHECK(json_of(fleet.get("/v1/hosts/rack-1")).at("attested_at").is_null());
}
