#pragma once

#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/wire/section/journal.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/admission.h"

/// Valid things, of which a test changes one field. Keys and quotes are only bytes here: the store judges
/// nothing.
namespace builders {

using namespace assay;

inline constexpr std::int64_t kNow = 1'800'000'000;

inline std::string digest_of(std::string_view text) {
    return sha256(as_view(text)).hex();
}

inline store::Token token(const std::string& text, const std::string& host) {
    return {digest_of(text), host, "alice", kNow, kNow + 3600, 0};
}

inline store::Identity identity(const std::string& host, const std::string& tpm, const std::string& ak) {
    return {host,
            digest_of("ek " + tpm),
            digest_of("ak " + ak),
            to_bytes("ek public " + tpm),
            to_bytes("ak public " + ak),
            {to_bytes("certificate " + tpm), Bytes{std::byte{0}, std::byte{0xff}}},
            {},
            {to_bytes("iak public " + tpm), {to_bytes("iak " + tpm), to_bytes("its CA")}},
            {to_bytes("idevid public " + tpm), {to_bytes("idevid " + tpm)}}};
}

inline store::Enrolment enrolment(const std::string& id, const std::string& token, store::Identity identity) {
    return {id, digest_of(token), std::move(identity), digest_of("secret " + id), kNow + 300, 0};
}

/// Token, enrolment and activation in one go.
inline Result<> enrol(store::Store& store, const std::string& token_text, const store::Identity& identity) {
    TRY_VOID(store::Enrolments(store).add_token(token(token_text, identity.host)));
    const auto pending = enrolment("enrolment " + token_text, token_text, identity);
    TRY_VOID(store::Enrolments(store).add(pending, kNow));
    return store::Enrolments(store).activate(pending, kNow);
}

/// A store with the hosts web-1 and web-2.
inline std::unique_ptr<store::Store> with_hosts(const TestDatabase& database) {
    auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-1", "tpm 1", "ak 1")));
    REQUIRE(enrol(*store, "token 2", identity("web-2", "tpm 2", "ak 2")));
    return store;
}

using Sections = std::map<std::string, Bytes, std::less<>>;

/// After a change of its result.
inline void name(store::Attestation& attestation) {
    const auto names = result_names(attestation.result);
    attestation.result_id = names.id;
    attestation.conclusion = names.conclusion;
}

/// What the host sends as its `number`-th attestation, accepted.
inline store::Attestation attestation(const store::Host& host, int number, const Sections& sections) {
    store::Attestation out;
    auto& evidence = out.evidence;
    evidence.nonce = to_bytes(sha256(as_view(host.identity.host + std::to_string(number))).view());
    evidence.manifest = manifest_of(host.identity.host, "00000000-0000-4000-8000-000000000001", sections);
    evidence.quote = to_bytes("quote " + std::to_string(number));
    evidence.signature = to_bytes("signature");
    evidence.sections = sections;
    out.challenge = {evidence.nonce, "sha256:0,1,7", kNow, kNow + 120};
    out.known_before = host.known;
    out.revision_before = host.revision;
    out.told_before = host.told;
    out.attested_before = host.attested_at;
    out.watched_before_ms = host.watched_until_ms;
    out.conclusion_before = host.conclusion;
    out.nonce_expires_at = kNow + 120;
    out.next = {static_cast<std::uint64_t>(number) * 1000,
                7,
                3,
                host.known.journal_sequence,
                host.known.journal_head,
                true};
    if (host.known.open) out.next.open = *host.known.open;
    out.result.host = host.identity.host;
    out.result.tier = Tier::warning;
    out.result.appraised_at = kNow + number;
    out.result.challenged_at = kNow;
    out.result.appraiser = "test";
    out.result.inputs["challenge"] = to_hex(evidence.nonce);
    out.result.findings.push_back({"usb.unaccompanied", Tier::warning, Basis::bound, "USB 1-4 \"x\"",
                                   "a session", "none", "journal: record 1", "ask \xc3\xa9"});
    if (host.known.previous) out.result.previous = host.known.previous->hex();
    name(out);
    return out;
}

}  // namespace builders
