#include "verifier/service/store/hosts/known_hosts.h"

#include <functional>

#include <catch2/catch.hpp>

#include "evidence/base/fault.h"
#include "evidence/base/text.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/hosts/acknowledgements.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace assay::store;
using namespace builders;

namespace {

const Sections kSections{{"pci", to_bytes("pci bytes")}, {"smbios", Bytes(70'000, std::byte{1})}};

constexpr const char* kBoot = "00000000-0000-4000-8000-000000000001";

/// What two hosts are told apart by, beside their revisions.
void require_same(const Host& a, const Host& b) {
    REQUIRE(a.revision == b.revision);
    REQUIRE(a.told == b.told);
    REQUIRE(a.conclusion == b.conclusion);
    REQUIRE(a.attested_at == b.attested_at);
    REQUIRE(a.watched_until_ms == b.watched_until_ms);
    REQUIRE(a.enrolled_at == b.enrolled_at);
    REQUIRE(a.none == b.none);
    REQUIRE(a.labels == b.labels);
    REQUIRE(a.identity == b.identity);
    REQUIRE(a.known == b.known);
}

OpenMatter a_matter() {
    OpenMatter out;
    out.id = "firmware.changed";
    out.since = kNow;
    return out;
}

/// Enrolled, with one attestation and one open matter, and remembered.
std::unique_ptr<Store> with_host(const TestDatabase& database) {
    auto store = database.open();
    REQUIRE(enrol(*store, "t1", identity("web-1", "tpm-1", "ak-1")));
    database.execute("UPDATE host_state SET open_matters = '" + to_hex(encode_open_matters({a_matter()})) +
                     "'");
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, kSections)));
    return store;
}

RememberedHost example(const std::string& name, std::int64_t revision) {
    RememberedHost out;
    out.host.identity = identity(name, "tpm", "ak");
    out.host.known.name = name;
    out.host.known.ak_public = out.host.identity.ak_public;
    out.host.known.ek_public = out.host.identity.ek_public;
    out.host.known.ek_certificates = out.host.identity.ek_certificates;
    out.host.known.iak_certificates = out.host.identity.iak.certificates;
    out.host.known.journal_head = Bytes(32, std::byte{3});
    out.host.enrolled_at = out.host.known.enrolled_at = kNow;
    out.host.revision = revision;
    out.host.labels = {{"site", "north"}, {"role", "web"}};
    out.host.conclusion = digest_of("conclusion");
    out.host.told_acts = ActHead{7, sha256(as_view("acts"))};
    out.held = {{"pci", digest_of("pci")}, {"smbios", digest_of("smbios")}};
    out.standing = Standing{7, 3, {6, 2}};
    out.boots = digest_of("boots");
    out.inventory = digest_of("parts");
    return out;
}

struct Change {
    const char* what;
    std::function<bool(Store&)> make;
    std::function<bool(const Host&)> is_seen;
};

std::vector<Change> changes() {
    const WorkSession session{"s1", "web-1", "WO-1", "Tess", "Ed", kNow, {}};
    return {
        {"labels are set",
         [](Store& store) {
             return store::Hosts(store).set_labels("web-1", {{{"site", "north"}}, "olga", kNow}).has_value();
         },
         [](const Host& host) {
             return host.labels == judge::Labels{{"site", "north"}} && host.known.site == "north" &&
                    host.known.policy_by == "site=north by olga, " + utc_text(kNow);
         }},
        {"it is registered with a chassis",
         [](Store& store) {
             PurchasedHost line;
             line.host = "web-1";
             line.site = "south";
             line.tpm_digest = identity("web-1", "tpm-1", "ak-1").ek_digest;
             line.chassis_serial = "C-1";
             const auto done = store::Registrations(store).add(
                 {line}, "olga", kNow, false, [](const Identity&, const std::string&) { return true; });
             return done && done->front().outcome == Registered::Outcome::added;
         },
         [](const Host& host) {
             return host.known.chassis_serial == "C-1" && host.known.site != "south" &&
                    host.known.purchase_site == PurchaseSite{"south", "olga", kNow};
         }},
        {"an administrator adopts the site of its line",
         [](Store& store) {
             const auto done = store::Hosts(store).adopt_site({.site = "south", .by = "ada", .at = kNow});
             return done && done->size() == 1;
         },
         [](const Host& host) { return host.known.site == "south" && !host.known.purchase_site; }},
        {"an endorsement is given",
         [](Store& store) {
             Delivery delivery;
             delivery.source = "as-built list";
             delivery.digest = digest_of("list");
             delivery.at = kNow;
             return store::Hosts(store)
                 .add_endorsement({"web-1", digest_of("ek tpm-1"), delivery, {}})
                 .has_value();
         },
         [](const Host& host) { return host.known.delivery.has_value(); }},
        {"a session is opened",
         [=](Store& store) { return store::WorkSessions(store).add(session, "olga").has_value(); },
         [](const Host& host) { return !host.none.sessions; }},
        {"a session is closed",
         [](Store& store) { return store::WorkSessions(store).close("s1", "olga", kNow).has_value(); },
         [](const Host& host) { return !host.none.sessions; }},
        {"a matter of it is acknowledged",
         [](Store& store) {
             return store::Acknowledgements(store)
                 .add({"web-1", matter_id(a_matter()), "olga", "CHG-12", kNow})
                 .has_value();
         },
         [](const Host& host) { return host.known.open && host.known.open->front().acks.size() == 1; }},
        {"evidence came in its name",
         [](Store& store) {
             return store::Unproven(store)
                 .add({{"web-1", "192.0.2.1", "signature", 1, kNow, kNow}}, kNow)
                 .has_value();
         },
         [](const Host& host) { return !host.none.unproven; }},
        {"the first directory is imported",
         [](Store& store) {
             return store::SiteDocuments(store).put({{.kind = "directory",
                                                      .id = "directory",
                                                      .digest = digest_of("d"),
                                                      .document = "{}",
                                                      .stored_at = kNow}}) == 1;
         },
         [](const Host& host) { return !host.none.directory; }},
        {"a verdict becomes another",
         [](Store& store) {
             auto documents = store::SiteDocuments(store);
             const SiteDocument event{.kind = "event",
                                      .id = "web-1/1",
                                      .host = "web-1",
                                      .digest = digest_of("event"),
                                      .document = "{}",
                                      .stored_at = kNow,
                                      .open = false};
             return documents.put({event}).value_or(0) == 1 &&
                    documents.add_verdicts({}, {}, {"web-1/1"}).has_value();
         },
         [](const Host& host) { return !host.none.open_events; }},
        {"its TPM is exchanged",
         [](Store& store) {
             Replacement order;
             order.id = "r1";
             order.host = "web-1";
             order.ordered_at = kNow;
             order.expires_at = kNow + 3600;
             auto pending = enrolment("e2", "t2", identity("web-1", "tpm-2", "ak-2"));
             pending.replacement = "r1";
             return store::Replacements(store).order(order) &&
                    store::Enrolments(store).add_token(token("t2", "web-1")) &&
                    store::Enrolments(store).add(pending, kNow) &&
                    store::Enrolments(store).activate(pending, kNow);
         },
         [](const Host& host) { return host.identity.ak_digest == digest_of("ak ak-2"); }},
    };
}

}  // namespace

