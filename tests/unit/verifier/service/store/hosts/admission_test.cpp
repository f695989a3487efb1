#include "verifier/service/store/hosts/admission.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/wire_samples.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/migrations.h"

using namespace assay;
using namespace builders;
using store::Registered;

namespace {

using Kind = store::IdentityConflict::Kind;

PurchasedHost bought(const std::string& host, const std::string& tpm, std::size_t line = 2) {
    return {line, host, "berlin", "r12", "7", digest_of("ek " + tpm), "CZ-" + host};
}

bool names_ek(const store::Identity& enrolled, const std::string& digest) {
    return enrolled.ek_digest == digest;
}

std::vector<Registered> add(store::Store& store, const std::vector<PurchasedHost>& hosts,
                            bool dry_run = false) {
    return store::Registrations(store).add(hosts, "otto", kNow, dry_run, names_ek).value();
}

store::Refusal refusal(const std::string& host, int applicant, std::int64_t at) {
    const auto n = std::to_string(applicant);
    return {
        host, host, "admission.second_tpm", digest_of("ek " + n), digest_of("ak " + n), "one", "another", at,
        at,   1};
}

/// Of a name that is no host's.
store::Refusal guess(const std::string& name, std::int64_t at) {
    return {"", name, "admission.no_right", "", "", "a token", "none", at, at, 1};
}

store::Replacement order(const std::string& id, const std::string& host) {
    store::Replacement out;
    out.id = id;
    out.host = host;
    out.reason = "board";
    out.ordered_by = "otto";
    out.ordered_at = kNow;
    out.expires_at = kNow + 600;
    return out;
}

store::RefusalQuery about(const std::string& host) {
    store::RefusalQuery out;
    out.host = host;
    return out;
}

/// An exchange of the TPM of web-1, ordered and carried out.
Result<> exchange(store::Store& store, const std::string& id, const store::Identity& with) {
    TRY_VOID(store::Replacements(store).order(order(id, with.host)));
    TRY_VOID(store::Enrolments(store).add_token(token("token " + id, with.host)));
    auto pending = enrolment("enrolment " + id, "token " + id, with);
    pending.replacement = id;
    TRY_VOID(store::Enrolments(store).add(pending, kNow));
    return store::Enrolments(store).activate(pending, kNow + 10);
}

}  // namespace

STORE_TEST(registers, "a purchase list is kept whole, and the same list again changes nothing") {
    const auto store = database.open();
    const std::vector<PurchasedHost> list{bought("web-1", "a"), bought("web-2", "b", 3)};
    REQUIRE(add(*store, list)[1].outcome == Registered::Outcome::added);
    REQUIRE(add(*store, list)[0].outcome == Registered::Outcome::unchanged);
    REQUIRE(store::Registrations(*store).find("web-1")->purchased.chassis_serial == "CZ-web-1");
    REQUIRE(store::Registrations(*store).find("web-1")->registered_by == "otto");
    REQUIRE(store::Registrations(*store).find_tpm({digest_of("x"), digest_of("ek b")})->purchased.host ==
            "web-2");
    REQUIRE(store::Registrations(*store).find_tpm({digest_of("x")}).error().code == ErrorCode::not_found);
    REQUIRE(store::Registrations(*store).list()->size() == 2);
}

STORE_TEST(lines_are_acts,
           "no purchase line is lost: each that is given or replaced is an act with both, in one order") {
    const auto store = database.open();
    add(*store, {bought("web-1", "a"), bought("web-2", "b", 3)});
    add(*store, {bought("web-1", "a")}, true);
    auto moved = bought("web-1", "a");
    moved.site = "fra1";
    add(*store, {moved, bought("web-2", "b", 3)});
    const auto acts = store::Acts(*store).list({.after = 1});
    REQUIRE(acts);
    REQUIRE(acts->size() == 3);
    CHECK(acts->at(0).kind == "registration.added");
    CHECK(acts->at(1).subject == "host:web-2");
    CHECK(acts->at(2).kind == "registration.changed");
    CHECK(acts->at(2).subject == "host:web-1");
    CHECK(acts->at(2).hand == "operator:otto");
    CHECK(acts->at(2).document.find(R"("site":"fra1")") < acts->at(2).document.find(R"("before")"));
    CHECK(acts->at(2).document.find(R"("site":"berlin")") > acts->at(2).document.find(R"("before")"));
    CHECK(database.number("SELECT act FROM registrations WHERE host = 'web-1'") == acts->at(2).number);
    CHECK(database.number("SELECT act FROM registrations WHERE host = 'web-2'") == acts->at(1).number);
}

