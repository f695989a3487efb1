#include "cli/inspect/quote_verdict.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "evidence/tpm/pcr_table.h"
#include "tests/support/tpm/tpm_builder.h"
#include "tests/unit/cli/inspect/reason_ids.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::test;
using Verdict = InspectVerdict::Verdict;

namespace {

/// A question whose answer is `valid`: an ECC quote over PCRs 0 and 7, its key, nonce and values. A test
/// changes one thing, and signs anew where the TPM would have signed that.
struct Asked {
    tcg::EvpKey signer = fresh_key(Key::p256);
    tcg::Quote quote = valid_quote();
    QuoteParts parts;

    Asked() {
        quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0x81);
        tcg::PcrValues values;
        require(values.set(0, sha256(as_view("zero"))).has_value(), "pcr");
        require(values.set(7, sha256(as_view("seven"))).has_value(), "pcr");
        quote.pcr_digest =
            to_bytes(tcg::pcr_digest(quote.selection, values, HashAlgorithm::sha256).value().view());
        parts.pcrs = values;
        parts.nonce = quote.extra_data;
        parts.key = tcg::PublicKeyFile{ak_public(signer.get()), true, "TPMT_PUBLIC"};
        sign_bytes(encode_quote(quote));
    }
    void sign_bytes(Bytes attest, HashAlgorithm hash = HashAlgorithm::sha256) {
        parts.attest = std::move(attest);
        const bool ecc = EVP_PKEY_get_base_id(signer.get()) == EVP_PKEY_EC;
        parts.signature = encode_signature(
            sign(signer.get(), parts.attest, ecc ? tcg::Scheme::ecdsa : tcg::Scheme::rsassa, hash));
    }
    void sign_anew() { sign_bytes(encode_quote(quote)); }
    void use(Key kind) {
        signer = fresh_key(kind);
        parts.key = tcg::PublicKeyFile{ak_public(signer.get()), true, "TPMT_PUBLIC"};
        sign_anew();
    }
    [[nodiscard]] InspectVerdict judged() const { return quote_verdict(parts); }
};

}  // namespace

TEST_CASE("a quote of this key, for this nonce, about these PCRs, is valid without a remark") {
    const auto answer = Asked().judged();
    CHECK(ids(answer) == Ids{});
    CHECK(answer.verdict() == Verdict::valid);
    CHECK(details(answer).at("selection") == "sha256:0,7");
    CHECK(details(answer).at("key").at("kind") == "ECC P-256");
    CHECK(details(answer).at("clock").at("reset_count") == 17);
    CHECK(answer.checked().size() == 3);
}

TEST_CASE("what is absent leaves the verdict undecided, each by its own reason") {
    const auto without = [](auto member) {
        Asked asked;
        (asked.parts.*member).reset();
        const auto answer = asked.judged();
        CHECK(answer.verdict() == Verdict::undecided);
        return ids(answer);
    };
    CHECK(without(&QuoteParts::nonce) == Ids{"quote.nonce_not_given"});
    CHECK(without(&QuoteParts::pcrs) == Ids{"quote.pcrs_not_given"});
    CHECK(without(&QuoteParts::key) == Ids{"quote.key_not_given"});
    CHECK(without(&QuoteParts::signature) == Ids{"quote.signature_not_given"});
}

TEST_CASE("every fault of a quote is named, not the first alone") {
    Asked asked;
    auto bytes = encode_quote(asked.quote, 0x12345678);
    bytes.push_back(std::byte{0});
    asked.sign_bytes(bytes);
    asked.parts.attest.push_back(std::byte{0});
    asked.parts.nonce->push_back(std::byte{0});
    tcg::PcrValues other;
    REQUIRE(other.set(0, sha256(as_view("zero"))));
    REQUIRE(other.set(7, sha256(as_view("eight"))));
    asked.parts.pcrs = other;
    const auto answer = asked.judged();
    CHECK(answer.verdict() == Verdict::invalid);
    CHECK(ids(answer) == Ids{"quote.bad_magic", "quote.trailing_bytes", "quote.signature_invalid",
                             "quote.nonce_mismatch", "quote.pcr_digest_mismatch"});
}

TEST_CASE("another attestation that is truly signed is not a quote") {
    Asked asked;
    asked.sign_bytes(encode_quote(asked.quote, tcg::kTpmGenerated, 0x8017));
    const auto answer = asked.judged();
    CHECK(ids(answer) == Ids{"quote.not_a_quote"});
    CHECK(details(answer).at("type") == "TPM_ST_ATTEST_CERTIFY");
}

TEST_CASE("a quote that is cut at any byte is malformed, however it is signed") {
    Asked asked;
    const auto whole = asked.parts.attest;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        asked.sign_bytes(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
        const auto answer = asked.judged();
        INFO(size);
        CHECK(answer.verdict() == Verdict::invalid);
        CHECK(answer.has("quote.malformed"));
    }
}

TEST_CASE("a quote over no PCR is refused although nothing in it is false") {
    Asked asked;
    asked.quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0);
    asked.quote.pcr_digest = to_bytes(sha256({}).view());
    asked.parts.pcrs = tcg::PcrValues{};
    asked.sign_anew();
    CHECK(ids(asked.judged()) == Ids{"quote.selects_no_pcr"});
}

