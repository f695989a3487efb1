#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/steady_host.h"
#include "tests/support/builders/wire_samples.h"
#include "verifier/judge/appraisal/facts/standing/open_matters.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// Reports of one host, each after the one before; the first ones are news.
std::vector<AttestationResult> reports(SteadyHost host, auto change) {
    std::vector<AttestationResult> all;
    auto known = host.builder().known;
    for (int i = 0; i < 4; ++i) {
        auto made = host.report(known);
        change(made);
        const auto appraisal = made.appraise();
        known = known_after(made.bundle.known_host, appraisal);
        all.push_back(appraisal.result);
    }
    return all;
}

void check_steady(const std::vector<AttestationResult>& all) {
    for (std::size_t i = 2; i < all.size(); ++i) {
        CHECK(encode_conclusion(all[i]) == encode_conclusion(all[1]));
        CHECK(attestation_result_id(all[i]) != attestation_result_id(all[1]));
        CHECK(all[i].previous == attestation_result_id(all[i - 1]));
    }
}

/// Of each kind one, in each state that it may have for long.
std::vector<OpenMatter> all_that_may_be_open() {
    std::vector<OpenMatter> out(3, sample::device_matter());
    for (std::uint64_t i = 0; i < out.size(); ++i) out[i].record = i + 1;  // there; gone; gone, and one knows
    for (std::size_t i = 1; i < out.size(); ++i) {
        auto& device = *out[i].device;
        device.gone_record = 4;
        device.gone_from_ms = device.gone_to_ms = kNow * 1000;
    }
    out[2].acks = {{"olga", kNow}};
    const auto add = [&](ChangeKind kind, const std::string& id, const std::string& subject) {
        out.push_back(matter_of({.kind = kind,
                                 .id = id,
                                 .subject = subject,
                                 .expected = "as before",
                                 .actual = id,
                                 .where = "between",
                                 .before = sample::filled(32, 1),
                                 .after = sample::filled(32, 2),
                                 .planned = {}},
                                kNow));
        return out.end() - 1;
    };
    add(ChangeKind::boot, "boot.changed", "boot");
    add(ChangeKind::keys, "boot.keys_changed", "Secure Boot")->over = true;
    add(ChangeKind::part, "part.replaced", "drive nvme0");
    add(ChangeKind::firmware, "firmware.changed", "BIOS");
    add(ChangeKind::section, "section.gone", "section bmc");  // is there again
    add(ChangeKind::section, "section.gone", "section nowhere")->acks = {{"olga", kNow}};
    add(ChangeKind::watch, "usb.unwatched", "USB ports");
    return out;
}

}  // namespace

TEST_CASE("reports of a steady host come to one conclusion, byte for byte, each on an occasion of its own") {
    const auto all = reports(SteadyHost(), [](AppraisalCase&) {});
    CHECK(all.back().tier == Tier::affirming);
    CHECK(all.back().findings.empty());
    check_steady(all);
    CHECK_FALSE(all.front().previous);
}

TEST_CASE("what is found of a steady host is found in the same words each time") {
    SteadyHost host;
    auto& builder = host.builder();
    builder.pci.push_back(EvidenceBuilder::function("0000:5e:00.0", 0x1bd4, 0x1000));
    builder.bios_vendor = "Unheard-of";
    builder.drives[0].model = "Unknown disk";
    builder.tpm.manufacturer = "NTZ";
    builder.chassis[0].alarm = true;
    builder.clock.safe = false;
    builder.nics[0].permanent_mac[0] = std::byte{2};
    builder.gaps.push_back({std::string(section::kKernel), "/sys/kernel", "denied", "permission"});
    builder.left_out[std::string(section::kBmc)] = true;
    const auto all = reports(host, [](AppraisalCase& made) {
        made.bundle.known_host.replaced = ReplacedTpm{kNow - 1000, "otto", "broken", std::string(64, 'a')};
        made.bundle.known_host.chassis_serial = "another";
        JudgedEvent event{1, "UNDETERMINED", 3, "NO_FEED", "medium", "no feed yet", std::string(64, 'b'), {}};
        event.notes.push_back({"ORDER_EDITED", "low", "the order was edited"});
        made.bundle.known_host.judged = {event};
        DeviceStay here{"rack-7", "1-4", "0000:00:14.0", std::string(64, 'c')};
        here.record = 1;
        here.from_earliest_ms = here.from_latest_ms = (kNow - 900) * 1000;
        here.to_earliest_ms = here.to_latest_ms = made.now * 1000;
        auto there = here;
        there.host = "rack-8";
        made.bundle.known_host.elsewhere = {{"1234:5678", "SN-1", here, there}};
    });
    for (const auto* id : {"clock.unsafe", "usb.serial_in_two_hosts", "identity.replaced", "usb.undetermined",
                           "chassis.intrusion"}) {
        INFO(id);
        CHECK(has_finding(all.back(), id));
    }
    CHECK(all.back().findings.size() >= 10);
    check_steady(all);
}

