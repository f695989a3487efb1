#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/migrations.h"

using namespace assay;
using namespace builders;
using namespace assay::store;

namespace {

std::string sql_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    return out + "'";
}
std::string bytes(ByteView view) {
    return "decode('" + to_hex(view) + "', 'hex')";
}

/// A database as the version before conclusions made it, with one host.
void make_old(const TestDatabase& database) {
    const auto all = all_migrations();
    const auto before = std::ranges::find(all, "0015_conclusions", &Migration::name);
    REQUIRE(before != all.end());
    auto handle = Database::open(database.connection());
    REQUIRE(handle);
    REQUIRE(migrate(**handle, {all.begin(), before}));
    const auto one = identity("web-1", "tpm 1", "ak 1");
    database.execute(
        "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, ak_public, "
        "ek_certificates) VALUES ('web-1', 7, '" +
        one.ek_digest + "', '" + one.ak_digest + "', " + bytes(one.ek_public) + ", " + bytes(one.ak_public) +
        ", " + bytes(encode_list(one.ek_certificates)) + ")");
    database.execute(
        "INSERT INTO host_state (host, revision, clock_ms, reset_count, restart_count, "
        "journal_sequence, journal_head) VALUES ('web-1', 0, 0, 0, 0, 0, '')");
}

/// What that version stored of an attestation, by its own statements.
void add_old(const TestDatabase& database, const store::Attestation& attestation, std::int64_t revision) {
    const auto& evidence = attestation.evidence;
    const auto json = encode_attestation_result(attestation.result);
    const auto id = sha256(as_view(json)).hex();
    database.execute(
        "INSERT INTO attestations (result_id, host, revision, appraised_at, tier, authentic, result, jwt, "
        "nonce, manifest, quote, signature, challenge, known_host, sessions) VALUES ('" +
        id + "', 'web-1', " + std::to_string(revision) + ", " +
        std::to_string(attestation.result.appraised_at) + ", 'warning', 1, " + sql_text(json) +
        ", 'a.b.c', " + bytes(evidence.nonce) + ", " + bytes(evidence.manifest) + ", " +
        bytes(evidence.quote) + ", " + bytes(evidence.signature) + ", " +
        bytes(encode_challenge(attestation.challenge)) + ", " +
        bytes(encode_known_host(attestation.known_before)) + ", " + bytes(encode_list({})) + ")");
    const auto manifest = decode_manifest(evidence.manifest);
    for (const auto& [name, section] : evidence.sections) {
        const auto digest = sha256(section).hex();
        database.execute("INSERT INTO sections (digest, bytes) VALUES ('" + digest + "', " + bytes(section) +
                         ") ON CONFLICT DO NOTHING");
        database.execute("DELETE FROM host_sections WHERE name = '" + name + "'");
        database.execute("INSERT INTO host_sections (host, name, digest) VALUES ('web-1', '" + name + "', '" +
                         digest + "')");
        const auto* entry = manifest->find(name);
        if (entry == nullptr || entry->digest.hex() != digest)
            database.execute("INSERT INTO odd_sections (result_id, name, digest) VALUES ('" + id + "', '" +
                             name + "', '" + digest + "')");
    }
    database.execute(
        "INSERT INTO findings (result_id, position, host, revision, appraised_at, id, tier, "
        "basis, subject, expected, actual, evidence, remedy, group_key) VALUES ('" +
        id + "', 0, 'web-1', 1, 1, 'x', 'warning', 'bound', '', '', '', '', '', '')");
    database.execute(
        "INSERT INTO journal_records (host, sequence, digest, record, result_id) VALUES "
        "('web-1', " +
        std::to_string(revision) + ", '', decode('00', 'hex'), '" + id + "')");
    database.execute("UPDATE host_state SET revision = " + std::to_string(revision));
}

store::Attestation old_attestation(int number) {
    store::Host host;
    host.identity = identity("web-1", "tpm 1", "ak 1");
    host.known.name = "web-1";
    auto one = attestation(host, number,
                           {{"pci", to_bytes("pci bytes")}, {"smbios", Bytes(7000, std::byte(number))}});
    one.result.version = 1;
    one.result.journal_acknowledged = 5;
    return one;
}

}  // namespace

STORE_TEST(upgrade,
           "after the update each result of before is there under its id, in its bytes, and exported whole") {
    make_old(database);
    std::vector<store::Attestation> all;
    for (int i = 1; i <= 3; ++i) {
        all.push_back(old_attestation(i));
        if (i == 2) all.back().evidence.sections["pci"] = to_bytes("altered");  // not what the manifest says
        add_old(database, all.back(), i);
    }
    const auto store = database.open();
    for (const auto& each : all) {
        const auto json = encode_attestation_result(each.result);
        const auto result = store::Results(*store).find(sha256(as_view(json)).hex());
        REQUIRE(result);
        REQUIRE(encode_attestation_result(result->result) == json);
        const auto bundle = store::Results(*store).bundle_at("web-1", each.result.appraised_at);
        REQUIRE(bundle->evidence == each.evidence);
        REQUIRE(bundle->challenge == each.challenge);
        REQUIRE(bundle->known_host == each.known_before);
    }
    const auto newest = attestation_result_id(all.back().result);
    REQUIRE(store::Results(*store).newest("web-1")->result_id == newest);
    REQUIRE(store::Hosts(*store).summary("web-1")->result_id == newest);
    REQUIRE(store::Results(*store).findings({})->size() == 1);
    REQUIRE(store::Results(*store).findings({})->at(0).finding == all.back().result.findings.at(0));
    REQUIRE(store::Attestations(*store).journal("web-1")->size() == 3);
    REQUIRE(store::Attestations(*store).held_section("web-1", sha256(as_view("pci bytes")).hex()) ==
            to_bytes("pci bytes"));
    REQUIRE(database.number("SELECT COUNT(*) FROM conclusions") == 1);

    // What comes then goes on from them.
    const auto host = store::Hosts(*store).find("web-1");
    REQUIRE(host->known.previous->hex() == newest);
    auto next = attestation(*host, 4, {{"pci", to_bytes("pci bytes")}});
    REQUIRE(store::Attestations(*store).add(next));
    REQUIRE(store::Results(*store).newest("web-1")->result == next.result);
    REQUIRE(store::Results(*store).newest("web-1")->result.previous == newest);
    REQUIRE(store::Results(*store).newest_bundle("web-1")->evidence == next.evidence);
}

STORE_TEST(upgrade_refused,
           "a result that is not the one of its id stops the update, and nothing is changed") {
    make_old(database);
    add_old(database, old_attestation(1), 1);
    database.execute("UPDATE attestations SET result = REPLACE(result, 'warning', 'affirming')");
    const auto refused = Store::open(database.connection());
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == ErrorCode::internal);
    REQUIRE(refused.error().context.find("0015_conclusions") != std::string::npos);
    REQUIRE(database.number("SELECT COUNT(*) FROM attestations") == 1);
    REQUIRE(database.number("SELECT COUNT(*) FROM findings WHERE result_id <> ''") == 1);
    database.execute("UPDATE attestations SET result = REPLACE(result, 'affirming', 'warning')");
    REQUIRE(Store::open(database.connection()));
}
