#include "verifier/judge/appraisal/policy/proposal.h"

#include <catch2/catch.hpp>

#include "evidence/codec/cbor.h"

using namespace assay;
using namespace assay::judge;

TEST_CASE("a proposal is read as it was written, and one that lacks a key is refused") {
    Proposal proposal;
    proposal.policies.push_back({"policies/strict.toml", "name = \"strict\"\n"});
    const auto bytes = encode_proposal(proposal);
    const auto read = decode_proposal(bytes);
    REQUIRE(read);
    CHECK(encode_proposal(*read) == bytes);

    const auto no_files = cbor::array({});
    for (const auto& lacking :
         {cbor::map({}), cbor::map({{"v", cbor::unsigned_integer(1)}}),
          cbor::map({{"bundle", cbor::bytes({})}, {"policies", no_files}, {"references", no_files}}),
          cbor::map({{"v", cbor::unsigned_integer(1)},
                     {"bundle", cbor::bytes({})},
                     {"policies", cbor::array({cbor::map({{"name", cbor::text("no text")}})})},
                     {"references", no_files}})}) {
        const auto refused = decode_proposal(lacking);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::malformed);
    }
}
