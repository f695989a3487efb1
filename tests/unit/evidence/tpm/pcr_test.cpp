#include "evidence/tpm/pcr.h"

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"

using namespace assay;
using namespace assay::tcg;

namespace {

constexpr auto kSha1 = HashAlgorithm::sha1;
constexpr auto kSha256 = HashAlgorithm::sha256;

Bytes hex(std::string_view text) {
    return from_hex(text, 4096).value();
}

Digest value(HashAlgorithm bank, unsigned index) {
    return Digest::filled(bank, static_cast<std::byte>(0x10 + index));
}

}  // namespace

TEST_CASE("a PCR selection has octets with PCR 0 in the lowest bit of the first") {
    const auto selection = PcrSelection::of(kSha256, (1U << 0U) | (1U << 9U) | (1U << 23U));
    CHECK(to_hex(encode_pcr_selection(selection)) == "00000001000b03010280");
    CHECK(parse_pcr_selection(hex("00000001000b03010280")).value() == selection);
}

TEST_CASE("a fourth octet of zero is read, and one that selects is refused") {
    CHECK(parse_pcr_selection(hex("00000001000b0401000000")).value() == PcrSelection::of(kSha256, 1));
    CHECK(parse_pcr_selection(hex("00000001000b0401000001")).error().code == ErrorCode::malformed);
}

TEST_CASE("a PCR selection is refused with its reason") {
    struct Case {
        std::string_view hex;
        ErrorCode code;
        std::size_t offset;
    };
    const auto refused = GENERATE(
        Case{"00000002000b03010000000b03020000", ErrorCode::malformed, 10},  // bank twice
        Case{"00000001000b020100", ErrorCode::truncated, 4},  // two octets: below any bank's size
        Case{"00000001000b02010000", ErrorCode::malformed, 6},
        Case{"00000001000b050100000000", ErrorCode::malformed, 6},
        Case{"00000001000b00000000", ErrorCode::malformed, 6},
        Case{"00000001001203010000", ErrorCode::unsupported, 4},  // SM3
        Case{"00000011000b03010000", ErrorCode::limit, 4}, Case{"ffffffff000b03010000", ErrorCode::limit, 4},
        Case{"00000001000b0301000000", ErrorCode::malformed, 10});  // left over
    const auto parsed = parse_pcr_selection(hex(refused.hex));
    INFO(refused.hex);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == refused.code);
    CHECK(parsed.error().offset == refused.offset);
}

TEST_CASE("a PCR selection reads and writes as text") {
    const std::string text = GENERATE("sha256:0,1,7", "sha1:0+sha256:0,23", "sha256:", "sha384:5");
    CHECK(to_text(pcr_selection_from_text(text).value()) == text);
    CHECK(parse_pcr_selection(encode_pcr_selection(*pcr_selection_from_text(text))).value() ==
          *pcr_selection_from_text(text));
}

TEST_CASE("the index of a PCR is 0 to 23 in decimal, without a leading zero") {
    CHECK(pcr_index_from_text("0").value() == 0);
    CHECK(pcr_index_from_text("23").value() == 23);
    const std::string text =
        GENERATE("", "00", "01", "023", "24", "+1", "-1", " 1", "1 ", "0x1", "4294967296", "4294967297");
    INFO(text);
    const auto refused = pcr_index_from_text(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::malformed);
}

TEST_CASE("text that is no PCR selection is refused") {
    const std::string text =
        GENERATE("", "sha256", "sha256:24", "sha256:0,", "sha256:,0", "sha256: 0", "sha256:00", "sha256:+1",
                 "sha256:-1", "sha256:1,1", "sha256:0+sha256:1", "md5:0", "SHA256:0", "sha256:4294967296",
                 "sha256:0x1", "sha256:0+", "sha256:1-3");
    INFO(text);
    CHECK_FALSE(pcr_selection_from_text(text));
}

TEST_CASE("a selection covers another only with every one of its PCRs in the same bank") {
    const auto wide = pcr_selection_from_text("sha1:0+sha256:0,1,7").value();
    CHECK(wide.covers(pcr_selection_from_text("sha256:0,7").value()));
    CHECK(wide.covers(pcr_selection_from_text("sha256:0+sha1:0").value()));
    CHECK(wide.covers(pcr_selection_from_text("sha384:").value()));
    CHECK_FALSE(wide.covers(pcr_selection_from_text("sha1:1").value()));
    CHECK_FALSE(wide.covers(pcr_selection_from_text("sha256:2").value()));
    CHECK_FALSE(wide.covers(pcr_selection_from_text("sha384:0").value()));
    CHECK(pcr_selection_from_text("sha256:").value().selects_nothing());
    CHECK_FALSE(wide.selects_nothing());
    CHECK(wide.contains(kSha256, 7));
    CHECK_FALSE(wide.contains(kSha256, 31));
}

TEST_CASE("the PCR digest joins the values in the selection's order of banks, ascending within a bank") {
    PcrValues values;
    for (const unsigned index : {7U, 0U, 1U}) {
        REQUIRE(values.set(index, value(kSha256, index)));
        REQUIRE(values.set(index, value(kSha1, index)));
    }
    const auto sha256_first = pcr_selection_from_text("sha256:0,7+sha1:1").value();
    const auto expected =
        hash(kSha256, {value(kSha256, 0).view(), value(kSha256, 7).view(), value(kSha1, 1).view()});
    CHECK(pcr_digest(sha256_first, values, kSha256).value() == expected);
    const auto sha1_first = pcr_selection_from_text("sha1:1+sha256:0,7").value();
    CHECK(pcr_digest(sha1_first, values, kSha256).value() != expected);
    CHECK(pcr_digest(sha256_first, values, HashAlgorithm::sha384).value().algorithm() ==
          HashAlgorithm::sha384);
}

TEST_CASE("a PCR without a value is not taken for zero") {
    PcrValues values;
    REQUIRE(values.set(0, value(kSha256, 0)));
    CHECK(pcr_digest(PcrSelection::of(kSha256, 3), values, kSha256).error().code == ErrorCode::not_found);
    CHECK(pcr_digest(PcrSelection::of(kSha1, 1), values, kSha256).error().code == ErrorCode::not_found);
    CHECK_FALSE(values.set(24, value(kSha256, 0)));
    CHECK(values.find(kSha256, 24) == nullptr);
}
