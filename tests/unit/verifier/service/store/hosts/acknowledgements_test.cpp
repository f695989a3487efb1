#include "verifier/service/store/hosts/acknowledgements.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/wire_samples.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/known_hosts.h"

using namespace assay;
using namespace assay::store;
using namespace builders;

namespace {

const Sections kPci{{"pci", to_bytes("pci bytes")}};

OpenMatter changed_firmware(std::int64_t since) {
    auto out = sample::change_matter();
    out.since = since;
    return out;
}

OpenMatter written_stick(std::uint64_t record) {
    auto out = sample::device_matter();
    out.since = kNow;
    out.record = record;
    return out;
}

/// The host's next attestation, which leaves these matters open and has a finding of each.
void attest(Store& store, const std::string& host, int number, const std::vector<OpenMatter>& open) {
    auto next = attestation(*Hosts(store).find(host), number, kPci);
    next.next.open = open;
    next.result.findings.clear();
    for (const auto& matter : open) {
        next.result.findings.push_back({matter.id, Tier::warning, Basis::bound, matter.subject,
                                        matter.expected, matter.actual, "matter " + matter_id(matter), ""});
    }
    name(next);
    REQUIRE(Attestations(store).add(next));
}

std::string group_of(const OpenMatter& matter) {
    return finding_group_key(
        {matter.id, Tier::warning, Basis::bound, matter.subject, matter.expected, matter.actual, "", ""});
}

Acknowledgement by(const std::string& person, const OpenMatter& matter, std::int64_t at = kNow + 60) {
    return {"web-1", matter_id(matter), person, "INC-88: in our safe", at};
}

std::size_t acks_known(Store& store, const std::string& host) {
    return Acknowledgements(store).open(host)->matters.front().acks.size();
}

}  // namespace

STORE_TEST(kept, "an acknowledgement stands in the matter by which the next report is judged") {
    const auto store = with_hosts(database);
    const auto stick = written_stick(41);
    attest(*store, "web-1", 1, {stick, changed_firmware(kNow)});
    REQUIRE(Hosts(*store).remembered("web-1"));
    const auto told = Hosts(*store).find("web-1")->told;
    const auto after = Acknowledgements(*store).add(by("olga", stick));
    REQUIRE(after);
    CHECK(after->acks == std::vector<MatterAcknowledgement>{{"olga", kNow + 60}});
    CHECK(Hosts(*store).find("web-1")->told == told + 1);
    const auto open = Acknowledgements(*store).open("web-1");
    REQUIRE(open->matters.size() == 2);
    CHECK(open->matters[0] == *after);
    CHECK(open->matters[1] == changed_firmware(kNow));
    CHECK(Hosts(*store).find("web-1")->known.open == open->matters);
}

STORE_TEST(persons, "a person counts once, and the first two are kept with the matter") {
    const auto store = with_hosts(database);
    const auto stick = written_stick(41);
    attest(*store, "web-1", 1, {stick});
    Acknowledgements acks(*store);
    REQUIRE(missing_acknowledgements(*acks.add(by("olga", stick))) == 1);
    // A second certificate of one name is the same person; what she said first is kept.
    const auto again = acks.add(by("olga", stick, kNow + 90));
    REQUIRE(again);
    CHECK(again->acks == std::vector<MatterAcknowledgement>{{"olga", kNow + 60}});
    REQUIRE(missing_acknowledgements(*acks.add(by("ann", stick))) == 0);
    const auto third = acks.add(by("bert", stick));
    REQUIRE(third);
    CHECK(third->acks.size() == 2);
    CHECK(acks_known(*store, "web-1") == 2);
    const auto all = acks.list("web-1", 100);
    REQUIRE(all->size() == 3);
    CHECK(all->front().matter == by("ann", stick).matter);
    CHECK(all->front().by == "ann");
    CHECK(acks.list("web-2", 100)->empty());
    CHECK(acks.list({}, 2)->size() == 2);
}

STORE_TEST(unknown, "what is not open at this host cannot be acknowledged, and nothing is kept of it") {
    const auto store = with_hosts(database);
    const auto stick = written_stick(41);
    attest(*store, "web-1", 1, {stick});
    Acknowledgements acks(*store);
    auto elsewhere = by("olga", stick);
    elsewhere.host = "web-2";
    const auto told = Hosts(*store).find("web-2")->told;
    const auto refused = acks.add(elsewhere);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK(refused.error().context.contains("assay host matters web-2"));
    elsewhere.host = "nobody";
    CHECK(acks.add(elsewhere).error().code == ErrorCode::not_found);
    CHECK(acks.add(by("olga", written_stick(42))).error().code == ErrorCode::not_found);
    CHECK(acks.list({}, 100)->empty());
    CHECK(Hosts(*store).find("web-2")->told == told);
    CHECK(acks.open("nobody").error().code == ErrorCode::not_found);
    CHECK(acks.open("web-2")->matters.empty());
}

STORE_TEST(overtaken, "a report that was judged before an acknowledgement came is refused and loses none") {
    const auto store = with_hosts(database);
    const auto stick = written_stick(41);
    attest(*store, "web-1", 1, {stick});
    auto late = attestation(Hosts(*store).remembered("web-1")->host, 2, kPci);
    REQUIRE(Acknowledgements(*database.open()).add(by("olga", stick)));
    const auto stored = Attestations(*store).add(late);
    REQUIRE_FALSE(stored);
    CHECK(stored.error().refused == Refused::moved);
    CHECK(acks_known(*store, "web-1") == 1);
}

STORE_TEST(groups,
           "one change on three hundred hosts is found by its group, in pages, and nobody else's is") {
    const auto store = database.open();
    constexpr int kHosts = 300;
    const auto changed = changed_firmware(kNow);
    for (int i = 0; i < kHosts; ++i) {
        const auto host = fmt::format("web-{:03}", i);
        REQUIRE(enrol(*store, "t" + host, identity(host, "tpm " + host, "ak " + host)));
        if (i % 3 == 0)
            attest(*store, host, 1, {changed, written_stick(7)});
        else
            attest(*store, host, 1, {changed_firmware(kNow + i)});
    }
    REQUIRE(enrol(*store, "t other", identity("other", "tpm other", "ak other")));
    auto other = changed;
    other.actual = "2.3";
    attest(*store, "other", 1, {other});
    Acknowledgements acks(*store);
    const auto group = group_of(changed);
    std::vector<std::string> all;
    for (std::string after;;) {
        const auto page = acks.hosts_of_group(group, after, 128);
        REQUIRE(page);
        all.insert(all.end(), page->begin(), page->end());
        if (page->size() < 128) break;
        after = page->back();
    }
    REQUIRE(all.size() == kHosts);
    CHECK(std::ranges::is_sorted(all));
    for (const auto& host : all) {
        const auto matters = acks.of_group(host, group);
        REQUIRE(matters->size() == 1);
        REQUIRE(acks.add({host, matters->front(), "olga", "CHG-12", kNow}));
        REQUIRE(acks_known(*store, host) == 1);
    }
    CHECK(acks.of_group("other", group)->empty());
    CHECK(acks_known(*store, "other") == 0);
    CHECK(acks.hosts_of_group(digest_of("no group"), "", 128)->empty());
}
