#include "tests/attacks/evidence/tampering.h"

// Nonce, selection, attestation structure, signature, attestation key, endorsement key certificate, time.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

using Attributes = tcg::ObjectAttributes;

}  // namespace

ATTACK("nonce: evidence of an earlier challenge is replayed", "replays evidence in a second session",
       "quote.nonce", honest_host,
       [](Builder&, Case& made) { made.bundle.challenge.nonce = Bytes(kNonceSize, std::byte{0x43}); })
ATTACK("nonce: the nonce beside the quote is replaced to fit",
       "replays a quote and edits the nonce beside it", "quote.manifest", honest_host,
       [](Builder&, Case& made) {
           made.bundle.challenge.nonce = Bytes(kNonceSize, std::byte{0x43});
           made.bundle.evidence.nonce = made.bundle.challenge.nonce;
       })
ATTACK("nonce: one byte longer", "sends the nonce one byte longer", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           made.bundle.evidence.nonce.push_back(std::byte{0});
           builder.seal(made);
       })
ATTACK("nonce: the challenge has expired", "lets the challenge expire", "quote.expired", honest_host,
       [](Builder&, Case& made) { made.now = made.bundle.challenge.expires_at + 1; })
ATTACK("nonce: evidence from before the challenge", "has the evidence judged before its challenge",
       "quote.expired", honest_host,
       [](Builder&, Case& made) { made.now = made.bundle.challenge.issued_at - 1; })

ATTACK("selection: PCR 23 in place of PCR 10", "signs PCR 23 and claims PCR 10", "quote.selection",
       honest_host, [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0x80fbff);
           });
       })
ATTACK("selection: no PCR", "signs no PCR", "quote.selection", honest_host, [](Builder& builder, Case& made) {
    quote_with(builder, made,
               [](tcg::Quote& quote) { quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0); });
})
ATTACK("selection: all but one PCR", "signs all but PCR 7", "quote.selection", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0xff7f);
           });
       })
ATTACK("selection: the SHA-1 bank", "signs the SHA-1 bank only", "quote.selection", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha1, 0xffff);
           });
       })
ATTACK("selection: a second, unchecked bank", "signs two banks, one of them unchecked", "quote.selection",
       honest_host, [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               REQUIRE(quote.selection.add_bank(HashAlgorithm::sha384, 0xffff));
           });
       })
ATTACK("selection: a challenge that asks for less than the policy",
       "has a challenge of its own choice answered", "quote.selection", honest_host,
       [](Builder& builder, Case& made) {
           made.bundle.challenge.selection = "sha256:0,1";
           builder.seal(made);
       })

ATTACK("structure: another magic", "has something signed that no TPM made", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           quote_bytes(builder, made, encode_quote(quote_of(made), 0x12345678));
       })
ATTACK("structure: Certify in place of a quote", "has another kind of attestation signed", "quote.structure",
       honest_host, [](Builder& builder, Case& made) {
           quote_bytes(builder, made, encode_quote(quote_of(made), tcg::kTpmGenerated, 0x8017));
       })
ATTACK("structure: one byte more", "adds a byte behind the quote", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           auto bytes = made.bundle.evidence.quote;
           bytes.push_back(std::byte{0});
           quote_bytes(builder, made, bytes);
       })
ATTACK("structure: one byte less", "cuts the quote's last byte", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           auto bytes = made.bundle.evidence.quote;
           bytes.pop_back();
           quote_bytes(builder, made, bytes);
       })
ATTACK("structure: a byte behind the signature", "adds a byte behind the signature", "quote.structure",
       honest_host, [](Builder&, Case& made) { made.bundle.evidence.signature.push_back(std::byte{0}); })

ATTACK("signature: of another message", "puts the signature of another message there", "quote.signature",
       honest_host, [](Builder& builder, Case& made) {
           set_signature(made, sign(shared_key(builder.ak), as_view("another message"), tcg::Scheme::ecdsa));
       })
ATTACK("signature: by another key", "signs with a key of its own", "quote.signature", honest_host,
       [](Builder& builder, Case& made) { builder.sign_quote(made, fresh_key(Key::p256).get()); })
ATTACK("signature: r is zero", "sends r = 0", "quote.signature", honest_host, [](Builder&, Case& made) {
    auto signature = signature_of(made);
    signature.r = Bytes(32);
    set_signature(made, signature);
})
ATTACK("signature: s out of range", "sends s above the curve's order", "quote.signature", honest_host,
       [](Builder&, Case& made) {
           auto signature = signature_of(made);
           signature.s = Bytes(32, std::byte{0xff});
           set_signature(made, signature);
       })
