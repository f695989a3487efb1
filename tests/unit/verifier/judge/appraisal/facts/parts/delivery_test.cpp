// What a host was delivered with, against what its evidence shows.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/certificates/platform_certificate_builder.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/judge/appraisal/facts/parts/delivery_difference.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr auto kCheck = "components_are_as_delivered";

/// As the builder's machine is.
Delivery delivery() {
    Delivery made;
    made.source = "as-built list";
    made.digest = std::string(64, 'd');
    made.at = kNow - 1000;
    made.by = "otto";
    made.parts = {{.kind = "system",
                   .place = "",
                   .maker = "",
                   .model = "Server 1",
                   .serial = "SN-1",
                   .revision = "",
                   .mac = ""},
                  {.kind = "memory",
                   .place = "DIMM_A1, BANK 0",
                   .maker = "",
                   .model = "M393",
                   .serial = "SN-17",
                   .revision = "",
                   .mac = ""},
                  {.kind = "drive",
                   .place = "",
                   .maker = "",
                   .model = "Good SSD 1",
                   .serial = "S-1",
                   .revision = "",
                   .mac = ""},
                  {.kind = "nic",
                   .place = "",
                   .maker = "",
                   .model = "",
                   .serial = "",
                   .revision = "",
                   .mac = "a4bf01010203"}};
    return made;
}

AttestationResult appraised(const std::function<void(EvidenceBuilder&, Delivery&)>& change) {
    EvidenceBuilder builder;
    auto given = delivery();
    change(builder, given);
    builder.known.delivery = given;
    return builder.build().appraise().result;
}

CheckOutcome outcome(const AttestationResult& result) {
    const auto found = std::ranges::find(result.checks, kCheck, &CheckOutcome::check);
    REQUIRE(found != result.checks.end());
    return *found;
}

std::set<std::string> found(const AttestationResult& result) {
    std::set<std::string> ids;
    for (const auto& finding : result.findings) {
        if (finding.id.starts_with("delivery.")) ids.insert(finding.id);
    }
    return ids;
}
using Ids = std::set<std::string>;

void honest(EvidenceBuilder&, Delivery&) {}

DeliveredPart part(const std::string& serial, const std::string& place = "", const std::string& model = "M") {
    DeliveredPart made;
    made.kind = "memory";
    made.place = place;
    made.model = model;
    made.serial = serial;
    return made;
}
HostComponent there(const std::string& serial, const std::string& place, const std::string& model = "M") {
    HostComponent made{.kind = vendors::Component::memory, .place = place};
    made.model = model;
    made.serial = serial;
    return made;
}

/// "replaced A>B": kinds with both serials, and how many are the same.
std::vector<std::string> compared(const std::vector<DeliveredPart>& delivered,
                                  const std::vector<HostComponent>& present) {
    std::vector<const DeliveredPart*> expected;
    for (const auto& each : delivered) expected.push_back(&each);
    std::vector<const HostComponent*> actual;
    for (const auto& each : present) actual.push_back(&each);
    const auto all = compare_delivery(expected, actual);
    std::vector<std::string> out{std::to_string(all.same) + " same"};
    for (const auto& each : all.differences) {
        static constexpr std::array kNames{"missing", "extra", "replaced", "moved", "unreadable"};
        out.push_back(std::string(kNames.at(static_cast<std::size_t>(each.kind))) + " " +
                      (each.expected == nullptr ? "" : each.expected->serial) + ">" +
                      (each.actual == nullptr ? "" : each.actual->serial));
    }
    return out;
}
using Descriptions = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "a host with the parts that it was delivered with is affirmed, and the summary says what was compared") {
    const auto result = appraised(honest);
    CHECK(result.tier == Tier::affirming);
    CHECK(outcome(result).tier == Tier::affirming);
    CHECK(outcome(result).basis == Basis::bound);
    CHECK(outcome(result).summary == "4 of 4 parts as delivered by as-built list, 0 of them by model alone");
}