STORE_TEST(sites_are_adopted,
           "labels are made of the sites of purchase lines all at once, and named by their acts") {
    const auto store = database.open();
    store::Hosts hosts(*store);
    for (const auto* host : {"web-1", "web-2", "web-3"}) {
        const std::string name = host;
        REQUIRE(enrol(*store, "token " + name, identity(name, "tpm " + name, "ak " + name)));
        add(*store, {bought(name, "tpm " + name)});
    }
    add(*store, {bought("web-4", "tpm 4")});  // not enrolled
    REQUIRE(hosts.set_labels("web-2", {{{"site", "fra1"}, {"role", "web"}}, "ada", kNow}));
    REQUIRE(hosts.set_labels("web-3", {{{"site", "berlin"}}, "ada", kNow}));
    const store::SiteToAdopt wanted{.site = "berlin", .by = "bea", .at = kNow + 5};
    auto dry = wanted;
    dry.dry_run = true;
    REQUIRE(hosts.adopt_site(dry)->size() == 2);
    CHECK(hosts.labels("web-1")->labels.empty());
    const auto done = hosts.adopt_site(wanted);
    REQUIRE(done);
    REQUIRE(done->size() == 2);
    CHECK(done->at(1).host == "web-2");
    CHECK(done->at(1).before == "fra1");
    CHECK(hosts.labels("web-2")->labels == judge::Labels{{"site", "berlin"}, {"role", "web"}});
    CHECK(hosts.adopt_site(wanted)->empty());
    const auto acts = store::Acts(*store).list({.kind = "labels.adopted"});
    REQUIRE(acts->size() == 2);
    CHECK(acts->at(1).document ==
          R"({"after":{"role":"web","site":"berlin"},"before":{"role":"web","site":"fra1"}})");
    CHECK(database.number("SELECT act FROM host_labels WHERE host = 'web-2' AND name = 'site'") ==
          acts->at(1).number);
    CHECK(database.number("SELECT act FROM host_labels WHERE host = 'web-2' AND name = 'role'") <
          acts->at(0).number);
}

STORE_TEST(dry_run, "a dry run says what would change and keeps nothing") {
    const auto store = database.open();
    REQUIRE(add(*store, {bought("web-1", "a")}, true)[0].outcome == Registered::Outcome::added);
    REQUIRE(store::Registrations(*store).list()->empty());
}

STORE_TEST(all_or_nothing, "of a list with one refused line nothing is kept") {
    const auto store = database.open();
    add(*store, {bought("web-1", "a")});
    const auto outcomes = add(*store, {bought("web-2", "b"), bought("web-3", "a", 3)});
    REQUIRE(outcomes[0].outcome == Registered::Outcome::added);
    REQUIRE(outcomes[1].outcome == Registered::Outcome::refused);
    REQUIRE(outcomes[1].reason.find("registered for 'web-1'") != std::string::npos);
    REQUIRE(store::Registrations(*store).find("web-2").error().code == ErrorCode::not_found);
}

STORE_TEST(corrects,
           "a line may be corrected until its host is enrolled with another TPM than the new line's") {
    const auto store = database.open();
    add(*store, {bought("web-1", "typo")});
    REQUIRE(add(*store, {bought("web-1", "tpm")})[0].outcome == Registered::Outcome::changed);
    REQUIRE(enrol(*store, "token", identity("web-1", "tpm", "ak")));
    auto moved = bought("web-1", "tpm");
    moved.rack = "r13";
    REQUIRE(add(*store, {moved})[0].reason == "rack: 'r13' was 'r12'");
    const auto refused = add(*store, {bought("web-1", "other")})[0];
    REQUIRE(refused.outcome == Registered::Outcome::refused);
    REQUIRE(refused.reason.find("assay hosts replace web-1") != std::string::npos);
}

