#include "verifier/judge/rim/corim_kin.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/corim_builder.h"
#include "tests/support/builders/rim_signers.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "verifier/judge/rim/read_rim.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

Encoded coserv(bool answered) {
    std::vector<std::pair<std::int64_t, Encoded>> entries{{0, cbor::text("tag:example.com,2026:profile")},
                                                          {1, cbor_map({{0, cbor::unsigned_integer(2)},
                                                                        {1, cbor_map({{0, cbor::array({})}})},
                                                                        {2, cbor::unsigned_integer(1)}})}};
    if (answered) entries.emplace_back(2, cbor_map({{0, cbor::array({})}}));
    return cbor_map(entries);
}

std::string told(const Bytes& bytes) {
    const auto read =
        rim::read_rim({"maker.cbor", bytes}, {}, {.at_unix_time = kRimTime, .allow_unsigned = true});
    if (read) return "read";
    CHECK(read.error().code == ErrorCode::unsupported);
    return read.error().context;
}

}  // namespace

TEST_CASE("a CoMID on its own is told as one, with its tag and without, and what to give instead") {
    CorimBuilder corim;
    for (const auto& bytes :
         {corim.comid(), cbor_tag(506, corim.comid()), cbor_tag(506, cbor::bytes(corim.comid()))}) {
        CHECK_THAT(told(bytes), StartsWith("maker.cbor: a CoMID") && Contains("expected the CoRIM"));
    }
    // The twin: the CoRIM that carries the same tag is read.
    CHECK(told(corim.unsigned_corim()) == "read");
}

TEST_CASE("a CoSERV file is told as the query, result or discovery document that it is") {
    CHECK_THAT(told(coserv(false)), Contains("a CoSERV query"));
    CHECK_THAT(told(coserv(true)), Contains("a CoSERV result"));
    const auto discovery = cbor_map(
        {{1, cbor::text("1.2")}, {2, cbor::array({cbor_map({{1, cbor::text("application/coserv+cbor")}})})}});
    CHECK_THAT(told(discovery), Contains("a CoSERV discovery document"));
}

TEST_CASE("the rest of the family is told by its tag, and a bare CoRIM by its keys") {
    CHECK_THAT(told(cbor_tag(505, cbor_map({{0, cbor::text("t")}}))), Contains("a CoSWID"));
    CHECK_THAT(
        told(cbor_map({{0, cbor::text("t")}, {1, cbor::text("shim")}, {12, cbor::unsigned_integer(0)}})),
        Contains("a CoSWID"));
    CHECK_THAT(told(cbor_tag(508, cbor_map({{0, cbor::text("t")}}))), Contains("a CoTL"));
    CHECK_THAT(told(cbor_tag(571, cbor_map({{0, cbor::text("t")}}))), Contains("concise evidence"));
    CHECK_THAT(told(CorimBuilder().corim_map()), Contains("a CoRIM without its tag (501)"));
}

TEST_CASE("inside a CoRIM's tag too, what is no CoRIM is told as what it is") {
    CHECK_THAT(told(cbor_tag(501, coserv(true))), Contains("a CoSERV result"));
    CHECK_THAT(told(cbor_tag(501, CorimBuilder().comid())), Contains("a CoMID"));
}

TEST_CASE("other CBOR is told as that, and text and noise are no CBOR") {
    CHECK_THAT(told(cbor_map({{1, cbor::unsigned_integer(2)}, {3, cbor::integer(-7)}})),
               Contains("CBOR, and nothing of CoRIM's family"));
    CHECK_FALSE(rim::corim_kin_of_file({}));
    CHECK_FALSE(rim::corim_kin_of_file(as_view("# a list\n")));
    CHECK_FALSE(rim::corim_kin_of_file(as_view(std::string(64, 'a') + "  shim")));
    auto cut = coserv(true);
    cut.pop_back();
    CHECK_FALSE(rim::corim_kin_of_file(cut));
    CHECK_FALSE(rim::corim_kin_of_file(Bytes(1, std::byte{0xd9})));
    CHECK_FALSE(rim::corim_kin_of_file(CorimBuilder().unsigned_corim()));
    CHECK_FALSE(rim::corim_kin_of_file(Bytes(64, std::byte{0xa1})));  // a map in a map in a map
}

TEST_CASE("each CoMID and CoSERV file of the collection is told as what its name says") {
    const auto folder = corpus::folder("rim") / "veraison-corim";
    if (!std::filesystem::exists(folder)) ASSAY_SKIP("no corpus of manifests");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        if (!name.ends_with(".cbor")) continue;
        const auto kin = rim::corim_kin_of_file(corpus::read(entry.path()));
        INFO(name << ": " << kin.value_or("nothing"));
        if (name.starts_with("comid_")) CHECK_THAT(kin.value_or(""), StartsWith("a CoMID"));
        if (name.starts_with("coserv_") && name != "coserv_sample_key.cbor")
            CHECK_THAT(kin.value_or(""), StartsWith("a CoSERV"));
        if (name.starts_with("coev_")) CHECK_THAT(kin.value_or(""), StartsWith("concise evidence"));
        if (name.starts_with("corim_") && name.find("signed") != std::string::npos) CHECK_FALSE(kin);
        ++files;
    }
    CHECK(files > 20);
}
