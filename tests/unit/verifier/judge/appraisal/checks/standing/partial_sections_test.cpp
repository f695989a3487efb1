// Sections that decode, and of which something inside can be read in part alone.
#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/device/smbios.h"
#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// The honest host's result with another firmware table.
AttestationResult with_table(const std::function<void(Bytes&)>& change, EvidenceBuilder host = {}) {
    auto tables = host.smbios();
    change(tables.table);
    host.before_manifest = [&](AppraisalCase& made) {
        made.bundle.evidence.sections["smbios"] = encode_smbios_section(tables);
    };
    return host.build().appraise().result;
}

/// The honest host's result with other descriptors of its USB device.
AttestationResult with_descriptors(const std::function<void(Bytes&)>& change, EvidenceBuilder host = {}) {
    host.before_manifest = [&](AppraisalCase& made) {
        auto& section = made.bundle.evidence.sections.at("usb");
        auto devices = decode_usb_section(section).value();
        change(devices.front().descriptors);
        section = encode_usb_section(devices);
    };
    return host.build().appraise().result;
}

}  // namespace

TEST_CASE("a whole table, and one that ends between two structures, are no partial sections") {
    for (const std::size_t shorter : {0U, 6U}) {  // the end-of-table structure
        const auto result = with_table([&](Bytes& table) { table.resize(table.size() - shorter); });
        CHECK_FALSE(has_finding(result, "section.partial"));
        CHECK(result.tier == Tier::affirming);
    }
}

TEST_CASE(
    "a table that is cut inside a structure keeps the host from affirming, and hides no maker before it") {
    const auto cut = [](Bytes& table) { table.resize(table.size() - 9); };
    const auto result = with_table(cut);
    REQUIRE(has_finding(result, "section.partial"));
    CHECK(find_finding(result, "section.partial")->subject == "section smbios");
    CHECK_FALSE(has_finding(result, "section.malformed"));
    CHECK_FALSE(has_finding(result, "section.absent"));
    CHECK(result.tier == Tier::warning);

    EvidenceBuilder denied;
    denied.memory_maker = "0B73";
    const auto judged = with_table(cut, denied);
    CHECK(has_finding(judged, "vendor.unapproved"));
    CHECK(judged.tier == Tier::contraindicated);
}

TEST_CASE(
    "a structure that is shorter than its header is the end of what is read, and not of what is there") {
    const auto result = with_table([](Bytes& table) {
        const auto whole = smbios::parse_smbios({}, table).value();
        table.at(whole.structures.back().offset + 1) = std::byte{2};
    });
    CHECK(has_finding(result, "section.partial"));
    CHECK(result.tier == Tier::warning);
}

TEST_CASE("a table without one sound structure is malformed as before") {
    const auto result = with_table([](Bytes& table) { table.resize(10); });
    CHECK(has_finding(result, "section.malformed"));
    CHECK_FALSE(has_finding(result, "section.partial"));
    CHECK(result.tier == Tier::contraindicated);
}

TEST_CASE("a USB device with an unsound tail is judged by its ids, and keeps the host from affirming") {
    CHECK_FALSE(has_finding(with_descriptors([](Bytes&) {}), "section.partial"));
    const auto cut = [](Bytes& descriptors) { descriptors.resize(descriptors.size() - 3); };
    const auto result = with_descriptors(cut);
    REQUIRE(has_finding(result, "section.partial"));
    CHECK(find_finding(result, "section.partial")->subject == "USB port 1-1");
    CHECK_FALSE(has_finding(result, "section.malformed"));
    CHECK(result.tier == Tier::warning);

    EvidenceBuilder host;
    host.usb_maker = "Nobody Knows Ltd";
    CHECK_FALSE(has_finding(with_descriptors(cut, host), "vendor.unknown"));
    const auto other = [&](Bytes& descriptors) {
        cut(descriptors);
        descriptors.at(8) = std::byte{0x34};  // idVendor: of no vendor file
    };
    CHECK(has_finding(with_descriptors(other, host), "vendor.unknown"));

    const auto nothing = with_descriptors([](Bytes& descriptors) { descriptors.resize(17); });
    CHECK(has_finding(nothing, "section.malformed"));
    CHECK_FALSE(has_finding(nothing, "section.partial"));
}
