#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/judge/appraisal/facts/parts/host_parts.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"

using namespace assay;
using namespace assay::judge;
using assay::test::EvidenceBuilder;

namespace {

/// What the verifier holds of the evidence, and the evidence without it.
struct Split {
    Evidence evidence;
    HeldSections held;

    explicit Split(const Evidence& whole) : evidence(whole) {
        for (auto& [name, bytes] : evidence.sections)
            held.emplace(name, std::make_shared<const HeldSection>(std::move(bytes)));
        evidence.sections.clear();
    }
};

Appraisal appraise(const test::AppraisalCase& made, const Split& split) {
    const auto context = made.context();
    return judge::judge(open_evidence(split.evidence, context, split.held), context);
}

int decoded = 0;
bool decodes = true;

Result<std::string> decode_counted(ByteView bytes) {
    ++decoded;
    if (!decodes) return fail(ErrorCode::malformed, "not now");
    return std::string(as_text(bytes));
}

}  // namespace

TEST_CASE("evidence whose sections are held is appraised as if they had come, byte for byte") {
    EvidenceBuilder builder;
    builder.pci.push_back(EvidenceBuilder::function("0000:5e:00.0", 0x1bd4, 0x1000));
    builder.journal.push_back(builder.event(DeviceEventKind::insert));
    const auto made = builder.build();
    const Split split(made.bundle.evidence);
    const auto came = made.appraise();
    for (int i = 0; i < 2; ++i) {  // what is decoded already is worth as much
        const auto held = appraise(made, split);
        CHECK(encode_attestation_result(held.result) == encode_attestation_result(came.result));
        CHECK(*held.components == *came.components);
        CHECK(held.next.journal_sequence == came.next.journal_sequence);
    }
}

TEST_CASE("parts that rest are listed once, and anew as soon as one section of theirs is another") {
    EvidenceBuilder builder;
    const auto made = builder.build();
    const Split split(made.bundle.evidence);
    const auto before = made_part_lists();
    const auto first = appraise(made, split);
    CHECK(appraise(made, split).components == first.components);
    CHECK(made_part_lists() == before + 1);

    builder.drives.front().serial = "S-2";
    const auto changed = builder.build();
    auto held = split;
    held.held["storage"] = Split(changed.bundle.evidence).held.at("storage");
    held.evidence = Split(changed.bundle.evidence).evidence;
    const auto second = appraise(changed, held);
    CHECK(made_part_lists() == before + 2);
    CHECK(*second.components == *changed.appraise().components);
    CHECK(*second.components != *first.components);
}

TEST_CASE("lists of parts make room by the size of the sections that they keep, too") {
    constexpr std::size_t kFunctions = 500, kWholeConfig = 4096;
    EvidenceBuilder builder;
    for (std::size_t i = 0; i < kFunctions; ++i) {
        builder.pci.push_back(EvidenceBuilder::function(
            fmt::format("0000:{:02x}:{:02x}.0", i / 32 + 1, i % 32), 0x8086, 0x1234));
        builder.pci.back().config.resize(kWholeConfig);
    }
    const auto made = builder.build();
    const auto made_by = [&](const Split& split) {
        const auto before = made_part_lists();
        appraise(made, split);
        return made_part_lists() - before;
    };
    const Split first(made.bundle.evidence);
    CHECK(made_by(first) == 1);
    CHECK(made_by(first) == 0);
    for (std::size_t kept = 0; kept < HostParts::kKeptBytes; kept += kFunctions * kWholeConfig)
        CHECK(made_by(Split(made.bundle.evidence)) == 1);
    CHECK(made_by(first) == 1);
}

TEST_CASE(
    "makers of parts that rest are judged anew when a date passes, by other vendor data and at another "
    "site") {
    auto sources = test::test_vendor_sources();
    sources.decisions.front().text +=
        "[[decisions]]\nentities = [\"good\"]\ncomponent = \"drive\"\ndecision = \"deny\"\nreason = "
        "\"recalled\"\n"
        "approver = \"test\"\nfrom = 2026-09-22T00:00:00Z\n"
        "[[decisions]]\nentities = [\"good\"]\ncomponent = \"drive\"\nsite = \"north\"\ndecision = "
        "\"review\"\n"
        "reason = \"moved\"\napprover = \"test\"\nfrom = 2024-01-01\nto = 2026-09-22T00:00:00Z\n";
    const auto vendors = vendors::load(sources);
    REQUIRE(vendors);
    constexpr std::int64_t kRecalled = 1'790'035'200;  // 2026-09-22T00:00:00Z
    auto made = EvidenceBuilder().build();
    made.bundle.challenge.expires_at = kRecalled + 1;
    const Split split(made.bundle.evidence);
    const auto drives = [&](const vendors::VendorDb& data, std::int64_t now,
                            std::optional<std::string> site) {
        made.vendors = &data;
        made.now = now;
        made.bundle.known_host.site = std::move(site);
        const auto result = appraise(made, split).result;
        CHECK(encode_attestation_result(result) == encode_attestation_result(made.appraise().result));
        return std::ranges::find(result.checks, "drive_vendors_are_approved", &CheckOutcome::check)->tier;
    };
    CHECK(drives(*vendors, kRecalled - 1, {}) == Tier::affirming);
    CHECK(drives(*vendors, kRecalled - 1, "north") == Tier::warning);
    CHECK(drives(*vendors, kRecalled, {}) == Tier::contraindicated);
    CHECK(drives(test::test_vendors(), kRecalled, {}) == Tier::affirming);
    CHECK(drives(*vendors, kRecalled - 1, {}) == Tier::affirming);
}

TEST_CASE("a held section that is not the one that the manifest names never affirms") {
    const auto made = EvidenceBuilder().build();
    REQUIRE(made.appraise().result.tier == Tier::affirming);
    for (const auto& [name, bytes] : made.bundle.evidence.sections) {
        Split split(made.bundle.evidence);
        auto other = bytes;
        other.push_back(std::byte{0});
        split.held.at(name) = std::make_shared<const HeldSection>(std::move(other));
        INFO(name);
        CHECK(appraise(made, split).result.tier != Tier::affirming);
        split.held.erase(name);
        CHECK(appraise(made, split).result.tier != Tier::affirming);
    }
}

TEST_CASE("what came with the evidence is what the host says, whatever is held under that name") {
    auto made = EvidenceBuilder().build();
    Split split(made.bundle.evidence);
    auto& smbios = made.bundle.evidence.sections.at(std::string(section::kSmbios));
    smbios.push_back(std::byte{0});
    split.evidence.sections.emplace(section::kSmbios, smbios);
    CHECK(appraise(made, split).result.tier == Tier::contraindicated);
    CHECK(encode_attestation_result(appraise(made, split).result) ==
          encode_attestation_result(made.appraise().result));
}

TEST_CASE("a held section is hashed once and decoded once, and again where that failed") {
    const HeldSection section(to_bytes("text"));
    CHECK(section.digest() == sha256(as_view("text")));
    decoded = 0;
    decodes = false;
    CHECK_FALSE(section.decoded(decode_counted));
    CHECK_FALSE(section.decoded(decode_counted));
    CHECK(decoded == 2);
    decodes = true;
    const auto first = section.decoded(decode_counted);
    REQUIRE(first);
    CHECK(**first == "text");
    CHECK(section.decoded(decode_counted).value() == *first);
    CHECK(decoded == 3);
}
