#include <catch2/catch.hpp>

#include "evidence/wire/section/section_names.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/occasion_parts.h"
#include "verifier/service/store/engine/deflated.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace builders;

namespace {

Sections sections_of(int number) {
    return {{"pci", Bytes(900, std::byte{7})},
            {"smbios", Bytes(70'000, std::byte{0})},
            {std::string(section::kClock), to_bytes("clock " + std::to_string(number))}};
}

store::Attestation steady(store::Store& store, const std::string& host, int number) {
    return attestation(*store::Hosts(store).find(host), number, sections_of(number));
}

}  // namespace

STORE_TEST(steady_host,
           "a steady host has one conclusion, its findings once, and as many occasions as reports") {
    const auto store = with_hosts(database);
    std::vector<store::Attestation> all;
    for (int i = 1; i <= 5; ++i) {
        all.push_back(steady(*store, "web-1", i));
        REQUIRE(store::Attestations(*store).add(all.back()));
    }
    REQUIRE(database.number("SELECT COUNT(*) FROM conclusions") == 1);
    REQUIRE(database.number("SELECT COUNT(*) FROM findings") == 1);
    REQUIRE(database.number("SELECT COUNT(*) FROM stays") == 1);
    REQUIRE(database.number("SELECT COUNT(*) FROM occasions") == 5);
    const auto found = store::Results(*store).findings({});
    REQUIRE(found->size() == 1);
    REQUIRE(found->at(0).result_id == all.back().result_id);
    REQUIRE(found->at(0).appraised_at == kNow + 5);
    for (const auto& each : all) {
        const auto result = store::Results(*store).find(each.result_id);
        REQUIRE(result);
        REQUIRE(result->result == each.result);
        const auto bundle = store::Results(*store).bundle_at("web-1", each.result.appraised_at);
        REQUIRE(bundle->evidence == each.evidence);
        REQUIRE(bundle->known_host == each.known_before);
    }
}

STORE_TEST(chain, "each result names the one before, and the first of a host names none") {
    const auto store = with_hosts(database);
    auto first = steady(*store, "web-1", 1);
    REQUIRE_FALSE(first.known_before.previous);
    REQUIRE(store::Hosts(*store).find("web-1")->conclusion.empty());
    REQUIRE(store::Attestations(*store).add(first));
    REQUIRE(store::Hosts(*store).find("web-1")->known.previous->hex() == first.result_id);
    REQUIRE(store::Hosts(*store).find("web-1")->conclusion == first.conclusion);
    REQUIRE_FALSE(store::Hosts(*store).find("web-2")->known.previous);
    auto second = steady(*store, "web-1", 2);
    second.result.tier = Tier::none;
    name(second);
    REQUIRE(store::Attestations(*store).add(second));
    auto third = steady(*store, "web-1", 3);
    REQUIRE(store::Attestations(*store).add(third));
    REQUIRE(store::Results(*store).find(third.result_id)->result.previous == second.result_id);
    REQUIRE(store::Results(*store).find(second.result_id)->result.previous == first.result_id);
    REQUIRE_FALSE(store::Results(*store).find(first.result_id)->result.previous);
}

STORE_TEST(stays, "a conclusion that comes back begins a new stay, with its findings' own times") {
    const auto store = with_hosts(database);
    const auto add = [&](int number, Tier tier) {
        auto one = steady(*store, "web-1", number);
        one.result.tier = tier;
        if (tier == Tier::affirming) one.result.findings.clear();
        name(one);
        REQUIRE(store::Attestations(*store).add(one));
        return one;
    };
    add(1, Tier::warning);
    const auto last_of_first = add(2, Tier::warning);
    const auto clean = add(3, Tier::affirming);
    const auto back = add(4, Tier::warning);
    REQUIRE(database.number("SELECT COUNT(*) FROM conclusions") == 2);
    REQUIRE(database.number("SELECT COUNT(*) FROM stays") == 3);
    const auto rows = store::Results(*store).findings({.host = "web-1", .since = {}, .id = {}});
    REQUIRE(rows->size() == 2);
    REQUIRE(rows->at(0).result_id == back.result_id);
    REQUIRE(rows->at(1).result_id == last_of_first.result_id);
    REQUIRE(rows->at(1).appraised_at == kNow + 2);
    REQUIRE(store::Results(*store).findings({.host = {}, .since = kNow + 3, .id = {}})->size() == 1);
    for (int at = 1; at <= 4; ++at)
        REQUIRE(store::Results(*store).bundle_at("web-1", kNow + at)->evidence.quote ==
                to_bytes("quote " + std::to_string(at)));
    REQUIRE(store::Results(*store).bundle_at("web-1", kNow).error().code == ErrorCode::not_found);
    REQUIRE(store::Results(*store).newest("web-1")->result_id == back.result_id);
    REQUIRE(store::Results(*store).find(clean.result_id)->result.findings.empty());
    REQUIRE(store::Hosts(*store).summary("web-1")->tier == "warning");
}

STORE_TEST(own_conclusions, "two hosts that come to the same have a conclusion each") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(steady(*store, "web-1", 1)));
    REQUIRE(store::Attestations(*store).add(steady(*store, "web-2", 1)));
    REQUIRE(database.number("SELECT COUNT(*) FROM conclusions") == 2);
    REQUIRE(store::Results(*store).findings({.host = "web-2", .since = {}, .id = {}})->at(0).host == "web-2");
}

