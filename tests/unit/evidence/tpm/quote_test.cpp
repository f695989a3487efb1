#include "evidence/tpm/quote.h"

#include <catch2/catch.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::tcg;
using assay::test::valid_quote;

TEST_CASE("a quote is read as it was written") {
    const Quote quote = valid_quote();
    CHECK(parse_quote(encode_quote(quote)).value() == quote);
}

TEST_CASE("a quote of another magic is refused at its first byte") {
    const auto parsed = parse_quote(encode_quote(valid_quote(), 0xff544346));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::malformed);
    CHECK(parsed.error().offset == 0);
}

TEST_CASE("another attestation in place of a quote is refused by its name") {
    const auto [type, name] = GENERATE(table<std::uint16_t, std::string>({{0x8014, "TPM_ST_ATTEST_NV"},
                                                                          {0x8017, "TPM_ST_ATTEST_CERTIFY"},
                                                                          {0x8019, "TPM_ST_ATTEST_TIME"},
                                                                          {0x801a, "TPM_ST_ATTEST_CREATION"},
                                                                          {0x801c, "TPM_ST_ATTEST_NV_DIGEST"},
                                                                          {0x0000, "no attestation type"}}));
    const auto parsed = parse_quote(encode_quote(valid_quote(), kTpmGenerated, type));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().offset == 4);
    CHECK_THAT(parsed.error().context, Catch::Contains(name));
}

TEST_CASE("a quote cut anywhere is refused with an offset inside it") {
    const Bytes whole = encode_quote(valid_quote());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_quote(ByteView(whole).first(size));
        INFO(size);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::truncated);
        REQUIRE(parsed.error().offset);
        CHECK(*parsed.error().offset <= size);
    }
}

TEST_CASE("a quote with one byte more is refused at that byte") {
    Bytes longer = encode_quote(valid_quote());
    const std::size_t size = longer.size();
    longer.push_back(std::byte{0});
    CHECK(parse_quote(longer).error() == Error{ErrorCode::malformed, "TPMS_ATTEST: 1 bytes left over", size});
}

TEST_CASE("a quote with a field above its limit is refused") {
    Quote quote = valid_quote();
    SECTION("extraData") {
        quote.extra_data.resize(67);
    }
    SECTION("qualifiedSigner") {
        quote.qualified_signer.resize(67);
    }
    SECTION("pcrDigest") {
        quote.pcr_digest.resize(65);
    }
    CHECK(parse_quote(encode_quote(quote)).error().code == ErrorCode::limit);
}

TEST_CASE("a quote above the size of any quote is not read at all") {
    CHECK(parse_quote(Bytes(4097)).error().code == ErrorCode::limit);
}

TEST_CASE("a clock that is neither safe nor unsafe is refused") {
    Bytes attest = encode_quote(valid_quote());
    const std::size_t safe_at = 4 + 2 + (2 + 34) + (2 + 32) + 8 + 4 + 4;
    REQUIRE(attest[safe_at] == std::byte{1});
    attest[safe_at] = std::byte{2};
    CHECK(parse_quote(attest).error().offset == safe_at);
}

TEST_CASE("no byte of a quote is without meaning: changing one changes what is read, or it is refused") {
    const Quote quote = valid_quote();
    const Bytes attest = encode_quote(quote);
    for (std::size_t at = 0; at < attest.size(); ++at) {
        Bytes changed = attest;
        changed[at] ^= std::byte{1};
        const auto parsed = parse_quote(changed);
        INFO(at);
        CHECK((!parsed || *parsed != quote));
    }
}
