#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "evidence/wire/section/section_names.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace builders;

namespace {

Sections two_sections() {
    return {{"pci", to_bytes("pci bytes")}, {"smbios", Bytes(70'000, std::byte{0})}};
}

Bytes record(std::uint64_t sequence) {
    JournalRecord record;
    record.sequence = sequence;
    record.boot_id = "00000000-0000-4000-8000-000000000001";
    record.kind = DeviceEventKind::monitor_start;
    return encode_journal_record(record);
}

}  // namespace

STORE_TEST(bundle, "a stored attestation comes back as it was appraised") {
    const auto store = with_hosts(database);
    auto wanted = attestation(*store::Hosts(*store).find("web-1"), 1, two_sections());
    wanted.sessions.push_back({"s1", "web-1", "WO-1", "T", "E", kNow - 5, kNow});
    REQUIRE(store::Attestations(*store).add(wanted));

    const auto result = store::Results(*store).newest("web-1");
    REQUIRE(result);
    REQUIRE(result->result == wanted.result);
    REQUIRE(result->result_id == wanted.result_id);
    REQUIRE(result->conclusion == wanted.conclusion);
    REQUIRE(store::Results(*store).find(wanted.result_id)->result == wanted.result);
    REQUIRE(store::Results(*store).conclusion(wanted.conclusion) == encode_conclusion(wanted.result));
    for (const auto* unknown : {"", "ab", "' OR 1 = 1 --"}) {
        REQUIRE(store::Results(*store).find(unknown).error().code == ErrorCode::not_found);
        REQUIRE(store::Results(*store).conclusion(unknown).error().code == ErrorCode::not_found);
    }
    REQUIRE(store::Results(*store).find(wanted.conclusion).error().code == ErrorCode::not_found);
    REQUIRE(store::Results(*store).conclusion(wanted.result_id).error().code == ErrorCode::not_found);

    const auto bundle = store::Results(*store).newest_bundle("web-1");
    REQUIRE(bundle);
    REQUIRE(bundle->evidence == wanted.evidence);
    REQUIRE(bundle->challenge == wanted.challenge);
    REQUIRE(bundle->known_host == wanted.known_before);
    REQUIRE(bundle->sessions == wanted.sessions);

    const auto host = store::Hosts(*store).find("web-1");
    REQUIRE(host->revision == 1);
    REQUIRE(host->known.last_clock_ms == 1000);
    REQUIRE(host->known.last_reset_count == 7);
    REQUIRE(host->known.last_restart_count == 3);
}

STORE_TEST(odd_sections, "a section that is not what the manifest says comes back as it was sent") {
    const auto store = with_hosts(database);
    auto wanted = attestation(*store::Hosts(*store).find("web-1"), 1, two_sections());
    wanted.evidence.sections["pci"].back() = std::byte{'!'};
    wanted.evidence.sections["extra"] = to_bytes("not named");
    wanted.next.authentic = false;
    REQUIRE(store::Attestations(*store).add(wanted));
    REQUIRE(store::Results(*store).newest_bundle("web-1")->evidence == wanted.evidence);
}

STORE_TEST(held, "a host holds its own newest sections and no other host's") {
    const auto store = with_hosts(database);
    REQUIRE(
        store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, two_sections())));
    const auto pci = sha256(as_view("pci bytes")).hex();
    REQUIRE(store::Attestations(*store).held_section("web-1", pci) == to_bytes("pci bytes"));
    REQUIRE(store::Attestations(*store).held_section("web-2", pci).error().code == ErrorCode::not_found);
    REQUIRE(store::Attestations(*store).held_sections("web-1")->size() == 2);
    REQUIRE(store::Attestations(*store).held_sections("web-2")->empty());

    REQUIRE(store::Attestations(*store).add(
        attestation(*store::Hosts(*store).find("web-1"), 2, {{"pci", to_bytes("new")}})));
    REQUIRE(store::Attestations(*store).held_section("web-1", pci).error().code == ErrorCode::not_found);
    REQUIRE(store::Attestations(*store).held_sections("web-1")->size() == 1);
}

STORE_TEST(once_per_digest, "a section that two hosts send is stored once") {
    const auto store = with_hosts(database);
    REQUIRE(
        store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, two_sections())));
    REQUIRE(
        store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-2"), 1, two_sections())));
    // Small ones are in the rows of each host.
    REQUIRE(database.number("SELECT COUNT(*) FROM sections WHERE digest = '" +
                            sha256(two_sections().at("smbios")).hex() + "'") == 1);
    REQUIRE(database.number("SELECT COUNT(*) FROM sections WHERE digest = '" +
                            sha256(two_sections().at("pci")).hex() + "'") == 0);
    for (const auto* host : {"web-1", "web-2"})
        REQUIRE(store::Results(*store).newest_bundle(host)->evidence.sections == two_sections());
}