STORE_TEST(journal_proof, "what the TPM certified of the journal comes back with the bundle") {
    const auto store = with_hosts(database);
    for (int i = 1; i <= 2; ++i) {
        auto one = steady(*store, "web-1", i);
        const auto binding = evidence_binding(one.evidence.nonce, one.evidence.manifest);
        Bytes attest = to_bytes("attest ");
        attest.insert(attest.end(), binding.view().begin(), binding.view().end());
        one.evidence.journal_proof = JournalProof{attest, to_bytes("s1"), attest, to_bytes("s2")};
        REQUIRE(store::Attestations(*store).add(one));
        REQUIRE(store::Results(*store).newest_bundle("web-1")->evidence == one.evidence);
    }
}

STORE_TEST(many_occasions, "occasions far apart are told from different keys, and each comes back") {
    const auto store = with_hosts(database);
    std::vector<store::Attestation> all;
    for (int i = 1; i <= 260; ++i) {
        all.push_back(steady(*store, "web-1", i));
        REQUIRE(store::Attestations(*store).add(all.back()));
    }
    const auto keys = database.number("SELECT COUNT(*) FROM occasions WHERE revision = key_revision");
    REQUIRE(keys >= 2);
    REQUIRE(keys <= 4);
    for (const auto i : {0U, 1U, 255U, 256U, 259U}) {
        REQUIRE(store::Results(*store).find(all[i].result_id)->result == all[i].result);
        REQUIRE(store::Results(*store).bundle_at("web-1", all[i].result.appraised_at)->evidence ==
                all[i].evidence);
    }
}

STORE_TEST(unlike, "an occasion that has little of the one before is kept whole") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(steady(*store, "web-1", 1)));
    auto other = steady(*store, "web-1", 2);
    Bytes noise;
    for (int i = 0; i < 30; ++i) {
        const auto part = sha256(as_view(std::to_string(i)));
        noise.insert(noise.end(), part.view().begin(), part.view().end());
    }
    other.evidence.sections = {{"a", noise}, {"b", Bytes(noise.rbegin(), noise.rend())}};
    other.evidence.manifest =
        manifest_of("web-1", "00000000-0000-4000-8000-000000000001", other.evidence.sections);
    REQUIRE(store::Attestations(*store).add(other));
    REQUIRE(database.number("SELECT COUNT(*) FROM occasions WHERE revision = key_revision") == 2);
    REQUIRE(store::Results(*store).newest_bundle("web-1")->evidence == other.evidence);
}

STORE_TEST(altered, "a row that somebody changed is an error, and no other result") {
    const auto store = with_hosts(database);
    const auto one = steady(*store, "web-1", 1);
    REQUIRE(store::Attestations(*store).add(one));
    REQUIRE(store::Results(*store).find(one.result_id));
    database.execute("UPDATE occasions SET appraised_at = appraised_at + 1");
    REQUIRE(store::Results(*store).find(one.result_id).error().code == ErrorCode::internal);
    database.execute("UPDATE occasions SET appraised_at = appraised_at - 1");
    REQUIRE(store::Results(*store).find(one.result_id));
    database.execute("UPDATE occasions SET parts = decode('00', 'hex')");
    REQUIRE(store::Results(*store).find(one.result_id).error().code == ErrorCode::internal);
    database.execute("UPDATE conclusions SET document = decode('0300', 'hex')");  // nothing, in DEFLATE
    REQUIRE(store::Results(*store).conclusion(one.conclusion).error().code == ErrorCode::internal);
}

STORE_TEST(large_known, "many sessions and much that is known are put away once, not with each occasion") {
    const auto store = with_hosts(database);
    const auto with_much = [&](int number) {
        auto one = steady(*store, "web-1", number);
        one.known_before.seen.emplace();
        for (int i = 0; i < 500; ++i) {
            const auto text = std::to_string(i);
            one.known_before.seen->push_back({"web-1", "drive", {"pci 1bd4"}, "serial " + text, kNow});
            one.sessions.push_back({"session " + text, "web-1", "WO", "T", "E", kNow - 5, kNow});
        }
        return one;
    };
    for (int i = 1; i <= 3; ++i) {
        const auto one = with_much(i);
        REQUIRE(store::Attestations(*store).add(one));
        REQUIRE(store::Results(*store).newest_bundle("web-1")->known_host == one.known_before);
        REQUIRE(store::Results(*store).newest_bundle("web-1")->sessions == one.sessions);
    }
    REQUIRE(database.number("SELECT COUNT(*) FROM occasions WHERE length(parts) > 1000") == 0);
    REQUIRE(database.number("SELECT COUNT(*) FROM sections") == 3);  // SMBIOS, the known host, the sessions
}

TEST_CASE("a stream is read with its dictionary up to the limit, and cut or lengthened not at all") {
    Bytes noise;
    for (int i = 0; i < 100; ++i) {
        const auto part = sha256(as_view(std::to_string(i)));
        noise.insert(noise.end(), part.view().begin(), part.view().end());
    }
    auto text = noise;
    text[1000] ^= std::byte{1};
    const auto stream = store::deflated(text, noise);
    CHECK(stream.size() < 100);
    CHECK(store::inflated(stream, text.size(), noise) == text);
    CHECK(store::inflated(stream, text.size() - 1, noise).error().code == ErrorCode::limit);
    CHECK(store::inflated(stream, text.size()) != text);
    for (std::size_t size = 0; size < stream.size(); ++size)
        CHECK_FALSE(store::inflated(ByteView(stream).first(size), text.size(), noise));
    auto longer = stream;
    longer.push_back(std::byte{0});
    CHECK_FALSE(store::inflated(longer, text.size(), noise));
    CHECK(store::inflated(store::deflated({}), 0) == Bytes());
    const Bytes zeros(50'000'000, std::byte{0});
    CHECK(store::inflated(store::deflated(zeros), 1U << 20U).error().code == ErrorCode::limit);
}
