#include "evidence/base/hex.h"
#include "tests/attacks/evidence/tampering.h"

// Neighbours of the rows in attacks_on_the_quote.cpp: the attestation key's public area, and the signature.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;
using Attributes = tcg::ObjectAttributes;

// The bytes of the enrolled public area with some of them replaced.
void ak_edited(Case& made, std::size_t at, Bytes with) {
    auto& bytes = made.bundle.known_host.ak_public;
    std::ranges::copy(with, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}
void rsa_host(Builder& builder) {
    builder.ak = Key::rsa2048;
}
void rsa_ak(Case& made, void (*change)(tcg::TpmPublic&)) {
    auto ak = ak_public(shared_key(Key::rsa2048));
    change(ak);
    made.bundle.known_host.ak_public = encode_tpm_public(ak);
}
void ecc_value(Case& made, void (*change)(tcg::Signature&)) {
    auto signature = signature_of(made);
    change(signature);
    set_signature(made, signature);
}

}  // namespace

ATTACK("AK: not fixed to its parent", "enrols a key that can be moved", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { without(ak, Attributes::kFixedParent); });
       })
ATTACK("AK: does not sign", "enrols a key that is not for signing", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { without(ak, Attributes::kSign); });
       })
ATTACK("AK: decrypts too", "enrols a key that also decrypts", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { with(ak, Attributes::kDecrypt); });
       })
ATTACK("AK: a storage key", "enrols a storage key", "identity.ak", honest_host, [](Builder&, Case& made) {
    other_ak(made, [](tcg::TpmPublic& ak) { ak.symmetric = {tcg::kAlgorithmAes, 128, tcg::kAlgorithmCfb}; });
})
ATTACK("AK: the EK itself", "enrols its endorsement key as attestation key", "identity.ak", honest_host,
       [](Builder&, Case& made) { made.bundle.known_host.ak_public = made.bundle.known_host.ek_public; })
ATTACK("AK: any scheme", "enrols a key that leaves the scheme open", "identity.ak", honest_host,
       [](Builder&, Case& made) { other_ak(made, [](tcg::TpmPublic& ak) { ak.scheme = {}; }); })
ATTACK("AK: SHA-1 in its scheme", "enrols a key that signs with SHA-1", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) { ak.scheme.hash = HashAlgorithm::sha1; });
       })
ATTACK("AK: SHA-1 in its Name", "enrols a key that SHA-1 identifies", "identity.ak", honest_host,
       [](Builder&, Case& made) { ak_edited(made, 2, {std::byte{0}, std::byte{4}}); })
ATTACK("AK: a reserved attribute", "enrols a key with an attribute that has no meaning", "identity.ak",
       honest_host, [](Builder&, Case& made) { ak_edited(made, 7, {std::byte{0x73}}); })
ATTACK("AK: a keyed hash", "enrols an HMAC key", "identity.ak", honest_host,
       [](Builder&, Case& made) { ak_edited(made, 0, {std::byte{0}, std::byte{8}}); })
ATTACK("AK: another curve", "enrols a key on a curve that is not accepted", "identity.ak", honest_host,
       [](Builder&, Case& made) { ak_edited(made, 16, {std::byte{0}, std::byte{1}}); })
ATTACK("AK: off its curve", "enrols a point that is not on the curve", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made,
                    [](tcg::TpmPublic& ak) { std::get<tcg::EccPublic>(ak.key).y.back() ^= std::byte{1}; });
       })
ATTACK("AK: the point at zero", "enrols the point (0, 0)", "identity.ak", honest_host,
       [](Builder&, Case& made) {
           other_ak(made, [](tcg::TpmPublic& ak) {
               auto& ecc = std::get<tcg::EccPublic>(ak.key);
               ecc.x = ecc.y = Bytes(32);
           });
       })
ATTACK("AK: a byte behind the public area", "enrols a public area with a byte behind it", "identity.ak",
       honest_host, [](Builder&, Case& made) { made.bundle.known_host.ak_public.push_back(std::byte{0}); })
ATTACK("AK: cut", "enrols half a public area", "identity.ak", honest_host,
       [](Builder&, Case& made) { made.bundle.known_host.ak_public.resize(40); })
ATTACK("AK: none", "enrols no attestation key", "identity.ak", honest_host,
       [](Builder&, Case& made) { made.bundle.known_host.ak_public.clear(); })
ATTACK("AK: RSA-1024", "enrols a key of 1024 bits", "identity.ak", honest_host,
       [](Builder& builder, Case& made) {
           made.bundle.known_host.ak_public = encode_tpm_public(ak_public(shared_key(Key::rsa1024)));
           builder.sign_quote(made, shared_key(Key::rsa1024));
       })
ATTACK("AK: exponent 3", "enrols an RSA key with exponent 3", "identity.ak", rsa_host,
       [](Builder&, Case& made) {
           rsa_ak(made, [](tcg::TpmPublic& ak) { std::get<tcg::RsaPublic>(ak.key).exponent = 3; });
       })
ATTACK("AK: an even modulus", "enrols an RSA key that is none", "identity.ak", rsa_host,
       [](Builder&, Case& made) {
           rsa_ak(made, [](tcg::TpmPublic& ak) {
               std::get<tcg::RsaPublic>(ak.key).modulus.back() &= std::byte{0xfe};
           });
       })