STORE_TEST(
    known_serial,
    "an enrolled host is known with the chassis serial number and the site that are registered for it") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "tpm", "ak")));
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.chassis_serial);
    add(*store, {bought("web-1", "tpm")});
    REQUIRE(store::Hosts(*store).find("web-1")->known.chassis_serial == "CZ-web-1");
    // The line's site is a purchaser's word: known as such, and not as the host's.
    REQUIRE(store::Hosts(*store).find("web-1")->known.purchase_site->site == "berlin");
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.site);
}

STORE_TEST(other_ek, "a TPM that is known by one EK is known by its other EKs too") {
    const auto store = database.open();
    auto with_two = identity("web-1", "rsa", "ak");
    with_two.other_eks = {digest_of("ek ecc")};
    REQUIRE(enrol(*store, "token 1", with_two));
    const auto second = identity("web-2", "ecc", "ak 2");
    const auto conflicts = store::Enrolments(*store).conflicts(second).value();
    REQUIRE(conflicts.size() == 1);
    REQUIRE(conflicts[0].kind == Kind::known_tpm);
    REQUIRE(conflicts[0].host == "web-1");
    REQUIRE(enrol(*store, "token 2", second).error().code == ErrorCode::conflict);
    REQUIRE(store::Hosts(*store).find("web-2").error().code == ErrorCode::not_found);
    // Nor the other way round: a known EK shown as a further one.
    auto third = identity("web-3", "new", "ak 3");
    third.other_eks = {digest_of("ek rsa")};
    REQUIRE(enrol(*store, "token 3", third).error().code == ErrorCode::conflict);
}

STORE_TEST(refusals, "a refusal is kept once and counted, newest first") {
    const auto store = database.open();
    REQUIRE(store::Refusals(*store).add({refusal("web-1", 1, kNow)}));
    REQUIRE(store::Refusals(*store).add({refusal("web-2", 2, kNow + 1)}));
    REQUIRE(store::Refusals(*store).add({refusal("web-1", 1, kNow + 2)}));
    const auto all = store::Refusals(*store).list({}).value();
    REQUIRE(all.size() == 2);
    REQUIRE(all[0].host == "web-1");
    REQUIRE(all[0].times == 2);
    REQUIRE(all[0].first_at == kNow);
    REQUIRE(all[0].last_at == kNow + 2);
    REQUIRE(store::Refusals(*store).list(about("web-2"))->size() == 1);
    auto later = about("web-1");
    later.since = kNow + 3;
    REQUIRE(store::Refusals(*store).list(later)->empty());
    later.since = kNow + 2;
    REQUIRE(store::Refusals(*store).list(later)->size() == 1);
    later.kind = "admission.known_tpm";
    REQUIRE(store::Refusals(*store).list(later)->empty());
}

STORE_TEST(flood, "an applicant with ever new keys fills no database, and the first ones stay") {
    const auto store = database.open();
    for (int i = 0; i < store::kRefusalsOfHost + 20; ++i)
        REQUIRE(store::Refusals(*store).add({refusal("web-1", i, kNow + i)}));
    auto everything = about("web-1");
    everything.limit = 1000;
    const auto all = store::Refusals(*store).list(everything).value();
    REQUIRE(all.size() == static_cast<std::size_t>(store::kRefusalsOfHost) + 1);
    REQUIRE(all.front().times == 20);
    REQUIRE(all.front().ek_digest.empty());
    REQUIRE(all.back().ek_digest == digest_of("ek 0"));
}