TEST_CASE(
    "without a delivery nothing is checked, and where the policy requires it the host is never affirmed") {
    EvidenceBuilder builder;
    auto made = builder.build();
    CHECK(outcome(made.appraise().result).tier == Tier::none);
    CHECK(made.appraise().result.tier == Tier::affirming);
    made.policy.required_checks.insert(kCheck);
    CHECK(made.appraise().result.tier == Tier::none);
    builder.known.delivery = delivery();
    auto given = builder.build();
    given.policy.required_checks.insert(kCheck);
    CHECK(given.appraise().result.tier == Tier::affirming);
}

TEST_CASE("a missing, extra, replaced or moved part is a finding with both sides") {
    const auto swapped =
        appraised([](EvidenceBuilder& builder, Delivery&) { builder.drives.front().serial = "S-9"; });
    CHECK(found(swapped) == Ids{"delivery.part_replaced"});
    CHECK(swapped.tier == Tier::contraindicated);
    const auto finding = *std::ranges::find(swapped.findings, "delivery.part_replaced", &Finding::id);
    CHECK(finding.expected == "Good SSD 1, serial S-1");
    CHECK(finding.actual == "Good SSD 1, serial S-9 in nvme0");
    CHECK(finding.subject == "drive nvme0");

    CHECK(found(appraised([](EvidenceBuilder& builder, Delivery&) { builder.drives.clear(); })) ==
          Ids{"delivery.part_missing"});
    CHECK(found(appraised([](EvidenceBuilder& builder, Delivery&) {
              builder.nics.push_back(EvidenceBuilder::nic("eth1", 0xa4, 0xbf, 0x02));
          })) == Ids{"delivery.part_extra"});
    const auto moved = appraised([](EvidenceBuilder&, Delivery& given) { given.parts[1].place = "DIMM_B1"; });
    CHECK(found(moved) == Ids{"delivery.part_moved"});
    CHECK(moved.tier == Tier::warning);
    const auto unreadable =
        appraised([](EvidenceBuilder& builder, Delivery&) { builder.drives.front().serial.clear(); });
    CHECK(found(unreadable) == Ids{"delivery.part_unreadable"});
    CHECK(unreadable.tier == Tier::warning);
}

TEST_CASE("a delivered part with a class that evidence cannot show is told as not checked, and is no pass") {
    const auto fan = [](EvidenceBuilder&, Delivery& given) {
        given.parts.push_back(part("F-1"));
        given.parts.back().kind = "class 2.23.133.18.3.1:00120001";
    };
    const auto result = appraised(fan);
    CHECK(result.tier == Tier::affirming);
    CHECK(
        outcome(result).summary ==
        "4 of 4 parts as delivered by as-built list, 0 of them by model alone; 1 parts not checked, evidence "
        "does not show them: class 2.23.133.18.3.1:00120001");
    const auto alone = appraised([&](EvidenceBuilder& builder, Delivery& given) {
        given.parts.clear();
        fan(builder, given);
    });
    CHECK(outcome(alone).tier == Tier::none);
}

TEST_CASE("a class whose section is absent is never as delivered") {
    const auto result = appraised(
        [](EvidenceBuilder& builder, Delivery&) { builder.left_out[std::string(section::kStorage)] = true; });
    CHECK(outcome(result).tier == Tier::warning);
    CHECK(found(result) == Ids{"delivery.part_unreadable"});
    CHECK(result.tier != Tier::affirming);
}

TEST_CASE("a delivery for the TPM before is never a pass") {
    const auto result = appraised([](EvidenceBuilder&, Delivery& given) { given.outdated = true; });
    CHECK(found(result) == Ids{"delivery.outdated"});
    CHECK(result.tier == Tier::warning);
}

