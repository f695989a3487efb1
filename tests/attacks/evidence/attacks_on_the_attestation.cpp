#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "tests/attacks/evidence/tampering.h"

// Neighbours of the rows in attacks_on_the_quote.cpp: nonce, selection, structure. All are signed by the true
// key, as if the attacker could have the TPM sign anything: what is wrong must be seen in what is signed.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kExtraDataSizeAt = 6 + 2 + 34;
constexpr std::size_t kSafeAt = kExtraDataSizeAt + 2 + 32 + 16;
constexpr std::size_t kSelectionAt = kSafeAt + 1 + 8;

void nonce_in_another_form(const Builder& builder, Case& made, Bytes form) {
    made.bundle.evidence.nonce = std::move(form);
    builder.seal(made);
}
void extra_data(const Builder& builder, Case& made, ByteView bytes) {
    auto quote = quote_of(made);
    quote.extra_data = to_bytes(bytes);
    quote_bytes(builder, made, encode_quote(quote));
}
void other_type(const Builder& builder, Case& made, std::uint16_t type) {
    quote_bytes(builder, made, encode_quote(quote_of(made), tcg::kTpmGenerated, type));
}
// The quote with other bytes in place of its TPML_PCR_SELECTION.
void raw_selection(const Builder& builder, Case& made, std::string_view hex) {
    const auto& quote = made.bundle.evidence.quote;
    const auto size = encode_pcr_selection(quote_of(made).selection).size();
    ByteWriter out;
    out.bytes(ByteView(quote).first(kSelectionAt)).bytes(from_hex(hex, 64).value());
    quote_bytes(builder, made, out.bytes(ByteView(quote).subspan(kSelectionAt + size)).take());
}

}  // namespace

ATTACK("nonce: one byte shorter", "sends the nonce one byte shorter", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           auto nonce = made.bundle.challenge.nonce;
           nonce.pop_back();
           nonce_in_another_form(builder, made, nonce);
       })
ATTACK("nonce: none", "sends no nonce", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) { nonce_in_another_form(builder, made, {}); })
ATTACK("nonce: in base64", "sends the nonce as base64 text", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           nonce_in_another_form(builder, made, to_bytes(to_base64url(made.bundle.challenge.nonce)));
       })
ATTACK("nonce: in hexadecimal", "sends the nonce as hexadecimal text", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           nonce_in_another_form(builder, made, to_bytes(to_hex(made.bundle.challenge.nonce)));
       })
ATTACK("nonce: with a prefix", "sends the nonce with a size in front", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           nonce_in_another_form(builder, made, ByteWriter().tpm2b(made.bundle.challenge.nonce).take());
       })
ATTACK("nonce: a challenge without one", "answers a challenge that has no nonce", "quote.nonce", honest_host,
       [](Builder& builder, Case& made) {
           made.bundle.challenge.nonce.clear();
           nonce_in_another_form(builder, made, {});
       })
ATTACK("nonce: signed bare", "has the nonce signed without the manifest", "quote.manifest", honest_host,
       [](Builder& builder, Case& made) { extra_data(builder, made, made.bundle.challenge.nonce); })
ATTACK("nonce: bound without the domain", "has nonce and manifest signed for another purpose",
       "quote.manifest", honest_host, [](Builder& builder, Case& made) {
           const auto manifest = sha256(made.bundle.evidence.manifest);
           const auto digest = hash(HashAlgorithm::sha256, {made.bundle.challenge.nonce, manifest.view()});
           extra_data(builder, made, digest.view());
       })
ATTACK("nonce: the manifest bound as it is", "binds the manifest in place of its digest", "quote.manifest",
       honest_host, [](Builder& builder, Case& made) {
           const auto digest =
               hash(HashAlgorithm::sha256,
                    {as_view(kEvidenceDomain), made.bundle.challenge.nonce, made.bundle.evidence.manifest});
           extra_data(builder, made, digest.view());
       })
ATTACK("nonce: the binding cut short", "has 20 bytes of the binding signed", "quote.manifest", honest_host,
       [](Builder& builder, Case& made) {
           const auto binding = evidence_binding(made.bundle.challenge.nonce, made.bundle.evidence.manifest);
           extra_data(builder, made, binding.view().first(20));
       })
