#include <algorithm>
#include <cstdlib>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/support/appraisal/steady_host.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;

namespace {

constexpr int kHosts = 4;
constexpr int kWarmUp = 26;  // reports of each: two hours, in which used nonces pile up before the oldest go

/// ASSAY_STEADY_ROUNDS=250 measures 1,000 attestations.
int rounds_wanted() {
    constexpr int kUsual = 25;
    const char* text = std::getenv("ASSAY_STEADY_ROUNDS");  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? kUsual : std::max(1, std::atoi(text));
}

std::string name_of(int host) {
    return fmt::format("rack-{}.example.org", host);
}

void enrol_host(store::Store& store, int number, const test::TestIdentity& keys) {
    auto identity =
        builders::identity(name_of(number), fmt::format("tpm {}", number), fmt::format("ak {}", number));
    identity.ak_public = keys.ak_public;
    identity.ek_public = keys.ek_public;
    identity.ek_certificates = {keys.ek_certificate};
    identity.iak = identity.idevid = {};
    REQUIRE(builders::enrol(store, "token " + name_of(number), identity));
}

void report(store::Store& store, test::SteadyHost& steady) {
    const auto host = store::Hosts(store).find(steady.builder().host);
    REQUIRE(host);
    auto known = host->known;
    // The TPM vouched for its journal before this began.
    if (!known.journal_anchor) known.journal_anchor = test::EvidenceBuilder().known.journal_anchor;
    const auto made = steady.report(known);
    const auto appraisal = made.appraise();
    REQUIRE(appraisal.next.authentic);
    store::Attestation attestation;
    attestation.result = appraisal.result;
    builders::name(attestation);
    attestation.evidence = made.bundle.evidence;
    attestation.challenge = made.bundle.challenge;
    attestation.known_before = made.bundle.known_host;
    attestation.next = appraisal.next;
    attestation.components = appraisal.components;
    attestation.quoted = appraisal.quoted;
    attestation.revision_before = host->revision;
    attestation.told_before = host->told;
    attestation.attested_before = host->attested_at;
    attestation.watched_before_ms = host->watched_until_ms;
    attestation.conclusion_before = host->conclusion;
    attestation.nonce_expires_at = made.bundle.challenge.expires_at;
    REQUIRE(store::Attestations(store).add(attestation));
}

}  // namespace

TEST_CASE("a steady attestation makes the database grow by no more than 512 bytes") {
    const auto database = TestDatabase::sqlite();
    const auto store = database->open();
    const auto measured = rounds_wanted();
    std::vector<test::SteadyHost> hosts;
    for (int i = 0; i < kHosts; ++i) {
        test::EvidenceBuilder builder;
        builder.host = name_of(i);
        hosts.emplace_back(builder).unchanging = true;
        enrol_host(*store, i, test::TestIdentity::get());
    }
    const auto rounds = [&](int count) {
        for (int i = 0; i < count; ++i) {
            for (auto& host : hosts) report(*store, host);
        }
        const auto pages = database->number("SELECT page_count FROM pragma_page_count");
        const auto free = database->number("SELECT freelist_count FROM pragma_freelist_count");
        return (pages - free) * database->number("SELECT page_size FROM pragma_page_size");
    };
    const auto before = rounds(kWarmUp);
    const auto after = rounds(measured);
    const auto each = (after - before) / (kHosts * measured);
    const auto parts =
        database->number("SELECT AVG(LENGTH(parts)) FROM occasions WHERE key_revision <> revision");
    fmt::print(
        "{} steady attestations of {} hosts: the database grew by {} bytes each, {} of them what the "
        "host sent and was known\n",
        kHosts * measured, kHosts, each, parts);
    CHECK(database->number("SELECT COUNT(*) FROM occasions") == kHosts * (kWarmUp + measured));
    CHECK(each > 0);
    CHECK(each <= 512);
    INFO(encode_attestation_result(store::Results(*store).newest(name_of(0))->result));
    CHECK(store::Results(*store).newest(name_of(0))->result.tier == Tier::affirming);
    CHECK(database->number("SELECT COUNT(*) FROM conclusions") == 2 * kHosts);  // silent before the first
    const auto bundle = store::Results(*store).newest_bundle(name_of(0));
    REQUIRE(bundle);
    CHECK(bundle->evidence.sections.size() >= 15);
}