TEST_CASE("what is open of a steady host is told in the same words each time, and after its next start") {
    SteadyHost host;
    const auto first = host.report(host.builder().known);
    host.builder().known = known_after(first.bundle.known_host, first.appraise());
    host.builder().known.open = all_that_may_be_open();
    const auto all = reports(host, [](AppraisalCase&) {});
    check_steady(all);

    auto known = host.builder().known;
    std::vector<Finding> told;
    for (int i = 0; i < 4; ++i) {
        if (i == 2) {
            host.builder().boot_id = "99999999-2222-3333-4444-555555555555";
            ++host.builder().clock.reset_count;
        }
        auto made = host.report(known);
        const auto appraisal = made.appraise();
        REQUIRE(appraisal.next.authentic);
        known = known_after(made.bundle.known_host, appraisal);
        const auto& findings = appraisal.result.findings;
        if (i == 0) {
            std::ranges::copy_if(findings, std::back_inserter(told),
                                 [](const Finding& each) { return each.evidence.contains("matter "); });
            CHECK(told.size() == all_that_may_be_open().size());
        }
        for (const auto& each : told) {
            // No record of the monitor's new start comes.
            if (i >= 2 && each.id == "usb.unwatched") continue;
            INFO("report " << i << ": " << each.id << ", " << each.subject << ": " << each.actual);
            CHECK(std::ranges::find(findings, each) != findings.end());
        }
    }
}

TEST_CASE("vendor data that has expired, and references that do not hold any more, are no news each time") {
    const vendors::Edition from{
        .version = 7, .issued = kNow - 1000, .expires = kNow, .digest = sha256(as_view("bundle"))};
    const auto vendors = vendors::load(test_vendor_sources(), from);
    REQUIRE(vendors);
    const auto all = reports(SteadyHost(), [&](AppraisalCase& made) { made.vendors = &*vendors; });
    CHECK(has_finding(all.back(), "vendors.expired"));
    check_steady(all);
}

TEST_CASE("a list of measured files that grows by more of the same comes to the same") {
    SteadyHost host;
    auto known = host.builder().known;
    const auto lenient =
        Policy::from_toml("test.toml",
                          "name = \"test\"\nversion = 1\nrequired_sections = [\"boot-event-log\", "
                          "\"pcrs\"]\nsecure_boot_required = "
                          "true\nek_certificate_required = true\npcr_selection = "
                          "\"sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\"\nchallenge_lifetime_s = "
                          "120\n[ima]\nunlisted = \"allow\"\n")
            .value();
    std::vector<AttestationResult> all;
    for (int i = 0; i < 3; ++i) {
        host.builder().ima_files.push_back("/usr/bin/tool-" + std::to_string(i));
        auto made = host.report(known);
        made.policy = lenient;
        made.bundle.known_host.ima.reset();  // the whole list each time
        const auto appraisal = made.appraise();
        known = known_after(made.bundle.known_host, appraisal);
        all.push_back(appraisal.result);
    }
    CHECK(all.back().tier == Tier::affirming);
    check_steady(all);
}
