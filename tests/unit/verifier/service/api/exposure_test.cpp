#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/jws.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/hosts/admission.h"

// Where a maker's parts are, and which identifiers nobody knows.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;
using vendors::Component;
using vendors::Namespace;

namespace {

vendors::VendorDb makers() {
    const std::string source = "source = \"test\"\n";
    return must(vendors::load(
        {{{"vendors/parent.toml",
           "id = \"parent\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Parent Holding\"]\n" + source},
          {"vendors/maker.toml", "id = \"maker\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Maker Works\"]\n" +
                                     source + "[[ids]]\nnamespace = \"pci\"\nvalues = [\"1bd4\"]\n" + source +
                                     "[[ids]]\nnamespace = \"oui\"\nvalues = [\"6C92BF\"]\n" + source +
                                     "[[owned_by]]\nowner = \"parent\"\npct = 51\nfrom = 2020-01-01\n" +
                                     source},
          {"vendors/other.toml",
           "id = \"other\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Another Maker\"]\n" + source +
               "[[ids]]\nnamespace = \"oui\"\nvalues = [\"6C92BF000\"]\n" + source}},
         {},
         {{"decisions/test.toml",
           "[[decisions]]\nentities = [\"maker\"]\ndecision = \"deny\"\nreason = \"not to be bought\"\n"
           "approver = \"carla\"\nfrom = 2024-01-01\n"}},
         {}}));
}

HostComponent card(const std::string& serial, const std::string& vendor = "1bd4") {
    return {.kind = Component::pci,
            .place = "0000:3b:00.0",
            .maker = {{Namespace::pci, vendor, "PCI id " + vendor + ":0911", "chip"}},
            .model = vendor + ":0911",
            .serial = serial,
            .evidence = "pci: 0000:3b:00.0"};
}

HostComponent nic(const std::string& digits) {
    return {.kind = Component::nic,
            .place = "eth0",
            .maker = {{Namespace::oui, digits, "permanent MAC", "address"}},
            .mac = "6c:92:bf:00:02:03",
            .evidence = "network: eth0"};
}

class ExposureFleet : public TestService {
  public:
    ExposureFleet() { vendors() = makers(); }
    void shows(const std::string& host, std::vector<HostComponent> what) {
        if (!store::Hosts(store()).find(host)) enrol(host);
        parts = std::move(what);
        const auto answer = submit(host, evidence(host, challenge(host), {{"pci", to_bytes("pci")}}));
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        now += 10;
    }
    nlohmann::json exposure(const std::string& query) {
        const auto answer = get("/v1/vendors/exposure?" + query);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return json_of(answer).at("exposure");
    }
    nlohmann::json unknown() { return json_of(get("/v1/vendors/unknown")).at("identifiers"); }
};

}  // namespace

TEST_CASE("every part of a maker is named with host, place, serial, since when, and the decision on it") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    fleet.shows("rack-8", {card("S-2")});
    fleet.shows("rack-7", {card("S-1")});
    const auto answer = fleet.exposure("entity=maker");
    CHECK(answer.at("parts_in_all") == 2);
    CHECK(answer.at("hosts_in_all") == 2);
    const auto& part = answer.at("parts").at(0);
    CHECK(part.at("host") == "rack-7");
    CHECK(part.at("place") == "0000:3b:00.0");
    CHECK(part.at("serial") == "S-1");
    CHECK(part.at("matched_by") == "PCI id 1bd4:0911");
    CHECK(part.at("first_seen") == rfc3339_text(kStart));
    CHECK(part.at("last_seen") == rfc3339_text(kStart + 20));
    CHECK(part.at("result_id") == json_of(fleet.get("/v1/hosts/rack-7/result")).at("result_id"));
    CHECK(part.at("present") == true);
    REQUIRE(answer.at("decisions").size() == 1);
    CHECK(answer.at("decisions").at(0).at("decision") == "deny");
    CHECK(answer.at("decisions").at(0).at("approver") == "carla");
}

TEST_CASE("a maker is found by its name too, and one that nobody knows is told from one without parts") {
    ExposureFleet fleet;
    CHECK(fleet.exposure("entity=MAKER%20WORKS").at("entity") == "maker");
    CHECK(fleet.exposure("entity=other").at("parts_in_all") == 0);
    const auto answer = fleet.get("/v1/vendors/exposure?entity=make");
    CHECK(answer.status == 404);
    CHECK(answer.body.find("assay vendors resolve") != std::string::npos);
    CHECK(fleet.get("/v1/vendors/exposure").status == 400);
    CHECK(fleet.get("/v1/vendors/exposure?entity=maker&owned=2").status == 400);
}