STORE_TEST(not_authentic, "what is not authentic is stored, and moves nothing that is known of the host") {
    const auto store = with_hosts(database);
    const auto before = store::Hosts(*store).find("web-1");
    auto bad = attestation(*before, 1, two_sections());
    bad.next.authentic = false;
    REQUIRE(store::Attestations(*store).add(bad));
    REQUIRE(store::Results(*store).newest("web-1")->result_id == bad.result_id);
    auto after = store::Hosts(*store).find("web-1");
    REQUIRE(after->known.previous->hex() == bad.result_id);  // the verifier's own word, not the host's
    after->known.previous.reset();
    REQUIRE(after->known == before->known);
    REQUIRE(store::Attestations(*store).held_sections("web-1")->empty());
    REQUIRE(store::Attestations(*store).journal("web-1")->empty());
}

STORE_TEST(ima_state, "where a host's IMA list stands is kept until a report leaves nothing to go on from") {
    const auto store = with_hosts(database);
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.ima);
    auto first = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    first.next.ima = sample::ima_state();
    REQUIRE(store::Attestations(*store).add(first));
    REQUIRE(store::Hosts(*store).find("web-1")->known.ima == sample::ima_state());
    REQUIRE_FALSE(store::Hosts(*store).find("web-2")->known.ima);
    auto bad = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    bad.next.authentic = false;
    REQUIRE(store::Attestations(*store).add(bad));
    REQUIRE(store::Hosts(*store).find("web-1")->known.ima == sample::ima_state());
    REQUIRE(store::Results(*store).newest_bundle("web-1")->known_host.ima == sample::ima_state());
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 3, {})));
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.ima);
}

STORE_TEST(nonce_once, "a nonce is good for one attestation") {
    const auto store = with_hosts(database);
    const auto first = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    REQUIRE(store::Attestations(*store).add(first));
    REQUIRE(store::Attestations(*store).nonce_used(first.evidence.nonce) == true);
    auto second = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    second.evidence.nonce = first.evidence.nonce;
    const auto refused = store::Attestations(*store).add(second);
    REQUIRE(refused.error().refused == store::Refused::nonce_used);
    REQUIRE(store::Results(*store).find(second.result_id).error().code == ErrorCode::not_found);
    REQUIRE(store::Hosts(*store).find("web-1")->revision == 1);
}

STORE_TEST(nonce_race, "of submissions that race with one nonce, one is stored") {
    const auto store = with_hosts(database);
    const auto host = *store::Hosts(*store).find("web-1");
    std::atomic<int> stored = 0;
    std::atomic<int> conflicts = 0;
    {
        std::vector<std::jthread> racers;
        for (int i = 0; i < 8; ++i) {
            racers.emplace_back([&, i] {
                auto mine = attestation(host, i, two_sections());
                mine.evidence.nonce = Bytes(32, std::byte{5});
                const auto done = store::Attestations(*store).add(mine);
                if (done) ++stored;
                if (!done && done.error().refused == store::Refused::nonce_used) ++conflicts;
            });
        }
    }
    REQUIRE(stored == 1);
    REQUIRE(conflicts == 7);
    REQUIRE(database.number("SELECT COUNT(*) FROM occasions") == 1);
}

STORE_TEST(revision,
           "an attestation appraised against an older state is refused, and its nonce stays unused") {
    const auto store = with_hosts(database);
    const auto old = *store::Hosts(*store).find("web-1");
    REQUIRE(store::Attestations(*store).add(attestation(old, 1, {})));
    const auto late = attestation(old, 2, {});
    const auto refused = store::Attestations(*store).add(late);
    REQUIRE(refused.error().refused == store::Refused::moved);
    REQUIRE(store::Attestations(*store).nonce_used(late.evidence.nonce) == false);
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 2, {})));
}