ATTACK("nonce: the binding with a byte behind it", "has the binding and a byte signed", "quote.manifest",
       honest_host, [](Builder& builder, Case& made) {
           auto longer =
               to_bytes(evidence_binding(made.bundle.challenge.nonce, made.bundle.evidence.manifest).view());
           longer.push_back(std::byte{0});
           extra_data(builder, made, longer);
       })
ATTACK("nonce: nothing signed", "has a quote signed without qualifying data", "quote.manifest", honest_host,
       [](Builder& builder, Case& made) { extra_data(builder, made, {}); })

ATTACK("selection: no bank", "signs a selection without a bank", "quote.selection", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) { quote.selection = {}; });
       })
ATTACK("selection: more than was asked", "signs PCR 16 as well, which anybody resets", "quote.selection",
       honest_host, [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0x1ffff);
           });
       })
ATTACK("selection: the SHA-384 bank", "signs another bank than was asked", "quote.selection", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha384, 0xffff);
           });
       })
ATTACK("selection: the SHA-1 bank first", "puts the SHA-1 bank before the one that was asked",
       "quote.selection", honest_host, [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) {
               quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha1, 0xffff);
               REQUIRE(quote.selection.add_bank(HashAlgorithm::sha256, 0xffff));
           });
       })
ATTACK("selection: an empty bank beside", "names a second bank and none of its PCRs", "quote.selection",
       honest_host, [](Builder& builder, Case& made) {
           quote_with(builder, made,
                      [](tcg::Quote& quote) { REQUIRE(quote.selection.add_bank(HashAlgorithm::sha1, 0)); });
       })
ATTACK("selection: the challenge asks for SHA-1", "has a challenge of the SHA-1 bank answered",
       "quote.selection", honest_host, [](Builder&, Case& made) {
           made.bundle.challenge.selection = "sha1:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15";
       })
ATTACK("selection: the challenge asks for nothing readable", "has a selection that nobody can read",
       "quote.selection", honest_host,
       [](Builder&, Case& made) { made.bundle.challenge.selection = "sha256:0-15"; })
ATTACK("selection: one bank listed twice", "lists the bank twice, PCRs 0-7 and 8-15", "quote.structure",
       honest_host,
       [](Builder& builder, Case& made) { raw_selection(builder, made, "00000002000b03ff0000000b0300ff00"); })
ATTACK("selection: PCRs beyond 23", "selects a PCR that no TPM has", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { raw_selection(builder, made, "00000001000b04ffff0001"); })
ATTACK("selection: no octets", "gives the bank no octets", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { raw_selection(builder, made, "00000001000b00"); })
ATTACK("selection: an unknown bank", "signs a bank of an unknown hash", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { raw_selection(builder, made, "00000001001203ffff00"); })
ATTACK("selection: a count of 2^32 - 1", "claims 4 billion banks", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { raw_selection(builder, made, "ffffffff000b03ffff00"); })

ATTACK("PCR digest: none", "signs an empty digest", "quote.pcr_digest", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) { quote.pcr_digest.clear(); });
       })
ATTACK("PCR digest: of nothing", "signs the digest of no values", "quote.pcr_digest", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made,
                      [](tcg::Quote& quote) { quote.pcr_digest = to_bytes(sha256({}).view()); });
       })
ATTACK("PCR digest: by another hash than the scheme's", "signs the right values' SHA-384", "quote.pcr_digest",
       honest_host, [](Builder& builder, Case& made) {
           auto quote = quote_of(made);
           quote.pcr_digest = to_bytes(
               tcg::pcr_digest(quote.selection, builder.values(), HashAlgorithm::sha384).value().view());
           quote_bytes(builder, made, encode_quote(quote));
       })
ATTACK("PCR digest: one byte longer", "signs the digest and a byte", "quote.pcr_digest", honest_host,
       [](Builder& builder, Case& made) {
           quote_with(builder, made, [](tcg::Quote& quote) { quote.pcr_digest.push_back(std::byte{0}); });
       })
ATTACK(
    "PCR values: none", "shows no PCR values", "quote.pcr_values_absent",
    [](Builder& b) { b.left_out[std::string(section::kPcrs)] = true; }, untouched, Tier::none)