TEST_CASE("a remembered host is the same host, in less than two KiB, or three with its certificates") {
    auto host = example("rack-17.example.org", 5);
    host.host.known.boot_clock =
        BootClock{7, 3, "00000000-0000-4000-8000-000000000001", {1, 2, 3}, {4, 5, 6}};
    host.host.known.journal_anchor = JournalAnchor{sha256(as_view("value")), 9};
    host.host.known.previous = sha256(as_view("before"));
    host.host.known.ek_certificates.front() = Bytes(900, std::byte{5});  // as such certificates are
    host.host.identity.ek_certificates = host.host.known.ek_certificates;
    for (int i = 0; i < 14; ++i) host.held["section-" + std::to_string(i)] = digest_of(std::to_string(i));
    const auto bytes = encode_remembered(host);
    CHECK(bytes.size() < 3072);
    const auto back = decode_remembered(bytes);
    REQUIRE(back);
    require_same(back->host, host.host);
    CHECK(back->held == host.held);
    CHECK(back->boots == host.boots);
    CHECK(back->inventory == host.inventory);
    REQUIRE(back->standing);
    CHECK(back->standing->conclusion == 7);
    CHECK(back->standing->first_revision == 3);
    CHECK(back->standing->key.conclusion == 6);
    CHECK(back->standing->key.revision == 2);
    CHECK_FALSE(decode_remembered(ByteView(bytes).first(bytes.size() - 1)));
    host.host.known.ek_certificates.clear();
    host.host.known.iak_certificates.reset();
    host.host.identity = {};
    CHECK(encode_remembered(host).size() < 2048);
}

