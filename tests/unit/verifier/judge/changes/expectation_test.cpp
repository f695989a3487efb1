#include "verifier/judge/changes/expectation.h"

#include <catch2/catch.hpp>

#include "vendor-db/model/reference_set.h"
#include "verifier/judge/changes/part_news.h"
#include "verifier/judge/changes/still_open.h"

namespace assay::judge {
namespace {

using accompaniment::PlannedChange;
using vendors::Component;

constexpr std::int64_t kSince = 1'000'000, kNow = 1'000'300;

HostComponent drive(const std::string& serial, const std::string& firmware) {
    return {
        .kind = Component::drive, .place = "nvme0", .model = "PM9A3", .serial = serial, .revision = firmware};
}

SeenChange only(const HostComponent& before, const HostComponent& after) {
    auto out = part_news({before}, {after}, {kSince, kNow});
    REQUIRE(out.size() == 1);
    return out[0];
}

SeenChange flashed() {
    return only(drive("A", "1"), drive("A", "2"));
}
SeenChange exchanged() {
    return only(drive("A", "1"), drive("B", "1"));
}
SeenChange booted(const Digest& digest) {
    return {.told = {.kind = ChangeKind::boot,
                     .id = "boot.changed",
                     .subject = "boot",
                     .expected = "as attested before",
                     .actual = "file /initrd changed",
                     .where = "PCR 9; between",
                     .before = Bytes(32, std::byte{1}),
                     .after = Bytes(32, std::byte{2}),
                     .planned = {}},
            .pcrs = {9},
            .measured = {{9, digest}}};
}

DeliveredPart delivered(const std::string& serial) {
    DeliveredPart out;
    out.kind = "drive";
    out.model = "PM9A3";
    out.serial = serial;
    return out;
}

constexpr const char* kMaker =
    "id = \"good\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Good Systems\"]\nsource = \"test\"\n"
    "[[ids]]\nnamespace = \"pci\"\nvalues = [\"8086\"]\nsource = \"test\"\n";

vendors::VendorDb loaded(vendors::Sources sources) {
    sources.vendors = {{"vendors/good.toml", kMaker}};
    auto out = vendors::load(sources);
    INFO((out ? "" : describe(out.error())));
    REQUIRE(out);
    return *std::move(out);
}

vendors::VendorDb with_rule(const std::string& rule) {
    vendors::Sources sources;
    sources.firmware = {{"firmware/good.toml",
                         "vendor = \"good\"\n[[firmware]]\ncomponent = \"drive\"\nscheme = \"dotted\"\n"
                         "advisory = \"GS-7\"\ndate = 1970-01-02\nsource = \"test\"\n" +
                             rule}};
    return loaded(std::move(sources));
}

vendors::ReferenceSet kernel_set(std::vector<vendors::ReferenceValue> events) {
    vendors::ReferenceSet out;
    out.name = "r750 kernel";
    out.version = "2";
    out.model = "R750";
    out.source = "captured from rack-1";
    out.events = std::move(events);
    return out;
}

vendors::ReferenceValue value(std::uint32_t pcr, const Digest& digest) {
    return {.pcr = pcr, .digest = digest, .what = "", .where = ""};
}

vendors::VendorDb with_set(const vendors::ReferenceSet& set) {
    vendors::Sources sources;
    sources.references = {{"references/r750.toml", vendors::to_toml({set})}};
    return loaded(std::move(sources));
}

BootMeasurement measured(std::uint32_t pcr, const Digest& digest) {
    return {.pcr = pcr, .event = 0, .type = 13, .digest = digest, .what = "", .covered = false, .data = {}};
}

SeenChange bios_changed() {
    const auto bios = [](const std::string& version) {
        return HostComponent{
            .kind = Component::bios, .place = "BIOS", .model = "06/02/2026", .revision = version};
    };
    return only(bios("2.19"), bios("2.20"));
}

struct Site {
    vendors::VendorDb vendors;
    Policy policy;
    std::optional<Delivery> delivery;
    std::vector<HostComponent> parts;
    BootChain boot;
    std::vector<CountingOrder> orders;

