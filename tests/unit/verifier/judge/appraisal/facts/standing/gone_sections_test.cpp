#include "verifier/judge/appraisal/facts/standing/gone_sections.h"

#include <catch2/catch.hpp>

namespace assay::judge {
namespace {

Manifest manifest(const std::vector<std::string>& names) {
    Manifest out;
    for (const auto& name : names) out.entries.push_back({name, 1, Digest()});
    return out;
}

KnownHost told(const std::string& name) {
    const auto change = gone_section(name, "no IPMI device");
    OpenMatter matter;
    matter.id = change.id;
    matter.subject = change.subject;
    matter.change = MatterChange{change.kind, change.before, change.after};
    KnownHost out;
    out.open = {matter};
    return out;
}

}  // namespace

TEST_CASE("a section that was told as gone is told as long as it is not there", "[changes]") {
    std::vector<HostChange> changes;
    const auto known = told("bmc");
    REQUIRE(gone_sections(known, manifest({"pci"}), changes).size() == 1);
    CHECK(gone_sections(known, manifest({"bmc", "pci"}), changes).empty());
}

TEST_CASE("a section that was expected to go is told no more as an absence", "[changes]") {
    std::vector<HostChange> changes;
    auto known = told("bmc");
    known.news.emplace().planned = {known.open->front().change->after};
    CHECK(gone_sections(known, manifest({"pci"}), changes).empty());
}

TEST_CASE("a section that goes now is taken out of the changes, unless it was planned", "[changes]") {
    auto planned = gone_section("usb", "-");
    planned.planned = "policy default, CHG-1";
    std::vector<HostChange> changes{gone_section("bmc", "-"), planned};
    REQUIRE(gone_sections({}, manifest({}), changes).size() == 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].subject == "section usb");
}

TEST_CASE("a part of the IMA list stands for the list", "[changes]") {
    CHECK(has_section(manifest({"ima-log-part"}), "ima-log"));
    CHECK(has_section(manifest({"ima-log"}), "ima-log-part"));
    CHECK_FALSE(has_section(manifest({"pci"}), "ima-log"));
}

}  // namespace assay::judge