TEST_CASE("PCRs that are claimed and not quoted, or quoted and not shown, are not valid") {
    Asked asked;
    REQUIRE(asked.parts.pcrs->set(10, sha256(as_view("ten"))));
    CHECK(ids(asked.judged()) == Ids{"quote.pcr_not_selected"});
    CHECK(asked.judged().verdict() == Verdict::undecided);
    tcg::PcrValues fewer;
    REQUIRE(fewer.set(0, sha256(as_view("zero"))));
    asked.parts.pcrs = fewer;
    CHECK(ids(asked.judged()) == Ids{"quote.pcr_missing"});
    CHECK(asked.judged().verdict() == Verdict::undecided);
}

TEST_CASE("a key that signs anything, or is too small, or signs with SHA-1, is refused by name") {
    Asked asked;
    asked.parts.key->key.attributes =
        tcg::ObjectAttributes(asked.parts.key->key.attributes.bits() & ~tcg::ObjectAttributes::kRestricted);
    CHECK(ids(asked.judged()) == Ids{"quote.key_not_allowed"});
    Asked small;
    small.use(Key::rsa1024);
    CHECK(ids(small.judged()) == Ids{"quote.key_too_small"});
    Asked weak;
    weak.use(Key::rsa2048);
    CHECK(weak.judged().verdict() == Verdict::valid);
    weak.quote.pcr_digest =
        to_bytes(tcg::pcr_digest(weak.quote.selection, *weak.parts.pcrs, HashAlgorithm::sha1).value().view());
    weak.sign_bytes(encode_quote(weak.quote), HashAlgorithm::sha1);
    CHECK(ids(weak.judged()) == Ids{"quote.hash_not_allowed", "quote.quirk.digest_by_scheme_hash"});
}

TEST_CASE("a signature of another scheme than the key's is refused by name") {
    Asked asked;
    asked.parts.signature =
        encode_signature(sign(shared_key(Key::rsa2048), asked.parts.attest, tcg::Scheme::rsassa));
    CHECK(ids(asked.judged()) == Ids{"quote.scheme_not_allowed"});
    Asked pss;
    pss.use(Key::rsa2048);
    pss.parts.signature = encode_signature(sign(pss.signer.get(), pss.parts.attest, tcg::Scheme::rsapss));
    CHECK(ids(pss.judged()) == Ids{"quote.scheme_not_allowed"});
}

TEST_CASE("a bare RSASSA value under a PEM key is verified, and both are remarked") {
    Asked asked;
    asked.use(Key::rsa2048);
    asked.parts.signature = tcg::parse_signature(*asked.parts.signature).value().rsa;
    asked.parts.key->is_public_area = false;
    asked.parts.key->key.scheme = {};
    const auto answer = asked.judged();
    CHECK(answer.verdict() == Verdict::valid);
    CHECK(ids(answer) == Ids{"quote.key_attributes_unknown", "quote.quirk.bare_rsa_signature"});
    asked.parts.signature->at(0) ^= std::byte{1};
    CHECK(asked.judged().has("quote.signature_invalid"));
}

TEST_CASE("a table of PCRs is read strictly, with the line of what is wrong") {
    const std::string value(64, 'a');
    const auto table = tcg::parse_pcr_table("# made by hand\nsha256\t0\t" + value + "\r\n\nsha1\t23\t" +
                                            std::string(40, 'b') + "\n");
    REQUIRE(table);
    CHECK(table->find(HashAlgorithm::sha256, 0)->hex() == value);
    CHECK(table->find(HashAlgorithm::sha1, 23) != nullptr);
    for (const auto& text : {"sha256\t24\t" + value, "sha256\t-1\t" + value, "sha256\t01\t" + value,
                             "sha256 0 " + value, "sha256\t0\t" + value.substr(2), "md5\t0\t" + value,
                             "sha256\t\t" + value, "sha256\t0\t" + value + "\nsha256\t0\t" + value,
                             std::string("sha256\t0"), "sha256\t0\t" + value + " "}) {
        INFO(text);
        const auto refused = tcg::parse_pcr_table(text);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().context, Catch::Contains("line "));
    }
}

TEST_CASE("a key is read as PEM, TPMT_PUBLIC and TPM2B_PUBLIC, and from nothing else") {
    const auto area = encode_tpm_public(ak_public(shared_key(Key::p256)));
    const auto plain = tcg::parse_public_key_file(area);
    REQUIRE(plain);
    CHECK(plain->form == "TPMT_PUBLIC");
    const auto sized = tcg::parse_public_key_file(ByteWriter().tpm2b(area).take());
    REQUIRE(sized);
    CHECK(sized->form == "TPM2B_PUBLIC");
    CHECK(sized->key == plain->key);
    CHECK(sized->is_public_area);
    for (const auto* text :
         {"", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n", "no key"}) {
        INFO(text);
        CHECK_FALSE(tcg::parse_public_key_file(as_view(text)));
    }
}

TEST_CASE("the page of the verdict names every reason with its effect") {
    std::ifstream file(ASSAY_SOURCE_DIR "/docs/formats/quote-verdict.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    for (const auto& reason : quote_reasons()) {
        INFO(reason.id);
        const auto row = "| `" + std::string(reason.id) + "` | ";
        const auto at = page.find(row);
        REQUIRE(at != std::string::npos);
        if (reason.effect != Verdict::valid)
            CHECK(page.compare(at + row.size(), to_string(reason.effect).size(), to_string(reason.effect)) ==
                  0);
    }
}