STORE_TEST(guesses, "of names that are no host's the newest refusals stay, and each is found by its name") {
    const auto store = database.open();
    REQUIRE(store::Refusals(*store).add({refusal("web-1", 1, kNow)}));
    std::vector<store::Refusal> many;
    for (int i = 0; i < store::kRefusalsOfHost + 20; ++i)
        many.push_back(guess("guess-" + std::to_string(i), kNow + i));
    REQUIRE(store::Refusals(*store).add(many));
    store::RefusalQuery everything;
    everything.limit = 1000;
    REQUIRE(store::Refusals(*store).list(everything)->size() ==
            static_cast<std::size_t>(store::kRefusalsOfHost) + 1);
    REQUIRE(store::Refusals(*store).list(about("guess-0"))->empty());
    REQUIRE(store::Refusals(*store).list(about("guess-119"))->size() == 1);
    REQUIRE(store::Refusals(*store).list(about("web-1"))->size() == 1);
}

STORE_TEST(newest_reason, "a refusal that comes again has the newer reason") {
    const auto store = database.open();
    auto again = guess("web-9", kNow + 1);
    again.actual = "token: it has expired";
    REQUIRE(store::Refusals(*store).add({guess("web-9", kNow), again}));
    const auto all = store::Refusals(*store).list(about("web-9")).value();
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].times == 2);
    REQUIRE(all[0].actual == "token: it has expired");
}

STORE_TEST(exchanges,
           "an ordered exchange gives the host its new identity, and clock and journal begin anew") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "old", "old ak")));
    auto before = attestation(*store::Hosts(*store).find("web-1"), 1, {{"pci", to_bytes("x")}});
    before.next.ima = sample::ima_state();
    REQUIRE(store::Attestations(*store).add(before));
    const auto in_flight = attestation(*store::Hosts(*store).find("web-1"), 2, {});
    const auto fresh = identity("web-1", "new", "new ak");
    REQUIRE(exchange(*store, "r1", fresh));
    const auto host = store::Hosts(*store).find("web-1").value();
    REQUIRE(host.identity == fresh);
    REQUIRE(host.known.last_clock_ms == 0);
    REQUIRE(host.known.last_reset_count == 0);
    REQUIRE(host.known.journal_sequence == 0);
    REQUIRE_FALSE(host.known.ima);
    REQUIRE(host.known.replaced == ReplacedTpm{kNow + 10, "otto", "board", digest_of("ek old")});
    REQUIRE(store::Attestations(*store).held_sections("web-1")->empty());
    // The verdict about the old TPM is none about the new one, and one that was under way is not stored.
    REQUIRE(store::Hosts(*store).summary("web-1")->tier.empty());
    REQUIRE(store::Attestations(*store).add(in_flight).error().refused == store::Refused::moved);
    const auto history = store::Replacements(*store).list("web-1").value();
    REQUIRE(history.size() == 1);
    REQUIRE(history[0].old_ek_digest == digest_of("ek old"));
    REQUIRE(history[0].new_ek_digest == digest_of("ek new"));
    REQUIRE(history[0].done_at == kNow + 10);
    REQUIRE(database.number("SELECT COUNT(*) FROM replacements WHERE LENGTH(old_ek_public) > 0") == 1);
}

STORE_TEST(boot_clock, "the mapping of the TPM's clock is kept for each boot, and ends with an exchange") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "old", "old ak")));
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.boot_clock);
    const auto attest = [&](int number, const BootClock& clock) {
        auto next = attestation(*store::Hosts(*store).find("web-1"), number, {});
        next.next.boot_clock = clock;
        REQUIRE(store::Attestations(*store).add(next));
        REQUIRE(store::Hosts(*store).find("web-1")->known.boot_clock == clock);
    };
    BootClock clock{7, 1, "boot 1", {1000, 10, 11}, {1000, 10, 11}};
    attest(1, clock);
    clock.newest = {5000, 14, 15};
    attest(2, clock);
    REQUIRE(database.number("SELECT COUNT(*) FROM boot_clocks") == 1);
    attest(3, {8, 0, "boot 2", {9000, 20, 21}, {9000, 20, 21}});
    REQUIRE(database.number("SELECT COUNT(*) FROM boot_clocks") == 2);
    REQUIRE(exchange(*store, "r1", identity("web-1", "new", "new ak")));
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.boot_clock);
}

