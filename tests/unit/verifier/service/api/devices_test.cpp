#include <catch2/catch.hpp>

#include "evidence/wire/section/section_names.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/device_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;
using Kind = DeviceEventKind;

namespace {

constexpr std::uint64_t kBootTime = 10'000'000;  // CLOCK_BOOTTIME when the clock was last set, milliseconds

/// Two racks whose journals are taken over as they come.
struct DevicesFleet {
    TestService service;
    std::map<std::string, std::vector<JournalRecord>> journals;
    std::vector<DeviceOnOtherHost> elsewhere;  // what the newest appraisal was told

    DevicesFleet() {
        service.now = kStart;
        for (const auto* host : {"rack-1", "rack-2"}) service.enrol(host);
        service.service().judge = [this](const OpenedEvidence& opened, const Context& inputs) {
            elsewhere = inputs.known_host.elsewhere.value();
            auto out = service.accept(opened, inputs);
            const auto& journal = *opened.claims().journal;
            out.next.journal_sequence = journal.head_sequence;
            out.next.journal_head = to_bytes(journal.head.view());
            return out;
        };
    }
    void happens(const std::string& host, Kind kind, const std::string& serial = std::string(kStickSerial)) {
        auto& journal = journals[host];
        auto record = stick_record(journal.size() + 1, kind, "1-4", serial);
        record.boottime_ms = boottime();
        record.wall_ms = service.now * 1000;
        journal.push_back(record);
    }
    void attest(const std::string& host, bool watched = true) {
        const auto nonce = service.challenge(host);
        service.now += 1;
        TestService::Sections sections;
        sections[std::string(section::kJournal)] = EvidenceBuilder::encoded_journal(journals[host]);
        sections[std::string(section::kClock)] = encode_clock_section({service.now * 1000, boottime(), true});
        if (!watched)
            sections[std::string(section::kGaps)] =
                encode_gaps_section({{std::string(section::kJournal), "agent", "not_found", "no monitor"}});
        REQUIRE(service.submit(host, TestService::evidence(host, nonce, sections)).status == 200);
        service.now += 1;
    }
    [[nodiscard]] std::uint64_t boottime() const {
        return kBootTime + static_cast<std::uint64_t>(service.now - kStart) * 1000;
    }
    [[nodiscard]] bool is_copy_found() const {
        return std::ranges::any_of(elsewhere,
                                   [](const auto& each) { return are_at_once(each.here, each.there); });
    }
};

}  // namespace

TEST_CASE("a copy is told once both hosts have reported that they have it at the same time") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::insert);
    fleet.attest("rack-1");
    fleet.service.now += 60;
    fleet.happens("rack-2", Kind::insert);
    fleet.service.now += 60;
    fleet.attest("rack-2");
    CHECK_FALSE(fleet.is_copy_found());  // rack-1 may have lost it meanwhile
    fleet.service.now += 60;
    fleet.attest("rack-1");
    REQUIRE(fleet.is_copy_found());
    CHECK(fleet.elsewhere.front().there.host == "rack-2");
    fleet.attest("rack-2");
    CHECK(fleet.is_copy_found());
}

TEST_CASE("a stick that is carried from host to host is no copy, in whatever order the hosts report") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::insert);
    fleet.attest("rack-1");
    fleet.service.now += 60;
    fleet.happens("rack-1", Kind::remove);
    fleet.service.now += 60;
    fleet.happens("rack-2", Kind::insert);
    fleet.service.now += 60;
    fleet.attest("rack-2");
    CHECK_FALSE(fleet.is_copy_found());
    CHECK(fleet.elsewhere.size() == 1);  // it roamed
    fleet.attest("rack-1");
    CHECK_FALSE(fleet.is_copy_found());
    fleet.attest("rack-2");
    CHECK(fleet.elsewhere.empty());
}

TEST_CASE("a host whose monitor does not run says nothing of what is still there") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::insert);
    fleet.attest("rack-1");
    fleet.service.now += 60;
    fleet.happens("rack-2", Kind::insert);
    fleet.service.now += 60;
    fleet.attest("rack-2");
    fleet.service.now += 60;
    fleet.attest("rack-1", false);  // the removal was not seen
    CHECK_FALSE(fleet.is_copy_found());
}

TEST_CASE("devices are listed with their hosts, and everywhere that one was seen is told in order") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::insert);
    fleet.service.now += 60;
    fleet.happens("rack-1", Kind::remove);
    fleet.attest("rack-1");
    fleet.service.now += 60;
    fleet.happens("rack-2", Kind::insert);
    fleet.attest("rack-2");
    const auto devices = json_of(fleet.service.get("/v1/devices"));
    REQUIRE(devices.size() == 1);
    CHECK(devices[0].at("serial") == kStickSerial);
    CHECK(devices[0].at("serial_grade") == "A");
    CHECK(devices[0].at("present") == nlohmann::json{"rack-2"});
    CHECK(devices[0].at("hosts").size() == 2);
    const auto seen = json_of(fleet.service.get("/v1/devices/sightings?serial=" + std::string(kStickSerial)));
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].at("kind") == "insert");
    CHECK(seen[0].at("end").at("record") == 2);
    CHECK(seen[1].at("kind") == "remove");
    CHECK(seen[2].at("host") == "rack-2");
    CHECK(seen[2].at("end").is_null());
    CHECK(json_of(fleet.service.get("/v1/devices?host=rack-1")).size() == 1);
    CHECK(fleet.service.get("/v1/devices?host=nobody").status == 404);
    CHECK(fleet.service.get("/v1/devices/sightings").status == 400);
    CHECK(fleet.service.get("/v1/devices?limit=0").status == 400);
    CHECK(fleet.service.get("/v1/devices", {}).status == 403);
}

TEST_CASE("hostile texts of a device are told printable, and found again by what is told") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::insert, "\x1b[2J%\"'\\");
    fleet.attest("rack-1");
    const auto serial = json_of(fleet.service.get("/v1/devices")).at(0).at("serial").get<std::string>();
    CHECK(serial == "\\x1b[2J%\"'\\\\");
    CHECK(json_of(fleet.service.get("/v1/devices/sightings?serial=%5Cx1b%5B2J%25%22%27%5C%5C")).size() == 1);
}

TEST_CASE("a host that has not attested for more than three intervals is silent, everywhere") {
    DevicesFleet fleet;
    fleet.happens("rack-1", Kind::monitor_start);
    fleet.attest("rack-1");
    const auto silent = [&] {
        std::vector<std::string> names;
        for (const auto& host : json_of(fleet.service.get("/v1/hosts"))) {
            if (host.at("silent")) names.push_back(host.at("host"));
        }
        return names;
    };
    CHECK(silent().empty());
    fleet.service.now = kStart + 901;  // rack-2 never attested: it counts from its enrolment
    CHECK(silent() == std::vector<std::string>{"rack-2"});
    const auto findings = json_of(fleet.service.get("/v1/findings?id=host.silent"));
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].at("host") == "rack-2");
    CHECK(findings[0].at("tier") == "warning");
    CHECK(findings[0].at("result_id") == "");
    CHECK(json_of(fleet.service.get("/v1/hosts/rack-2")).at("silence").at("id") == "host.silent");
    CHECK(json_of(fleet.service.get("/v1/hosts/rack-1")).at("silence").is_null());
    CHECK(fleet.service.get("/metrics").body.find("assay_hosts_silent 1\n") != std::string::npos);
    fleet.service.now = kStart + 5000;
    CHECK(silent().size() == 2);
    fleet.attest("rack-1");
    CHECK(silent() == std::vector<std::string>{"rack-2"});
}