    [[nodiscard]] std::string says(const SeenChange& change, const std::string& model = "R750") const {
        return expected_by(change, {.vendors = vendors,
                                    .policy = policy,
                                    .delivery = delivery,
                                    .parts = parts,
                                    .boot = &boot,
                                    .orders = orders,
                                    .model = model,
                                    .now = kNow});
    }
    void order(PlannedChange change) { orders = {{.id = "WO-7", .changes = {std::move(change)}}}; }
};

}  // namespace

TEST_CASE("what nobody expected is expected by nobody", "[changes]") {
    const Site site;
    CHECK(site.says(flashed()).empty());
    CHECK(site.says(exchanged()).empty());
    CHECK(site.says(booted(sha256(as_view("x")))).empty());
}

TEST_CASE("an order expects what agrees with all that it says", "[changes]") {
    Site site;
    site.order({.what = "firmware", .component = "drive", .match = "PM9A3", .to = "2"});
    CHECK(site.says(flashed()) == "order WO-7");
    CHECK(site.says(exchanged()).empty());
    site.order({.what = "firmware", .component = "drive", .match = "PM9A3", .to = "3"});
    CHECK(site.says(flashed()).empty());
    site.order({.what = "firmware", .component = "nic", .to = "2"});
    CHECK(site.says(flashed()).empty());
    site.order({.what = "firmware", .match = "PM1733"});
    CHECK(site.says(flashed()).empty());
    site.order({.what = "part", .serial = "B"});
    CHECK(site.says(exchanged()) == "order WO-7");
    site.order({.what = "part", .serial = "C"});
    CHECK(site.says(exchanged()).empty());
}

TEST_CASE("an order that names digests expects a boot that measures nothing else", "[changes]") {
    Site site;
    const auto one = sha256(as_view("one")), two = sha256(as_view("two"));
    auto change = booted(one);
    site.order({.what = "boot", .digest = one.hex()});
    CHECK(site.says(change) == "order WO-7");
    change.measured.push_back({8, two});
    CHECK(site.says(change).empty());
    site.orders[0].changes.push_back({.what = "boot", .digest = two.hex()});
    CHECK(site.says(change) == "order WO-7");
    change.measured.clear();
    CHECK(site.says(change).empty());
    site.order({.what = "keys"});
    CHECK(site.says(change).empty());
}

TEST_CASE("a reference set of the model expects the boot that it has, as long as it holds", "[changes]") {
    Site site;
    const auto one = sha256(as_view("one")), two = sha256(as_view("two"));
    auto set = kernel_set({value(9, one)});
    site.vendors = with_set(set);
    auto change = booted(one);
    CHECK(site.says(change) == "reference set r750 kernel 2");
    CHECK(site.says(change, "R640").empty());
    CHECK(site.says(change, "").empty());
    CHECK(site.says(booted(two)).empty());
    change.measured.push_back({9, two});  // one of them is in no set
    CHECK(site.says(change).empty());
    change.measured = {{8, one}};  // measured into another PCR
    CHECK(site.says(change).empty());

    set.span.to = kNow;
    site.vendors = with_set(set);
    CHECK(site.says(booted(one)).empty());
    set.span = {.from = kNow + 1, .to = {}};
    site.vendors = with_set(set);
    CHECK(site.says(booted(one)).empty());
    set.span = {.from = kNow, .to = kNow + 1};
    site.vendors = with_set(set);
    CHECK(site.says(booted(one)) == "reference set r750 kernel 2");
}

TEST_CASE("a measurement that is gone is expected where a reference set has all that is left of its PCR",
          "[changes]") {
    Site site;
    const auto one = sha256(as_view("one")), two = sha256(as_view("two"));
    site.vendors = with_set(kernel_set({value(9, one)}));
    auto change = booted(one);
    change.measured.clear();
    site.boot.measurements = {measured(9, one)};
    CHECK(site.says(change) == "reference set r750 kernel 2");
    site.boot.measurements.push_back(measured(9, two));
    CHECK(site.says(change).empty());
    site.boot.measurements.clear();
    CHECK(site.says(change).empty());

    auto whole = kernel_set({});
    whole.pcrs = {value(9, two)};
    site.vendors = with_set(whole);
    site.boot.values.at(9) = two;
    CHECK(site.says(change) == "reference set r750 kernel 2");
    site.boot.values.at(9) = one;
    CHECK(site.says(change).empty());
}

TEST_CASE("a BIOS is expected by a reference set that has all that PCR 0 measures, other firmware by none",
          "[changes]") {
    Site site;
    const auto code = sha256(as_view("code")), version = sha256(as_view("version"));
    site.vendors = with_set(kernel_set({value(0, code), value(0, version)}));
    site.boot.measurements = {measured(0, version), measured(0, code)};
    CHECK(site.says(bios_changed()) == "reference set r750 kernel 2");
    CHECK(site.says(bios_changed(), "R640").empty());
    CHECK(site.says(flashed()).empty());
    site.boot.measurements.push_back(measured(0, sha256(as_view("implant"))));
    CHECK(site.says(bios_changed()).empty());
}

TEST_CASE("a rule about firmware expects what it approves, of the maker and model that it names",
          "[changes]") {
    Site site;
    const auto flashed_to = [](const std::string& version) {
        auto before = drive("A", "1.0"), after = drive("A", version);
        for (auto* each : {&before, &after})
            each->maker = {
                {.ns = vendors::Namespace::pci, .value = "8086", .what = "PCI id 8086", .layer = ""}};
        return only(before, after);
    };
    site.vendors = with_rule("minimum = \"2.0\"\n");
    CHECK(site.says(flashed_to("2.0")) == "vendor data, GS-7");
    CHECK(site.says(flashed_to("1.9")).empty());
    CHECK(site.says(flashed_to("latest")).empty());
    CHECK(site.says(only(drive("A", "1.0"), drive("A", "2.0"))).empty());  // of a maker whom nobody knows
    site.vendors = with_rule("minimum = \"2.0\"\ndenied = [\"2.1\"]\n");
    CHECK(site.says(flashed_to("2.1")).empty());
    CHECK(site.says(flashed_to("2.2")) == "vendor data, GS-7");
    site.vendors = with_rule("minimum = \"2.0\"\nmodel = \"PM1733\"\n");
    CHECK(site.says(flashed_to("2.0")).empty());
    site.vendors = with_rule("minimum = \"3.0\"\nseries = \"3\"\n");
    CHECK(site.says(flashed_to("2.0")).empty());
    CHECK(site.says(flashed_to("3.1")) == "vendor data, GS-7");
    // What is not denied is not expected yet.
    site.vendors = with_rule("denied = [\"2.1\"]\n");
    CHECK(site.says(flashed_to("2.0")).empty());
}

TEST_CASE("a firmware that the policy names is expected, and no other version, part or model", "[changes]") {
    Site site;
    site.policy.name = "strict";
    site.policy.expected = {
        {.change = {.what = "firmware", .component = "drive", .match = "PM9A3", .to = "2"},
         .order = "CHG-2",
         .until = kNow}};
    auto& expected = site.policy.expected[0].change;
    CHECK(site.says(flashed()) == "policy strict, CHG-2");
    CHECK(site.says(only(drive("A", "1"), drive("A", "3"))).empty());
    CHECK(site.says(only(drive("A", "2"), drive("A", "1"))).empty());  // the way back
    CHECK(site.says(exchanged()).empty());
    expected.match = "PM1733";
    CHECK(site.says(flashed()).empty());
    expected = {.what = "firmware", .component = "bios", .match = "R750", .to = "2.20"};
    CHECK(site.says(bios_changed()) == "policy strict, CHG-2");
    CHECK(site.says(bios_changed(), "R640").empty());
    CHECK(site.says(flashed()).empty());
}

TEST_CASE("a section that an order names may go, and no other", "[changes]") {
    Site site;
    const SeenChange gone{.told = {.kind = ChangeKind::section,
                                   .id = "section.gone",
                                   .subject = "section bmc",
                                   .expected = "",
                                   .actual = "",
                                   .where = "",
                                   .before = {},
                                   .after = {},
                                   .planned = {}}};
    site.order({.what = "section", .component = "bmc"});
    CHECK(site.says(gone) == "order WO-7");
    site.order({.what = "section", .component = "pci"});
    CHECK(site.says(gone).empty());
    site.order({.what = "section", .component = "bmc", .to = "2"});
    CHECK(site.says(gone).empty());
}

TEST_CASE("the policy expects until the end of its day", "[changes]") {
    Site site;
    site.policy.name = "default";
    site.policy.expected = {
        {.change = {.what = "boot", .words = "file /initrd changed"}, .order = "CHG-1", .until = kNow}};
    const auto change = booted(sha256(as_view("x")));
    CHECK(site.says(change) == "policy default, CHG-1");
    site.policy.expected[0].until = kNow - 1;
    CHECK(site.says(change).empty());
    site.policy.expected[0].until = kNow;
    site.policy.expected[0].change.match = "R750";
    CHECK(site.says(change) == "policy default, CHG-1");
    CHECK(site.says(change, "R640").empty());
}

TEST_CASE("a part that the delivery names is expected for one that it does not name", "[changes]") {
    Site site;
    site.delivery = Delivery();
    site.delivery->source = "as-built list";
    site.delivery->parts = {delivered("B")};
    CHECK(site.says(exchanged()) == "as-built list");
    site.delivery->outdated = true;
    CHECK(site.says(exchanged()).empty());
    site.delivery->outdated = false;
    site.delivery->parts.push_back(delivered("A"));
    CHECK(site.says(exchanged()).empty());
    site.delivery->parts = {delivered("C")};
    CHECK(site.says(exchanged()).empty());
}

TEST_CASE(
    "a change that was told is planned once the policy expects it, if its part is still there; an order "
    "that came later expects nothing of before",
    "[changes]") {
    Site site;
    site.policy.name = "default";
    const auto change = flashed();
    KnownHost known;
    OpenMatter matter;
    matter.id = change.told.id;
    matter.subject = change.told.subject;
    matter.change = MatterChange{change.told.kind, change.told.before, change.told.after};
    known.open = {matter};
    const auto expect = [&](const std::string& version) {
        site.policy.expected = {{.change = {.what = "firmware", .component = "drive", .to = version},
                                 .order = "CHG-1",
                                 .until = kNow}};
    };
    const auto news = [&] {
        HostNews out;
        add_expected_by_now(known,
                            {.vendors = site.vendors,
                             .policy = site.policy,
                             .delivery = site.delivery,
                             .parts = site.parts,
                             .orders = site.orders,
                             .now = kNow},
                            out);
        return out;
    };
    expect("2");
    CHECK(news().planned.empty());
    site.parts = {drive("A", "2")};
    REQUIRE(news().planned == std::vector<Bytes>{change.told.after});
    CHECK(news().changes.at(0).planned == "policy default, CHG-1");
    expect("3");
    CHECK(news().changes.empty());
    site.order({.what = "firmware", .component = "drive", .to = "2"});
    CHECK(news().changes.empty());
}

}  // namespace assay::judge
