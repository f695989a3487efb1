#include "verifier/judge/rim/read_rim.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/corim_builder.h"
#include "tests/support/builders/rim_builder.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("a manifest's format is told by its first bytes") {
    using rim::format_of;
    CorimBuilder corim;
    CHECK(format_of(as_view(SwidBuilder().unsigned_xml())) == rim::RimFormat::pc_client);
    CHECK(format_of(as_view("\xef\xbb\xbf\n <a/>")) == rim::RimFormat::pc_client);
    CHECK(format_of(corim.unsigned_corim()) == rim::RimFormat::corim);
    CHECK(format_of(corim.sealed(Bytes(64))) == rim::RimFormat::corim);
    CHECK(format_of(cbor_tag(502, corim.sealed(Bytes(64)))) == rim::RimFormat::corim);
    CHECK(format_of(as_view(std::string(64, 'a') + "  x")) == rim::RimFormat::digest_list);
    CHECK(format_of({}) == rim::RimFormat::digest_list);
}

TEST_CASE("an error names the manifest's file") {
    const auto read = rim::read_rim({"maker\n.swidtag", as_view("<a>")}, {}, {});
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Catch::Matchers::StartsWith("maker\\n.swidtag: line 1: "));
}

TEST_CASE("which manifest it is can be told of one that has expired, whoever signed it") {
    SwidBuilder swid;
    swid.tag_version = "7";
    const auto tag = swid.unsigned_xml();
    const auto identity = rim::identity_of({"old.swidtag", as_view(tag)});
    REQUIRE(identity);
    CHECK(identity->tag_id == swid.tag_id);
    CHECK(identity->tag_version == 7);
    CorimBuilder corim;
    corim.not_after = 1;
    const auto bytes = corim.sealed(Bytes(64));
    CHECK(rim::identity_of({"old.corim", bytes})->tag_version == 3);
    CHECK(rim::identity_of({"old.corim", bytes})->tag_id == "example corim");
    const auto list = rim::identity_of({"list", as_view("aa  x")});
    REQUIRE_FALSE(list);
    CHECK(list.error().code == ErrorCode::unsupported);
}