TEST_CASE("a parent's exposure holds its subsidiaries' parts when they are asked for, with the chain") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    CHECK(fleet.exposure("entity=parent").at("parts_in_all") == 0);
    const auto answer = fleet.exposure("entity=parent&owned=1");
    CHECK(answer.at("parts_in_all") == 1);
    CHECK(answer.at("parts").at(0).at("entity") == "maker");
    CHECK(answer.at("parties").at(0).at("chain").get<std::string>().find("51 %") != std::string::npos);
    // Before the purchase it owned nobody, whatever was in the racks.
    CHECK(fleet.exposure("entity=parent&owned=1&as_of=1500000000").at("parties").size() == 1);
}

TEST_CASE("as of a time, the parts that were there then") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    fleet.shows("rack-7", {card("S-1")});
    fleet.shows("rack-7", {card("S-2")});
    const auto at = [&](std::int64_t time) {
        return fleet.exposure("entity=maker&as_of=" + std::to_string(kStart + time)).at("parts");
    };
    CHECK(at(-1).empty());
    REQUIRE(at(5).size() == 1);
    CHECK(at(5).at(0).at("serial") == "S-1");
    CHECK(at(15).empty());  // between two reports nobody can tell: what was seen, not what is supposed
    CHECK(at(20).at(0).at("serial") == "S-2");
    const auto all = fleet.exposure("entity=maker").at("parts");
    REQUIRE(all.size() == 2);
    CHECK(all.at(0).at("present") == false);
}

TEST_CASE("an address under another maker's longer prefix is not the shorter prefix's owner's") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {nic("6C92BF000203")});
    fleet.shows("rack-8", {nic("6C92BF010203")});
    CHECK(fleet.exposure("entity=other").at("parts").at(0).at("host") == "rack-7");
    const auto answer = fleet.exposure("entity=maker");
    REQUIRE(answer.at("parts").size() == 1);
    CHECK(answer.at("parts").at(0).at("host") == "rack-8");
}

TEST_CASE(
    "a part is told with the site of its host's label or purchase line, and the decision for the label "
    "alone") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    fleet.shows("rack-8", {card("S-2")});
    REQUIRE(store::Registrations(fleet.store())
                .add({{2, "rack-7", "berlin", "", "", std::string(64, 'a'), ""}}, "otto", kStart, false,
                     [](const auto&, const auto&) { return true; }));
    const auto answer = fleet.exposure("entity=maker");
    REQUIRE(answer.at("parts").size() == 2);
    CHECK(answer.at("parts").at(0).at("site") == "berlin");
    CHECK(answer.at("parts").at(1).at("site") == "");
    REQUIRE(answer.at("decisions").size() == 1);
    CHECK(answer.at("decisions").at(0).at("site") == "");
    REQUIRE(store::Hosts(fleet.store()).set_labels("rack-7", {{{"site", "fra1"}}, "ada", kStart}));
    const auto labelled = fleet.exposure("entity=maker");
    CHECK(labelled.at("parts").at(0).at("site") == "fra1");
    REQUIRE(labelled.at("decisions").size() == 2);
    CHECK(labelled.at("decisions").at(0).at("site") == "fra1");
}

TEST_CASE("more parts than the limit are counted and not shown") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    fleet.shows("rack-8", {card("S-2")});
    const auto answer = fleet.exposure("entity=maker&limit=1");
    CHECK(answer.at("parts").size() == 1);
    CHECK(answer.at("parts_in_all") == 2);
}

TEST_CASE("no part of a maker is told with how many hosts could have shown one") {
    ExposureFleet fleet;
    const auto nothing = fleet.exposure("entity=maker").at("coverage");
    CHECK(nothing.at("hosts") == 0);
    CHECK(nothing.at("attested") == 0);
    fleet.enrol("rack-1");
    fleet.shows("rack-7", {card("S-1", "abcd")});
    const auto answer = fleet.exposure("entity=maker");
    CHECK(answer.at("parts_in_all") == 0);
    const auto& some = answer.at("coverage");
    CHECK(some.at("hosts") == 2);
    CHECK(some.at("attested") == 1);
    CHECK(some.at("never_attested_hosts") == nlohmann::json{"rack-1"});
    CHECK(some.at("silent") == 0);
    CHECK(some.at("unnamed_parts") == 1);
    CHECK(some.at("unnamed_parts_hosts") == 1);
}

TEST_CASE("a part that has no identifier at all is one that nobody can name, and a known one is not") {
    ExposureFleet fleet;
    auto bare = card("S-2");
    bare.place = "0000:5e:00.0";
    bare.maker.clear();
    fleet.shows("rack-7", {card("S-1"), bare});
    CHECK(fleet.exposure("entity=maker").at("coverage").at("unnamed_parts") == 1);
}