STORE_TEST(nonces_pruned, "nonces are forgotten an hour after they expired, not before") {
    const auto store = with_hosts(database);
    const auto first = attestation(*store::Hosts(*store).find("web-1"), 1, {});
    REQUIRE(store::Attestations(*store).add(first));
    auto soon = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    soon.result.appraised_at = kNow + 120 + 3600;
    name(soon);
    REQUIRE(store::Attestations(*store).add(soon));
    REQUIRE(store::Attestations(*store).nonce_used(first.evidence.nonce) == true);
    auto late = attestation(*store::Hosts(*store).find("web-1"), 3, {});
    late.result.appraised_at = kNow + 120 + 3601;
    name(late);
    REQUIRE(store::Attestations(*store).add(late));
    REQUIRE(store::Attestations(*store).nonce_used(first.evidence.nonce) == false);
}

STORE_TEST(journal_records, "records after the acknowledged one are stored once, as the bytes they came in") {
    const auto store = with_hosts(database);
    JournalSection journal{2, journal_digest(record(2)), {record(1), record(2)}};
    Sections sections{{std::string(section::kJournal), encode_journal_section(journal)}};
    auto first = attestation(*store::Hosts(*store).find("web-1"), 1, sections);
    first.next.journal_sequence = 2;
    first.next.journal_head = to_bytes(journal.head.view());
    REQUIRE(store::Attestations(*store).add(first));
    REQUIRE(store::Hosts(*store).find("web-1")->known.journal_sequence == 2);
    REQUIRE(store::Hosts(*store).find("web-1")->known.journal_head == to_bytes(journal.head.view()));

    journal.records.push_back(record(3));  // 1 and 2 again, as after a lost answer
    sections.begin()->second = encode_journal_section(journal);
    auto second = attestation(*store::Hosts(*store).find("web-1"), 2, sections);
    second.next.journal_sequence = 3;
    REQUIRE(store::Attestations(*store).add(second));
    const auto rows = store::Attestations(*store).journal("web-1");
    REQUIRE(rows->size() == 3);
    REQUIRE(rows->back().record == record(3));
    REQUIRE(rows->back().digest == journal_digest(record(3)).hex());
}

STORE_TEST(finding_queries, "findings are found by host, time and id, newest first") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, {})));
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-2"), 2, {})));
    auto other = attestation(*store::Hosts(*store).find("web-1"), 3, {});
    other.result.findings[0].id = "tpm.software";
    other.result.findings[0].actual = "<b>\x1b[31m";
    name(other);
    REQUIRE(store::Attestations(*store).add(other));

    const auto all = store::Results(*store).findings({});
    REQUIRE(all->size() == 3);
    REQUIRE(all->front().finding == other.result.findings[0]);
    REQUIRE(all->front().group == finding_group_key(other.result.findings[0]));
    REQUIRE(store::Results(*store).findings({.host = "web-2", .since = {}, .id = {}})->size() == 1);
    REQUIRE(store::Results(*store).findings({.host = {}, .since = kNow + 2, .id = {}})->size() == 2);
    REQUIRE(store::Results(*store).findings({.host = {}, .since = {}, .id = "tpm.software"})->size() == 1);
    REQUIRE(store::Results(*store).findings({.host = {}, .since = {}, .id = {}, .limit = 2})->size() == 2);
    REQUIRE(
        store::Results(*store).findings({.host = "web-1", .since = kNow + 2, .id = "tpm.software"})->size() ==
        1);
    REQUIRE(
        store::Results(*store).findings({.host = "web-2", .since = kNow + 2, .id = "tpm.software"})->empty());
}

STORE_TEST(summaries, "the list of hosts shows the newest result, and a host without one too") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, {})));
    const auto newest = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    REQUIRE(store::Attestations(*store).add(newest));
    const auto hosts = store::Hosts(*store).list();
    REQUIRE(hosts->size() == 2);
    REQUIRE(hosts->at(0).result_id == newest.result_id);
    REQUIRE(hosts->at(0).tier == "warning");
    REQUIRE(hosts->at(1).tier.empty());
    REQUIRE(store::Hosts(*store).summary("web-2")->appraised_at == 0);
    REQUIRE(store::Results(*store).newest("web-2").error().code == ErrorCode::not_found);
    REQUIRE(store::Results(*store).newest_bundle("web-2").error().code == ErrorCode::not_found);
}

STORE_TEST(survives, "what was acknowledged is there after the store is opened again") {
    auto store = with_hosts(database);
    const auto wanted = attestation(*store::Hosts(*store).find("web-1"), 1, two_sections());
    REQUIRE(store::Attestations(*store).add(wanted));
    store.reset();
    REQUIRE(store::Results(*database.open()).newest_bundle("web-1")->evidence == wanted.evidence);
}