ATTACK("AK: a software key of the same attributes", "enrols nothing, and signs with a software key",
       "quote.signature", honest_host,
       [](Builder& builder, Case& made) { builder.sign_quote(made, fresh_key(Key::p256).get()); })

ATTACK("signature: s is zero", "sends s = 0", "quote.signature", honest_host, [](Builder&, Case& made) {
    ecc_value(made, [](tcg::Signature& signature) { signature.s = Bytes(32); });
})
ATTACK("signature: r out of range", "sends r above the curve's order", "quote.signature", honest_host,
       [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) { signature.r = Bytes(32, std::byte{0xff}); });
       })
ATTACK("signature: r and s are one", "sends r = s = 1", "quote.signature", honest_host,
       [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) { signature.r = signature.s = {std::byte{1}}; });
       })
ATTACK("signature: r and s exchanged", "exchanges r and s", "quote.signature", honest_host,
       [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) { std::swap(signature.r, signature.s); });
       })
ATTACK("signature: values of no bytes", "sends r and s without bytes", "quote.signature", honest_host,
       [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) {
               signature.r.clear();
               signature.s.clear();
           });
       })
ATTACK("signature: said to be over SHA-384", "renames the hash of the signature", "quote.signature",
       honest_host, [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) { signature.hash = HashAlgorithm::sha384; });
       })
ATTACK("signature: with SHA-384", "signs with another hash than the key's", "quote.signature", honest_host,
       [](Builder& builder, Case& made) {
           set_signature(made, sign(shared_key(builder.ak), made.bundle.evidence.quote, tcg::Scheme::ecdsa,
                                    HashAlgorithm::sha384));
       })
ATTACK("signature: of the quote's digest", "signs the digest in place of the quote", "quote.signature",
       honest_host, [](Builder& builder, Case& made) {
           const auto digest = sha256(made.bundle.evidence.quote);
           set_signature(made, sign(shared_key(builder.ak), digest.view(), tcg::Scheme::ecdsa));
       })
ATTACK("signature: of the evidence of an hour ago", "keeps the signature of an older quote",
       "quote.signature", honest_host, [](Builder& builder, Case& made) {
           auto older = quote_of(made);
           older.clock_info.clock_ms -= 1000;
           set_signature(made, sign(shared_key(builder.ak), encode_quote(older), tcg::Scheme::ecdsa));
       })
ATTACK("signature: DER", "sends the signature as OpenSSL writes it", "quote.structure", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.signature = from_hex("3006020101020101", 8).value(); })
ATTACK("signature: none", "sends no signature", "quote.structure", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.signature.clear(); })
ATTACK("signature: TPM_ALG_NULL", "says that the signature is of no scheme", "quote.structure", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.signature = {std::byte{0}, std::byte{0x10}}; })
ATTACK("signature: HMAC", "sends an HMAC in place of a signature", "quote.structure", honest_host,
       [](Builder&, Case& made) {
           made.bundle.evidence.signature = ByteWriter().u16be(0x0005).u16be(0x000b).bytes(Bytes(32)).take();
       })
ATTACK("signature: ECDAA", "signs anonymously", "quote.structure", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.signature[1] = std::byte{0x1a}; })
ATTACK("signature: cut", "cuts the signature's last byte", "quote.structure", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.signature.pop_back(); })
ATTACK("signature: r of 67 bytes", "sends an r that no curve has", "quote.structure", honest_host,
       [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& signature) { signature.r = Bytes(67, std::byte{1}); });
       })
ATTACK("signature: RSAPSS under an RSASSA key", "signs with another padding than the key's",
       "quote.signature", rsa_host, [](Builder& builder, Case& made) {
           set_signature(made, sign(shared_key(builder.ak), made.bundle.evidence.quote, tcg::Scheme::rsapss));
       })
ATTACK("signature: RSA, one byte short", "sends an RSA value of 255 bytes", "quote.signature", rsa_host,
       [](Builder&, Case& made) { ecc_value(made, [](tcg::Signature& s) { s.rsa.pop_back(); }); })
ATTACK("signature: RSA, zero", "sends the RSA value 0", "quote.signature", rsa_host,
       [](Builder&, Case& made) { ecc_value(made, [](tcg::Signature& s) { s.rsa = Bytes(256); }); })
ATTACK("signature: RSA, one", "sends the RSA value 1", "quote.signature", rsa_host, [](Builder&, Case& made) {
    ecc_value(made, [](tcg::Signature& s) {
        s.rsa = Bytes(256);
        s.rsa.back() = std::byte{1};
    });
})
ATTACK("signature: RSA, above the modulus", "sends an RSA value above the modulus", "quote.signature",
       rsa_host, [](Builder&, Case& made) {
           ecc_value(made, [](tcg::Signature& s) { s.rsa = Bytes(256, std::byte{0xff}); });
       })
ATTACK("signature: RSA-1024", "signs with 1024 bits under a key of 2048", "quote.signature", rsa_host,
       [](Builder& builder, Case& made) {
           set_signature(made,
                         sign(shared_key(Key::rsa1024), made.bundle.evidence.quote, tcg::Scheme::rsassa));
           static_cast<void>(builder);
       })

TEST_CASE("an RSA host is affirming: the twin of the RSA attacks", "[attack]") {
    Builder builder;
    rsa_host(builder);
    CHECK(builder.build().appraise().result.tier == Tier::affirming);
}
