#include <catch2/catch.hpp>

#include "tests/support/appraisal/less_evidence.h"
#include "tests/unit/verifier/service/api/judged_fleet.h"

// A verifier that has seen a host knows what it had: what is not shown any more is told.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// A host each that first shows all, and then less by one thing.
void check_all(const EvidenceBuilder& like, Tier first) {
    JudgedFleet fleet;
    const auto all = all_that_can_be_left_out(like);
    std::size_t number = 0;
    for (const auto& each : all) {
        // That the journal goes on is another matter: less_evidence_test has it.
        if (each.what.starts_with("journal")) continue;
        auto host = like;
        host.host = fmt::format("rack-{:04}", ++number);
        fleet.admit(host.host);
        fleet.report(host);
        std::uint64_t passed_ms = 0;
        const auto next = [&](const std::function<void(Sections&)>& change) {
            constexpr std::int64_t kInterval_s = 300;
            fleet.now += kInterval_s;
            host.clock.clock_ms += kInterval_s * 1000;
            passed_ms += kInterval_s * 1000;
            return fleet.report(host, [&](Sections& sections) {
                // The clock moves, whatever is left out.
                if (each.what.find("clock") == std::string::npos) {
                    auto clock = decode_clock_section(sections.at(std::string(section::kClock))).value();
                    clock.boottime_ms += passed_ms;
                    sections.at(std::string(section::kClock)) = encode_clock_section(clock);
                }
                if (change) change(sections);
            });
        };
        const auto before = next({});  // compared with the one before it, as the third will be
        for (const auto& finding : before.findings) UNSCOPED_INFO(finding.id << ": " << finding.actual);
        REQUIRE(before.tier == first);
        if (each.of_host) {  // which is another boot
            each.of_host(host);
            JudgedFleet::reboot(host);
        }
        const auto after = next(each.of_sections);
        const auto better = better_words(before, after);
        if (!better.empty()) FAIL_CHECK(each.what << ": " << better);
    }
}

}  // namespace

TEST_CASE("a host that is known cannot better itself by showing less than before") {
    check_all(EvidenceBuilder(), Tier::affirming);
}

TEST_CASE("what a warning stood on is not got rid of by showing it no more") {
    EvidenceBuilder drive;
    drive.drives[0].model = "NONAME DISK";
    drive.drives[0].bus = "ata";
    drive.drives[0].wwid.clear();
    SECTION("a drive of an unknown maker") {
        check_all(drive, Tier::warning);
    }
    EvidenceBuilder nic;
    nic.nics.push_back(EvidenceBuilder::nic("eth1", 0x02, 0, 0));
    SECTION("a network interface of no maker") {
        check_all(nic, Tier::warning);
    }
    EvidenceBuilder card;
    card.pci.push_back(EvidenceBuilder::function("0000:5e:00.0", 0x1234, 0x1000));
    SECTION("a card of a maker about whom nobody decided") {
        check_all(card, Tier::warning);
    }
    EvidenceBuilder chassis;
    chassis.chassis[0].alarm = true;
    SECTION("an open chassis") {
        check_all(chassis, Tier::warning);
    }
}