TEST_CASE("parts are compared by serial number, then by place, then by model") {
    CHECK(compared({part("A"), part("B")}, {there("B", "2"), there("A", "1")}) == Descriptions{"2 same"});
    CHECK(compared({part("a ")}, {there("A", "1")}) == Descriptions{"1 same"});
    CHECK(compared({part("A", "DIMM_A1")}, {there("A", "DIMM_A1, BANK 0")}) == Descriptions{"1 same"});
    CHECK(compared({part("A", "DIMM_A1")}, {there("A", "DIMM_A10")}) == Descriptions{"0 same", "moved A>A"});
    CHECK(compared({part("A", "1"), part("B", "2")}, {there("B", "1"), there("A", "2")}) ==
          Descriptions{"0 same", "moved A>A", "moved B>B"});
    CHECK(compared({part("A", "1"), part("B", "2")}, {there("A", "1"), there("C", "2")}) ==
          Descriptions{"1 same", "replaced B>C"});
    // In another place nothing is in place of it: one is gone, and another came.
    CHECK(compared({part("B", "2")}, {there("C", "3")}) == Descriptions{"0 same", "missing B>", "extra >C"});
    CHECK(compared({part("A")}, {there("A", "1", "N")}) ==
          Descriptions{"0 same", "replaced A>A"});  // another model
    CHECK(compared({part("A"), part("A")}, {there("A", "1")}) == Descriptions{"1 same", "missing A>"});
    CHECK(compared({part("A")}, {there("A", "1"), there("A", "2")}) == Descriptions{"1 same", "extra >A"});
    CHECK(compared({part("A", "", "M"), part("B", "", "N")}, {there("C", "1", "N"), there("D", "2", "M")}) ==
          Descriptions{"0 same", "replaced A>D", "replaced B>C"});
}

TEST_CASE("a placeholder is no serial number, on either side") {
    for (const auto* none : {"", "00000000", "Not Specified", "To Be Filled By O.E.M."}) {
        INFO(none);
        CHECK(compared({part(none)}, {there("A", "1")}) == Descriptions{"1 same"});
        CHECK(compared({part("A")}, {there(none, "1")}) ==
              Descriptions{"0 same", std::string("unreadable A>") + none});
        CHECK(compared({part(none)}, {there("A", "1", "N")}) ==
              Descriptions{"0 same", std::string("replaced ") + none + ">A"});
    }
}

TEST_CASE("components of a platform certificate are parts in the words of the evidence") {
    const auto of = [](const std::string& registry, std::uint32_t value, const std::string& maker,
                       const std::string& model, const std::string& serial) {
        tcg::PlatformComponent component;
        component.registry = registry;
        component.class_value = value;
        component.manufacturer = maker;
        component.model = model;
        if (!serial.empty()) component.serial = serial;
        return delivered_parts(std::span(&component, 1)).front();
    };
    CHECK(of("2.23.133.18.3.1", 0x00060001, "Samsung", " M393 ", "S1").kind == "memory");
    CHECK(of("2.23.133.18.3.1", 0x00060001, "Samsung", " M393 ", "S1").model == "M393");
    CHECK(of("2.23.133.18.3.1", 0x00120001, "x", "y", "").kind == "class 2.23.133.18.3.1:00120001");
    CHECK(of("2.23.133.18.3.3", 0x0011001a, "80CE", "M471", "37CC").kind == "memory");
    CHECK(of("2.23.133.18.3.3", 0x00020000, "x", "y", "z").kind == "board");
    const auto pci = of("2.23.133.18.3.4", 0x00020000, "8086:1028:", "15E8:09A1:", "D745A01289B30200:");
    CHECK(pci.kind == "pci");
    CHECK(pci.model == "8086:15e8");
    CHECK(pci.serial.empty());
    const auto drive = of("2.23.133.18.3.5", 0x02010802, "1179:1179:8CE38E", "KXG6", "0000:30OF:nqn.x:30OF");
    CHECK(drive.kind == "drive");
    CHECK(drive.serial == "30OF");

    const auto registered = [&](std::uint32_t value) {
        return of("2.23.133.18.3.1", value, "x", "y", "z").kind;
    };
    CHECK(registered(0x00010002) == "cpu");
    CHECK(registered(0x00010006) == "gpu");
    CHECK(registered(0x00040009) == "tpm");
    CHECK(registered(0x00090002) == "nic");
    CHECK(registered(0x000a0002) == "psu");
    // A DSP is no CPU, a BMC and a flash chip no DIMM, a switch no NIC: what evidence has not is not missed.
    for (const std::uint32_t other : {0x00010004U, 0x00060003U, 0x0006000aU, 0x0009000aU, 0x000a0003U})
        CHECK(registered(other).starts_with("class 2.23.133.18.3.1:"));

    tcg::PlatformComponent bare;
    bare.manufacturer = "x";
    CHECK(delivered_parts(std::span(&bare, 1)).front().kind == "no class");
    tcg::PlatformComponent nic;
    nic.registry = "2.23.133.18.3.4";
    nic.class_value = 0x00020000;
    nic.addresses = {{tcg::ComponentAddress::Kind::ethernet, "CC-48-3A-4B-EB-00"}};
    CHECK(delivered_parts(std::span(&nic, 1)).front().kind == "nic");
    CHECK(delivered_parts(std::span(&nic, 1)).front().mac == "cc483a4beb00");
}