TEST_CASE("a host that is silent by then is counted as silent, and was not before") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    CHECK(fleet.exposure("entity=maker").at("coverage").at("silent") == 0);
    const auto then = fleet.now;
    fleet.now += 30 * 86'400;
    CHECK(fleet.exposure("entity=maker").at("coverage").at("silent_hosts") == nlohmann::json{"rack-7"});
    CHECK(fleet.exposure("entity=maker&as_of=" + std::to_string(then)).at("coverage").at("silent") == 0);
}

TEST_CASE("as of a time nothing is told that came later") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    const auto shown = json_of(fleet.get("/v1/hosts/rack-7/result")).at("result_id");
    for (int i = 0; i < 5; ++i) fleet.shows("rack-7", {card("S-1")});
    fleet.enrol("rack-8");
    REQUIRE(store::Hosts(fleet.store()).set_labels("rack-7", {{{"site", "fra1"}}, "ada", fleet.now}));
    fleet.shows("rack-7", {});
    const auto then = fleet.exposure("entity=maker&as_of=" + std::to_string(kStart + 5));
    CHECK(then.at("coverage").at("hosts") == 1);  // rack-8 came later
    REQUIRE(then.at("parts").size() == 1);
    const auto& part = then.at("parts").at(0);
    CHECK(part.at("last_seen") == rfc3339_text(kStart));
    CHECK(part.at("result_id") == shown);
    CHECK(part.at("present") == true);
    CHECK(part.at("site") == "");
    const auto now = fleet.exposure("entity=maker").at("parts").at(0);
    CHECK(now.at("present") == false);
    CHECK(now.at("site") == "fra1");
    CHECK(fleet.exposure("entity=maker&as_of=" + std::to_string(kStart - 1)).at("coverage").at("hosts") == 0);
}

TEST_CASE("the result that showed a part is found within a long row of equal ones") {
    ExposureFleet fleet;
    std::vector<std::string> results;
    for (int i = 0; i < 9; ++i) {
        fleet.shows("rack-7", {card("S-1")});
        results.push_back(json_of(fleet.get("/v1/hosts/rack-7/result")).at("result_id"));
    }
    for (int i = 0; i < 9; ++i) {
        INFO(i);
        const auto answer = fleet.exposure("entity=maker&as_of=" + std::to_string(kStart + 10 * i + 3));
        CHECK(answer.at("parts").at(0).at("result_id") == results.at(static_cast<std::size_t>(i)));
    }
}

TEST_CASE("the answer is signed, over the document as it is") {
    ExposureFleet fleet;
    fleet.shows("rack-7", {card("S-1")});
    const auto answer = json_of(fleet.get("/v1/vendors/exposure?entity=maker"));
    const std::string token = answer.at("jwt");
    const auto claims = nlohmann::json::parse(as_text(must(parse_jws(token)).payload));
    CHECK(claims.at("iat") == fleet.now);
    CHECK(claims.at("assay.exposure") == sha256(as_view(answer.at("exposure").dump())).hex());
}

TEST_CASE("the review queue holds what no vendor file has, most hosts first, and no host twice") {
    ExposureFleet fleet;
    auto other_model = card("S-3", "abcd");
    other_model.place = "0000:5e:00.0";
    other_model.model = "abcd:0002";
    fleet.shows("rack-7", {card("S-1"), card("S-2", "abcd"), other_model});
    fleet.shows("rack-8", {card("S-4", "abcd"), nic("6C92BF010203")});
    fleet.shows("rack-9", {card("S-5", "abce")});
    const auto rows = fleet.unknown();
    REQUIRE(rows.size() == 2);
    CHECK(rows.at(0).at("namespace") == "pci");
    CHECK(rows.at(0).at("value") == "abcd");
    CHECK(rows.at(0).at("hosts") == 2);
    CHECK(rows.at(1).at("value") == "abce");
    CHECK(rows.at(1).at("example_host") == "rack-9");
}

TEST_CASE("the review queue leaves out a name beside a known number, and puts placeholders last") {
    ExposureFleet fleet;
    auto named = card("S-1");
    named.maker.push_back({Namespace::smbios, "Some Works", "'Some Works'", "chip"});
    HostComponent board{.kind = Component::board,
                        .place = "board",
                        .maker = {{Namespace::smbios, "To Be Filled By O.E.M.", "a placeholder", ""}},
                        .evidence = "smbios: handle 0x0002"};
    fleet.shows("rack-7", {named, board});
    fleet.shows("rack-8", {board});
    fleet.shows("rack-9", {card("S-5", "abce")});
    const auto rows = fleet.unknown();
    REQUIRE(rows.size() == 2);
    CHECK(rows.at(0).at("value") == "abce");
    CHECK(rows.at(1).at("placeholder") == true);
    CHECK(rows.at(1).at("hosts") == 2);
}