ATTACK("PCR values: of another bank", "shows the values under another bank's name", "quote.pcr_digest",
       honest_host, [](Builder& builder, Case& made) {
           const auto pcrs = decode_pcr_section(section_of(made, section::kPcrs)).value();
           PcrSection other;
           for (const auto& [pcr, value] : pcrs.at(HashAlgorithm::sha256))
               other[HashAlgorithm::sha1][pcr] =
                   Digest::from_bytes(HashAlgorithm::sha1, value.view().first(20)).value();
           resigned(builder, made, section::kPcrs, encode_pcr_section(other));
       })
ATTACK("PCR values: one left out", "shows all values but that of PCR 7", "quote.pcr_digest", honest_host,
       [](Builder& builder, Case& made) {
           auto pcrs = decode_pcr_section(section_of(made, section::kPcrs)).value();
           pcrs.at(HashAlgorithm::sha256).erase(7);
           resigned(builder, made, section::kPcrs, encode_pcr_section(pcrs));
       })

ATTACK("structure: GetTime", "has the time signed in place of a quote", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0x8019); })
ATTACK("structure: NV_Certify", "has an NV index signed in place of a quote", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0x8014); })
ATTACK("structure: CertifyCreation", "has a key's creation signed", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0x801a); })
ATTACK("structure: GetSessionAuditDigest", "has a session's audit signed", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0x8016); })
ATTACK("structure: GetCommandAuditDigest", "has the TPM's audit signed", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0x8015); })
ATTACK("structure: the digest of an NV index", "has an NV index' digest signed", "quote.structure",
       honest_host, [](Builder& builder, Case& made) { other_type(builder, made, 0x801c); })
ATTACK("structure: a type that is none", "invents a type of attestation", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { other_type(builder, made, 0); })
ATTACK("structure: magic in the other byte order", "writes the magic little-endian", "quote.structure",
       honest_host, [](Builder& builder, Case& made) {
           quote_bytes(builder, made, encode_quote(quote_of(made), 0x474354ff));
       })
ATTACK("structure: type in the other byte order", "writes the type little-endian", "quote.structure",
       honest_host, [](Builder& builder, Case& made) {
           quote_edited(builder, made, kTypeAt, {std::byte{0x18}, std::byte{0x80}});
       })
ATTACK("structure: a size in front", "signs a TPM2B_ATTEST", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           quote_bytes(builder, made, ByteWriter().tpm2b(made.bundle.evidence.quote).take());
       })
ATTACK("structure: twice", "signs two quotes in one", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           auto bytes = made.bundle.evidence.quote;
           bytes.insert(bytes.end(), made.bundle.evidence.quote.begin(), made.bundle.evidence.quote.end());
           quote_bytes(builder, made, bytes);
       })
ATTACK("structure: nothing", "signs nothing", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { quote_bytes(builder, made, {}); })
ATTACK("structure: one byte above the limit", "signs 4,097 bytes", "quote.structure", honest_host,
       [](Builder& builder, Case& made) {
           auto bytes = made.bundle.evidence.quote;
           bytes.resize(limits::kQuote + 1);
           quote_bytes(builder, made, bytes);
       })
ATTACK("structure: a size of 0xffff", "claims that the qualifying data is 65,535 bytes", "quote.structure",
       honest_host, [](Builder& builder, Case& made) {
           quote_edited(builder, made, kExtraDataSizeAt, {std::byte{0xff}, std::byte{0xff}});
       })
ATTACK("structure: a size one too small", "claims one byte less of the qualifying data", "quote.structure",
       honest_host, [](Builder& builder, Case& made) {
           quote_edited(builder, made, kExtraDataSizeAt, {std::byte{0}, std::byte{31}});
       })
ATTACK("structure: neither yes nor no", "says 2 to whether the clock is safe", "quote.structure", honest_host,
       [](Builder& builder, Case& made) { quote_edited(builder, made, kSafeAt, {std::byte{2}}); })

TEST_CASE("a quote that is cut or lengthened at any byte, and signed, never affirms", "[attack]") {
    Builder builder;
    auto made = builder.build();
    const auto whole = made.bundle.evidence.quote;
    for (std::size_t at = 0; at <= whole.size(); ++at) {
        auto cut = whole;
        if (at < whole.size()) cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(at));
        auto longer = whole;
        longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), std::byte{0});
        for (auto& bytes : {cut, longer}) {
            if (bytes == whole) continue;
            quote_bytes(builder, made, bytes);
            INFO("byte " << at << ", " << bytes.size() << " bytes");
            CHECK(made.appraise().result.tier == Tier::contraindicated);
        }
    }
}