TEST_CASE("the hosts that were not heard of for the longest time go, and all stay within the bytes given") {
    constexpr std::size_t kMost = 64U << 10U;
    KnownHosts known(kMost);
    for (int i = 0; i < 200; ++i) {
        known.put(example("web-" + std::to_string(i), 1));
        known.put(example("busy", i));
        CHECK(known.bytes() <= kMost);
    }
    CHECK(known.find("web-199"));
    CHECK(known.find("busy")->host.revision == 199);
    CHECK_FALSE(known.find("web-0"));
    known.drop("busy");
    CHECK_FALSE(known.find("busy"));
}

TEST_CASE("what is older than what is remembered does not take its place") {
    KnownHosts known;
    known.put(example("web-1", 5));
    known.put(example("web-1", 4));
    CHECK(known.find("web-1")->host.revision == 5);
    CHECK(known.find("web-1", 5, 0));
    CHECK_FALSE(known.find("web-1", 4, 0));
    CHECK_FALSE(known.find("web-1", 5, 1));
}

STORE_TEST(through, "what is remembered after an attestation is what another process reads") {
    const auto store = with_host(database);
    const auto other = database.open();
    for (int i = 2; i < 40; ++i) {
        if (!store::Hosts(*store).remembered("web-1")) REQUIRE(store::Hosts(*store).find("web-1"));
        auto next = attestation(store::Hosts(*store).remembered("web-1")->host, i, kSections);
        if (i % 5 == 0) next.evidence.sections["pci"] = to_bytes("pci " + std::to_string(i));
        if (i % 5 == 0) next.evidence.manifest = manifest_of("web-1", kBoot, next.evidence.sections);
        if (i % 7 == 0) next.result.findings.clear();
        next.next.boot_clock = BootClock{static_cast<std::uint32_t>(i / 10),
                                         0,
                                         kBoot,
                                         {1, 2, 3},
                                         {static_cast<std::uint64_t>(i), kNow, kNow + i}};
        next.next.ima = i % 3 == 0 ? std::optional(sample::ima_state()) : std::nullopt;
        if (i % 4 != 0) next.next.open = {sample::device_matter(), sample::change_matter()};
        next.next.open_more = static_cast<std::uint64_t>(i % 3);
        if (i % 6 != 0) next.next.watch = sample::watch_point();
        next.devices.watched_until_ms = (kNow + i) * 1000;
        name(next);
        REQUIRE(store::Attestations(*store).add(next));
        const auto mine = store::Hosts(*store).remembered("web-1");
        REQUIRE(mine);
        const auto fresh = store::Hosts(*other).find("web-1");
        require_same(mine->host, *fresh);
        REQUIRE(mine->held == *store::Attestations(*other).held_sections("web-1"));
        const auto bundle = store::Results(*other).newest_bundle("web-1");
        REQUIRE(bundle);
        REQUIRE(bundle->evidence == next.evidence);
        REQUIRE(bundle->known_host == next.known_before);
        REQUIRE(store::Results(*other).newest("web-1")->result == next.result);
    }
    REQUIRE(database.number("SELECT COUNT(*) FROM boot_clocks") == 4);
}

