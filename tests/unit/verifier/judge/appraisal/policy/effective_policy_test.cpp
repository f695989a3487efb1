#include "verifier/judge/appraisal/policy/effective_policy.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/growing_ima_list.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr std::string_view kPolicy =
    "name = \"test\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = "
    "\"sha256:0,1,2,3,4,5,6,7,8,9,10\"\nchallenge_lifetime_s = 120\nsecure_boot_required = true\n"
    "ek_certificate_required = true\n[ima]\nunlisted = \"contraindicated\"\n";

vendors::VendorDb with_file(const std::string& content, vendors::Span span = {}) {
    vendors::ReferenceSet set{.name = "tools", .version = "1", .model = "*", .span = span, .source = "test"};
    set.origin = vendors::ReferenceOrigin::list;
    set.files = {{std::nullopt, sha256(as_view(content)), "/usr/bin/tool", {}}};
    auto sources = test_vendor_sources();
    sources.references = {{"references/tools.toml", vendors::to_toml({set})}};
    auto db = vendors::load(sources);
    require(db.has_value(), db ? "" : describe(db.error()).c_str());
    return *std::move(db);
}
Policy policy() {
    return Policy::from_toml("test.toml", kPolicy).value();
}

}  // namespace

TEST_CASE("a file of a reference set is approved under any name, for as long as the set holds") {
    GrowingImaList list;
    list.policy = policy();
    list.add([](ImaBuilder& out) { out.file("/usr/bin/tool", "a tool"); });
    auto made = list.report(list.entries(), list.entries());
    const auto tier = [&] {
        const auto result = made.appraise().result;
        return std::ranges::find(result.checks, "measured_files_are_approved", &CheckOutcome::check)->tier;
    };
    CHECK(tier() == Tier::contraindicated);
    const auto references = with_file("a tool");
    made.vendors = &references;
    CHECK(tier() == Tier::affirming);
    const auto other = with_file("another tool");
    made.vendors = &other;
    CHECK(tier() == Tier::contraindicated);
    const auto lapsed = with_file("a tool", {std::nullopt, kNow});
    made.vendors = &lapsed;
    CHECK(tier() == Tier::contraindicated);
}

TEST_CASE("what was judged without a set's files is judged anew with them") {
    const auto plain = policy();
    const auto references = with_file("a tool");
    const EffectivePolicy with(plain, references, kNow);
    const EffectivePolicy without(plain, test_vendors(), kNow);
    CHECK(&without.get() == &plain);
    CHECK(with.get().ima->digest != plain.ima->digest);
    CHECK(with.get().digest == plain.digest);
    auto silent = plain;
    silent.ima.reset();
    CHECK(&EffectivePolicy(silent, references, kNow).get() == &silent);
}