STORE_TEST(order_once, "an order for an exchange is carried out once, and a new one ends a pending one") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "old", "old ak")));
    REQUIRE(exchange(*store, "r1", identity("web-1", "new", "new ak")));
    auto again = enrolment("again", "token 9", identity("web-1", "third", "third ak"));
    REQUIRE(store::Enrolments(*store).add_token(token("token 9", "web-1")));
    again.replacement = "r1";
    REQUIRE(store::Enrolments(*store).add(again, kNow));
    REQUIRE(store::Enrolments(*store).activate(again, kNow + 20).error().context.starts_with("replacement"));
    REQUIRE(store::Hosts(*store).find("web-1")->identity.ek_digest == digest_of("ek new"));
    REQUIRE(store::Replacements(*store).order(order("r2", "web-1")));
    REQUIRE(store::Replacements(*store).order(order("r3", "web-1")));
    REQUIRE(store::Replacements(*store).pending("web-1", kNow + 1)->id == "r3");
    REQUIRE(store::Replacements(*store).pending("web-1", kNow + 600).error().code == ErrorCode::not_found);
    REQUIRE(store::Replacements(*store).order(order("r4", "nobody")).error().code == ErrorCode::not_found);
}

STORE_TEST(retired, "a TPM that was exchanged comes back under no name before it is released") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token", identity("web-1", "old", "old ak")));
    REQUIRE(exchange(*store, "r1", identity("web-1", "new", "new ak")));
    const auto back = identity("web-9", "old", "old ak");
    REQUIRE(store::Enrolments(*store).conflicts(back)->front().kind == Kind::retired_tpm);
    REQUIRE(enrol(*store, "token 2", back).error().code == ErrorCode::conflict);
    REQUIRE(exchange(*store, "r2", identity("web-1", "old", "ak 3")).error().code == ErrorCode::conflict);
    REQUIRE(store::Hosts(*store).find("web-1")->identity.ek_digest == digest_of("ek new"));
    REQUIRE(store::Replacements(*store).release("r2", "otto", "why", kNow).error().code ==
            ErrorCode::not_found);
    REQUIRE(store::Replacements(*store).release("r1", "otto", "repaired", kNow + 30)->released_by == "otto");
    REQUIRE(store::Replacements(*store).release("r1", "otto", "repaired", kNow + 31).error().code ==
            ErrorCode::conflict);
    REQUIRE(enrol(*store, "token 3", back));
    REQUIRE(store::Hosts(*store).find("web-9")->identity == back);
}

STORE_TEST(exchange_elsewhere, "an exchange cannot take a TPM that is another host's") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-1", "one", "ak 1")));
    REQUIRE(enrol(*store, "token 2", identity("web-2", "two", "ak 2")));
    REQUIRE(exchange(*store, "r1", identity("web-1", "two", "ak 3")).error().code == ErrorCode::conflict);
    REQUIRE(store::Hosts(*store).find("web-1")->identity.ek_digest == digest_of("ek one"));
    REQUIRE(store::Replacements(*store).list("web-1")->front().done_at == 0);
}

STORE_TEST(migrates, "hosts of before the purchase lists keep their keys to themselves") {
    {
        const auto handle = store::Database::open(database.connection());
        REQUIRE(handle);
        REQUIRE(store::migrate(**handle, store::all_migrations().first(1)));
        database.execute(
            "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, ak_public, "
            "ek_certificates) VALUES ('web-1', 1, '" +
            digest_of("ek tpm") + "', '" + digest_of("ak ak") + "', '', '', '')");
    }
    const auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-2", "tpm", "ak 2")).error().code == ErrorCode::conflict);
    REQUIRE(enrol(*store, "token 2", identity("web-2", "tpm 2", "ak")).error().code == ErrorCode::conflict);
    REQUIRE(enrol(*store, "token 3", identity("web-2", "tpm 2", "ak 2")));
}
