#include "tests/attacks/evidence/tampering.h"

// Firmware versions, under rules that the owner signed: at least 2.0, never 1.9.
using namespace assay;
using namespace assay::test;

namespace {

const vendors::VendorDb& with_rules() {
    static const auto kDb = [] {
        auto sources = test_vendor_sources();
        sources.firmware = {
            {"firmware/good.toml",
             "vendor = \"good\"\n[[firmware]]\ncomponent = \"bios\"\nscheme = \"dotted\"\nminimum = \"2.0\"\n"
             "denied = [\"1.9\"]\nadvisory = \"AB-1\"\ndate = 2026-01-31\nsource = \"test\"\n"}};
        return vendors::load(sources);
    }();
    require(kDb.has_value(), kDb ? "" : describe(kDb.error()).c_str());
    return *kDb;
}

/// The host's evidence says this of its BIOS, and it is judged under the rules.
void reports(const EvidenceBuilder& honest, AppraisalCase& made, const std::string& version) {
    auto builder = honest;
    builder.bios_version = version;
    resigned(honest, made, section::kSmbios, encode_smbios_section(builder.smbios()));
    made.vendors = &with_rules();
}

}  // namespace

ATTACK("firmware: an older version put back", "puts firmware back that an advisory names", "firmware.denied",
       honest_host, [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, "1.9"); })
ATTACK(
    "firmware: below the minimum", "never updates", "firmware.below_minimum", honest_host,
    [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, "1.10"); }, Tier::warning)
ATTACK(
    "firmware: junk behind the version", "appends to the version, to hide what it is", "firmware.unparseable",
    honest_host, [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, "1.9 (2.4)"); },
    Tier::none)
ATTACK(
    "firmware: other digits", "writes the version in digits of another script", "firmware.unparseable",
    honest_host, [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, "\xef\xbc\x92.4"); },
    Tier::none)
ATTACK(
    "firmware: a number beyond all", "writes a version too large to be read", "firmware.unparseable",
    honest_host,
    [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, "99999999999999999999.4"); },
    Tier::none)
ATTACK(
    "firmware: no version", "leaves the version out", "firmware.unparseable", honest_host,
    [](EvidenceBuilder& host, AppraisalCase& made) { reports(host, made, ""); }, Tier::none)

TEST_CASE("firmware: a version that the rules approve is affirming, the twin of the others", "[attack]") {
    EvidenceBuilder builder;
    auto made = builder.build();
    reports(builder, made, "2.0");
    CHECK(made.appraise().result.tier == Tier::affirming);
}