ATTACK("signature: another scheme than the key's", "signs with RSA where the key is ECC", "quote.signature",
       honest_host, [](Builder& builder, Case& made) { builder.sign_quote(made, shared_key(Key::rsa2048)); })
ATTACK(
    "signature: RSASSA with SHA-1", "signs with SHA-1", "quote.signature",
    [](Builder& builder) { builder.ak = Key::rsa2048; },
    [](Builder& builder, Case& made) {
        set_signature(made, sign(shared_key(builder.ak), made.bundle.evidence.quote, tcg::Scheme::rsassa,
                                 HashAlgorithm::sha1));
    })

ATTACK("AK: not restricted", "enrols a key that signs anything", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { without(ak, Attributes::kRestricted); });
       })
ATTACK("AK: not fixed to the TPM", "enrols a key that can be duplicated", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { without(ak, Attributes::kFixedTpm); });
       })
ATTACK("AK: imported", "enrols a key that was made elsewhere", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { without(ak, Attributes::kSensitiveDataOrigin); });
       })
ATTACK("AK: changed between admission and use", "uses another attestation key than the enrolled one",
       "quote.signature", honest_host, [](Builder&, Case& made) {
           made.bundle.known_host.ak_public = encode_tpm_public(ak_public(fresh_key(Key::p256).get()));
       })
ATTACK(
    "AK: never activated", "puts a software key behind an honest EK", "identity.not_activated", honest_host,
    [](Builder&, Case& made) { made.bundle.known_host.ak_activated = false; }, Tier::none)

ATTACK("EK certificate: none", "shows no certificate", "identity.ek_certificate_missing", honest_host,
       [](Builder&, Case& made) { made.bundle.known_host.ek_certificates.clear(); })
ATTACK("EK certificate: a rogue CA of the same name", "issues a certificate by a CA with the maker's name",
       "identity.ek_certificate_untrusted", honest_host, [](Builder&, Case& made) {
           const auto rogue = fresh_key(Key::p256);
           const auto root = make_certificate(CertificateSpec::ca("Test TPM CA", "Test TPM CA"), rogue.get(),
                                              rogue.get(), nullptr);
           const auto parsed = tcg::Certificate::parse(root);
           made.bundle.known_host.ek_certificates = {
               make_certificate({}, shared_key(Key::p384), rogue.get(), &*parsed), root};
       })
ATTACK("EK certificate: expired", "keeps an expired certificate", "identity.ek_certificate_untrusted",
       honest_host, [](Builder&, Case& made) {
           made.now = 2'000'000'001;
           made.bundle.challenge.issued_at = made.now - 5;
           made.bundle.challenge.expires_at = made.now + 5;
       })
ATTACK("EK certificate: of another EK", "shows the certificate of another TPM",
       "identity.ek_certificate_mismatch", honest_host, [](Builder&, Case& made) {
           made.bundle.known_host.ek_public = encode_tpm_public(ek_public(fresh_key(Key::p384).get()));
       })
ATTACK("EK certificate: not one", "shows bytes that are no certificate", "identity.ek_certificate_untrusted",
       honest_host,
       [](Builder&, Case& made) { made.bundle.known_host.ek_certificates = {to_bytes("not DER")}; })

ATTACK(
    "time: clock back", "replays the TPM's state of an hour ago", "clock.back",
    [](Builder& b) { b.clock.clock_ms = 3'999'999; }, untouched)
ATTACK(
    "time: reset count lower", "restores the TPM's state from before a boot", "clock.reset_count_back",
    [](Builder& b) { b.clock.reset_count = 6; }, untouched)
ATTACK(
    "time: restart count lower", "shows a quote from before the last suspend", "clock.back",
    [](Builder& b) { b.clock.restart_count = 0; }, untouched)
ATTACK(
    "time: clock back over a reboot, and said to be safe", "restores the TPM's clock", "clock.back",
    [](Builder& b) { b.clock = {.clock_ms = 1, .reset_count = 8, .restart_count = 0, .safe = true}; },
    untouched)
ATTACK(
    "time: not safe", "cuts the power so that the clock repeats", "clock.unsafe",
    [](Builder& b) { b.clock.safe = false; }, untouched, Tier::warning)

TEST_CASE("the next clock is only known from a quote that moves forward", "[attack]") {
    EvidenceBuilder builder;
    builder.clock.clock_ms = 1;
    const auto appraisal = builder.build().appraise();
    CHECK_FALSE(appraisal.next.authentic);
    CHECK(appraisal.next.clock_ms == 4'000'000);
}
