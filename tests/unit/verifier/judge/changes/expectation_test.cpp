#include "verifier/judge/changes/expectation.h"

#include <catch2/catch.hpp>

#include "verifier/judge/changes/part_news.h"
#include "verifier/judge/changes/still_open.h"

namespace assay::judge {
namespace {

using accompaniment::PlannedChange;
using vendors::Component;

constexpr std::int64_t kNow = 1'000'300;

HostComponent drive(const std::string& serial, const std::string& firmware) {
    return {
        .kind = Component::drive, .place = "nvme0", .model = "PM9A3", .serial = serial, .revision = firmware};
}

SeenChange only(const HostComponent& before, const HostComponent& after) {
    auto out = part_news({before}, {after}, {1'000'000, kNow});
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

TEST_CASE("a change that was told is planned once somebody expects it, if its part is still there",
          "[changes]") {
    Site site;
    const auto change = flashed();
    KnownHost known;
    OpenMatter matter;
    matter.id = change.told.id;
    matter.subject = change.told.subject;
    matter.change = MatterChange{change.told.kind, change.told.before, change.told.after};
    known.open = {matter};
    site.order({.what = "firmware", .component = "drive", .to = "2"});
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
    CHECK(news().planned.empty());
    site.parts = {drive("A", "2")};
    REQUIRE(news().planned == std::vector<Bytes>{change.told.after});
    CHECK(news().changes.at(0).planned == "order WO-7");
    site.order({.what = "firmware", .component = "drive", .to = "3"});
    CHECK(news().changes.empty());
}

}  // namespace assay::judge
