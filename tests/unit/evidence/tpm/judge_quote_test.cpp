#include "evidence/tpm/judge_quote.h"

#include <catch2/catch.hpp>

#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::test;
using Place = tcg::JudgedPcrs::Place;

namespace {

constexpr auto kBank = HashAlgorithm::sha256;

/// An ECC quote over PCRs 0 and 7, its signature and its values.
struct QuoteToJudge {
    tcg::EvpKey signer = fresh_key(Key::p256);
    tcg::Quote quote = valid_quote();
    tcg::PcrValues values;
    Bytes attest;
    tcg::Signature signature;

    QuoteToJudge() {
        quote.selection = tcg::PcrSelection::of(kBank, 0x81);
        require(values.set(0, sha256(as_view("zero"))).has_value(), "pcr");
        require(values.set(7, sha256(as_view("seven"))).has_value(), "pcr");
        quote.pcr_digest = to_bytes(tcg::pcr_digest(quote.selection, values, kBank).value().view());
        sign_bytes(encode_quote(quote));
    }
    void sign_bytes(Bytes bytes) {
        attest = std::move(bytes);
        signature = sign(signer.get(), attest, tcg::Scheme::ecdsa, kBank);
    }
    [[nodiscard]] tcg::JudgedQuote judged() const {
        const auto key = tcg::VerifyKey::from(ak_public(signer.get())).value();
        return tcg::judge_quote(
            {.attest = attest,
             .signature = &signature,
             .verify = [&](ByteView message,
                           const tcg::Signature& made) { return key.verify(message, made); },
             .extra_data = quote.extra_data,
             .pcrs = &values});
    }
};

}  // namespace

TEST_CASE("a quote that is whole, signed, over these data and values is judged so in every part") {
    const QuoteToJudge asked;
    const auto judged = asked.judged();
    CHECK_FALSE(judged.fault);
    CHECK(judged.is_quote());
    CHECK(judged.reading.fields == asked.quote);
    CHECK(judged.signature == tcg::SignatureVerdict::valid);
    CHECK(judged.over_extra_data);
    REQUIRE(judged.pcrs);
    CHECK(judged.pcrs->match);
    CHECK(judged.pcrs->missing.empty());
    CHECK(judged.pcrs->beside.empty());
}

TEST_CASE("what is not given is not judged, and holds of nothing") {
    const QuoteToJudge asked;
    const auto judged = tcg::judge_quote({.attest = asked.attest});
    CHECK_FALSE(judged.fault);
    CHECK_FALSE(judged.signature);
    CHECK_FALSE(judged.over_extra_data);
    CHECK_FALSE(judged.pcrs);
    CHECK_FALSE(tcg::judge_quote({.attest = asked.attest, .signature = &asked.signature}).signature);
}

TEST_CASE("one wrong part of a quote does not hide the others") {
    QuoteToJudge asked;
    auto bytes = encode_quote(asked.quote, 0x12345678);
    bytes.push_back(std::byte{0});
    asked.sign_bytes(bytes);
    asked.attest.push_back(std::byte{0});
    const auto judged = asked.judged();
    REQUIRE(judged.fault);
    CHECK(judged.fault == tcg::parse_quote(asked.attest).error());
    CHECK(judged.reading.left_over == 2);
    CHECK(judged.signature == tcg::SignatureVerdict::invalid);
    CHECK(judged.over_extra_data);
    CHECK(judged.pcrs->match);
}

TEST_CASE("a quote cut at any byte has the fault that its parser gives, and carries no data") {
    QuoteToJudge asked;
    const auto whole = asked.attest;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        asked.attest.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto judged = asked.judged();
        INFO(size);
        CHECK(judged.fault == tcg::parse_quote(asked.attest).error());
        CHECK_FALSE(judged.over_extra_data);
        CHECK_FALSE(judged.pcrs);
    }
}

TEST_CASE("extra data that differ in one byte or in length are not those of the quote") {
    QuoteToJudge asked;
    asked.quote.extra_data.front() ^= std::byte{1};
    CHECK_FALSE(asked.judged().over_extra_data);
    asked.quote.extra_data.front() ^= std::byte{1};
    asked.quote.extra_data.pop_back();
    CHECK_FALSE(asked.judged().over_extra_data);
}

TEST_CASE("values of PCRs are named that are missing, or that the quote does not cover") {
    QuoteToJudge asked;
    REQUIRE(asked.values.set(10, sha256(as_view("ten"))));
    auto pcrs = tcg::judge_pcrs(asked.quote, kBank, asked.values);
    CHECK(pcrs.beside == std::vector<Place>{{kBank, 10}});
    CHECK(pcrs.match);
    tcg::PcrValues fewer;
    REQUIRE(fewer.set(0, sha256(as_view("zero"))));
    pcrs = tcg::judge_pcrs(asked.quote, kBank, fewer);
    CHECK(pcrs.missing == std::vector<Place>{{kBank, 7}});
    CHECK_FALSE(pcrs.digest);
    CHECK_FALSE(pcrs.match);
}

TEST_CASE("PCR values match by the hash of the signature, and by no other or none") {
    const QuoteToJudge asked;
    const auto other = tcg::judge_pcrs(asked.quote, HashAlgorithm::sha384, asked.values);
    CHECK(other.digest);
    CHECK_FALSE(other.match);
    CHECK_FALSE(tcg::judge_pcrs(asked.quote, std::nullopt, asked.values).match);
}