STORE_TEST(stale,
           "what was made from a host that others have changed since is refused, and then seen as it is") {
    const auto store = with_host(database);
    const auto other = database.open();  // another verifier on the same database
    int number = 10;
    for (const auto& change : changes()) {
        for (auto* by : {other.get(), store.get()}) {
            INFO(change.what << (by == store.get() ? ", here" : ", elsewhere"));
            REQUIRE(store::Hosts(*store).find("web-1"));
            const auto before = store::Hosts(*store).remembered("web-1")->host;
            if (!change.make(*by)) continue;  // once is enough
            REQUIRE(store::Hosts(*store).find("web-1")->told > before.told);
            const auto late = store::Attestations(*store).add(attestation(before, ++number, kSections));
            REQUIRE_FALSE(late);
            REQUIRE(late.error().refused == Refused::moved);
            REQUIRE_FALSE(store::Hosts(*store).remembered("web-1"));
            const auto now = store::Hosts(*store).find("web-1");
            REQUIRE(change.is_seen(*now));
            require_same(store::Hosts(*store).remembered("web-1")->host, *now);
            REQUIRE(store::Attestations(*store).add(attestation(*now, ++number, kSections)));
        }
    }
    REQUIRE(number > 20);
}

STORE_TEST(two_verifiers, "two verifiers that share a database each refuse what the other has overtaken") {
    const auto a = with_host(database);
    const auto b = database.open();
    for (int i = 2; i < 12; i += 2) {
        REQUIRE(store::Hosts(*a).find("web-1"));
        const auto of_a = store::Hosts(*a).remembered("web-1")->host;
        REQUIRE(store::Hosts(*b).find("web-1"));
        REQUIRE(store::Attestations(*b).add(
            attestation(store::Hosts(*b).remembered("web-1")->host, i, kSections)));
        const auto late = store::Attestations(*a).add(attestation(of_a, i + 1, kSections));
        REQUIRE(late.error().refused == Refused::moved);
        REQUIRE(store::Attestations(*a).nonce_used(attestation(of_a, i + 1, kSections).evidence.nonce) ==
                false);
        REQUIRE(store::Attestations(*a).add(attestation(*store::Hosts(*a).find("web-1"), i + 1, kSections)));
    }
    REQUIRE(store::Hosts(*b).find("web-1")->revision == 11);
    REQUIRE(store::Results(*b).newest("web-1")->result.appraised_at == kNow + 11);
}

STORE_TEST(replayed, "a nonce is spent once, by whichever verifier") {
    const auto a = with_host(database);
    const auto b = database.open();
    const auto again = attestation(*store::Hosts(*a).find("web-1"), 1, kSections);
    REQUIRE(store::Attestations(*a).add(again).error().refused == Refused::nonce_used);
    REQUIRE(store::Attestations(*b)
                .add(attestation(*store::Hosts(*b).find("web-1"), 1, kSections))
                .error()
                .refused == Refused::nonce_used);
    REQUIRE(store::Hosts(*a).find("web-1")->revision == 1);
}

STORE_TEST(lost_commit, "a commit that fails moves nothing that is remembered") {
    if (!fault::built_in()) ASSAY_SKIP("the build has no fault points");
    const auto store = with_host(database);
    int number = 50;
    for (const auto* kind : {"store: before the commit", "store: behind the commit"}) {
        INFO(kind);
        const auto before = store::Hosts(*store).find("web-1");
        const auto next = attestation(store::Hosts(*store).remembered("web-1")->host, ++number, kSections);
        fault::arm(0, kind);
        const auto written = store::Attestations(*store).add(next);
        REQUIRE(fault::disarm().failed);
        REQUIRE_FALSE(written);
        REQUIRE_FALSE(store::Hosts(*store).remembered("web-1"));
        const auto after = store::Hosts(*store).find("web-1");
        const bool was_kept = std::string_view(kind) == "store: behind the commit";
        REQUIRE(after->revision == before->revision + (was_kept ? 1 : 0));
        require_same(store::Hosts(*store).remembered("web-1")->host, *after);
    }
}