TEST_CASE("an as-built list says the same in CSV and JSON, and what is wrong with it by line or entry") {
    const auto csv = parse_as_built_csv(
        "class,place,manufacturer,model,serial,mac\nmemory,DIMM_A1,Samsung,M393,S1,\n"
        "other,,,F-80,F1,\nnic,,,,,A4:BF:01:01:02:03\n");
    const auto json = parse_as_built_json(
        R"([{"class":"memory","place":"DIMM_A1","manufacturer":"Samsung","model":"M393","serial":"S1"},)"
        R"({"class":"other","model":"F-80","serial":"F1"},{"class":"nic","mac":"a4bf01010203"}])");
    REQUIRE(csv);
    CHECK(csv == json);
    CHECK(csv->at(2).mac == "a4bf01010203");
    const auto refusal = [](const Result<std::vector<DeliveredPart>>& read) {
        REQUIRE_FALSE(read);
        return read.error().context;
    };
    CHECK(
        refusal(parse_as_built_csv("class,serial\nmemory,S1\nram,S2\n")).starts_with("line 3: class: 'ram'"));
    CHECK(refusal(parse_as_built_csv("class,sn\nmemory,S1\n")).starts_with("line 1: column 'sn'"));
    CHECK(refusal(parse_as_built_csv("serial\nS1\n")) == "line 1: column 'class' is missing");
    CHECK(refusal(parse_as_built_csv("class,class,serial\nbmc,bmc,S\n")) ==
          "line 1: column 'class' comes twice");
    CHECK(refusal(parse_as_built_csv("class,serial\nmemory,\n")).starts_with("line 2: a part without"));
    CHECK(refusal(parse_as_built_csv("class,mac\nnic,A4:BF\n")).starts_with("line 2: mac:"));
    CHECK(refusal(parse_as_built_csv("class,serial\n# a fan\nbmc,S\n")).starts_with("line 2: 1 fields"));
    CHECK(refusal(parse_as_built_csv("class\n")).starts_with("line 1:"));
    CHECK(refusal(parse_as_built_json("{}")) == "part: expected a list, got {}");
    CHECK(refusal(parse_as_built_json("[]")).starts_with("expected a list of parts"));
    CHECK(refusal(parse_as_built_json(R"([{"class":"any","serial":"x"}])")).starts_with("part/0: class"));
    CHECK(refusal(parse_as_built_json(R"([{"class":"bmc","serial":1}])")) ==
          "part/0/serial: expected a text of at most 1024 bytes, got 1");
    CHECK(
        refusal(parse_as_built_json(R"([{"class":"bmc","serial":"\u0001"}])")).starts_with("part/0/serial:"));
    CHECK(refusal(parse_as_built_json(R"([{"class":"bmc","x":"1"}])")).starts_with("part/0/x: none of"));
    CHECK(refusal(parse_as_built_json("[1]")) == "part/0: expected an object, got 1");
}

TEST_CASE(
    "a part whose place begins with # is a part, and one whose serial number a spreadsheet made is refused") {
    const auto parts = parse_as_built_csv("place,class,serial\n#1 left,memory,S1\n\"#2\nright\",memory,S2\n");
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK(parts->at(0).place == "#1 left");
    CHECK(parts->at(1).place == "#2 right");
    const auto csv = parse_as_built_csv("class,serial\nmemory,S1\nchassis,8.93901E+18\n");
    REQUIRE_FALSE(csv);
    CHECK(csv.error().context.starts_with("line 3: serial: expected what was written, got 8.93901E+18"));
    const auto json = parse_as_built_json(R"([{"class":"nic","model":"1E+05"}])");
    REQUIRE_FALSE(json);
    CHECK(json.error().context.starts_with("part/0: model: expected what was written, got 1E+05"));
    CHECK(parse_as_built_csv("class,serial\nchassis,8939010102358478435\nboard,893E16\n"));
}
