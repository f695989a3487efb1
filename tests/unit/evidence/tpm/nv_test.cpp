#include "evidence/tpm/nv.h"

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/tpm/journal_index.h"

using namespace assay;
using namespace assay::tcg;

namespace {

NvCertification certification() {
    NvCertification out;
    out.qualified_signer = Bytes(34, std::byte{1});
    out.extra_data = Bytes(32, std::byte{2});
    out.clock_info = {.clock_ms = 5, .reset_count = 6, .restart_count = 7, .safe = true};
    out.firmware_version = 8;
    out.index_name = written_name(kJournalCounterIndex);
    out.contents = Bytes(8, std::byte{9});
    return out;
}

}  // namespace

TEST_CASE("a certification of an NV index is read as it was written") {
    const auto parsed = parse_nv_certification(encode_nv_certification(certification()));
    REQUIRE(parsed);
    CHECK(*parsed == certification());
}

TEST_CASE("a certification of an NV index that is cut anywhere, or longer, is refused") {
    auto bytes = encode_nv_certification(certification());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(parse_nv_certification(ByteView(bytes).first(size)));
    bytes.push_back(std::byte{0});
    CHECK_FALSE(parse_nv_certification(bytes));
}

TEST_CASE("another attestation, and what no TPM made, is refused by its name") {
    const auto quote =
        parse_nv_certification(encode_nv_certification(certification(), kTpmGenerated, kAttestQuote));
    REQUIRE_FALSE(quote);
    CHECK(quote.error().context.find("TPM_ST_ATTEST_QUOTE") != std::string::npos);
    CHECK_FALSE(parse_nv_certification(encode_nv_certification(certification(), 1)));
}

TEST_CASE("the Name of an index changes with whatever the index is") {
    const auto name = nv_name(kJournalValueIndex);
    auto other = kJournalValueIndex;
    SECTION("its handle") {
        other.index += 1;
    }
    SECTION("its type") {
        other.attributes ^= kNvExtend ^ kNvCounter;
    }
    SECTION("whether it was written to") {
        other.attributes |= kNvWritten;
    }
    SECTION("its size") {
        other.size += 1;
    }
    SECTION("its algorithm") {
        other.name_algorithm = HashAlgorithm::sha384;
    }
    CHECK(nv_name(other) != name);
}
