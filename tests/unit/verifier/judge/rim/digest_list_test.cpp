#include "verifier/judge/rim/digest_list.h"

#include <catch2/catch.hpp>

using namespace assay;
using Catch::Matchers::Contains;

namespace {

const std::string kA(64, 'a');
const std::string kB(96, 'b');

Result<rim::Rim> read(const std::string& text) {
    return rim::read_digest_list(as_view(text), "list");
}

std::string list_refusal(const std::string& text) {
    const auto list = read(text);
    REQUIRE_FALSE(list);
    return list.error().context;
}

}  // namespace

TEST_CASE("lines as sha256sum writes them are files, and nobody signed them") {
    const auto list = read("# kernels\n\n" + kA + "  boot/vmlinuz-6.1.0-28\r\n" + kB +
                           " *initrd img\nSHA256 (a (b) = c) = " + kA + "\n");
    REQUIRE(list);
    CHECK(list->format == rim::RimFormat::digest_list);
    CHECK_FALSE(list->signer);
    REQUIRE(list->values.size() == 3);
    CHECK(list->values[0].kind == rim::RimValueKind::file);
    CHECK(list->values[0].path == "boot/vmlinuz-6.1.0-28");
    CHECK(list->values[0].place == "line 3");
    CHECK(list->values[1].digests.front().algorithm() == HashAlgorithm::sha384);
    CHECK(list->values[1].path == "initrd img");
    CHECK(list->values[2].path == "a (b) = c");
}

TEST_CASE("CSV rows with a PCR are events, without one files") {
    const auto list =
        read("algorithm,digest,name,pcr\nsha256," + kA + ",shim,4\nsha384," + kB + ",\"a, b\",\n");
    REQUIRE(list);
    REQUIRE(list->values.size() == 2);
    CHECK(list->values[0].kind == rim::RimValueKind::event);
    CHECK(list->values[0].pcr == 4U);
    CHECK(list->values[1].kind == rim::RimValueKind::file);
    CHECK(list->values[1].path == "a, b");
    CHECK(read("algorithm,digest,name\nsha256," + kA + ",x\n"));
}

TEST_CASE("SHA-1 and MD5 are no reference") {
    CHECK_THAT(list_refusal(std::string(40, 'a') + "  x\n"), Contains("line 1") && Contains("SHA-1"));
    CHECK_THAT(list_refusal(std::string(32, 'a') + "  x\n"), Contains("MD5"));
    CHECK_THAT(list_refusal("algorithm,digest,name\nsha1," + std::string(40, 'a') + ",x\n"),
               Contains("line 2"));
}

TEST_CASE("what is no list is refused with its line") {
    CHECK_THAT(list_refusal(kA + "  x\nhello\n"), Contains("line 2"));
    CHECK_THAT(list_refusal(kA + " x\n"), Contains("line 1"));
    CHECK_THAT(list_refusal("SHA256 (x) = " + kB + "\n"), Contains("64 hex digits"));
    CHECK_THAT(list_refusal("SHA256 (x\n"), Contains("line 1"));
    CHECK_THAT(list_refusal("\\" + kA + "  a\\nb\n"), Contains("escaped"));
    CHECK_THAT(list_refusal("algorithm,digest\nsha256," + kA + "\n"), Contains("first row"));
    CHECK_THAT(list_refusal("algorithm,digest,name,pcr\nsha256," + kA + ",x,24\n"), Contains("0 to 23"));
    CHECK_THAT(list_refusal("algorithm,digest,name\nmd5,00,x\n"), Contains("md5"));
    CHECK_THAT(list_refusal("algorithm,digest,name\nsha256," + kA + ",\n"), Contains("no name"));
    CHECK_THAT(list_refusal("# nothing\n"), Contains("no digest"));
    CHECK_THAT(list_refusal("\xff\xfe"), Contains("UTF-8"));
}

TEST_CASE("a PCR of a digest list is a number from 0 to 23, with leading zeros as spreadsheets write them") {
    const auto row = [](const std::string& pcr) { return "sha256," + kA + ",shim," + pcr + "\n"; };
    const auto list = read("algorithm,digest,name,pcr\n" + row("0") + row("007") + row("00") + row("23"));
    REQUIRE(list);
    REQUIRE(list->values.size() == 4);
    CHECK(list->values[0].pcr == 0U);
    CHECK(list->values[1].pcr == 7U);
    CHECK(list->values[2].pcr == 0U);
    CHECK(list->values[3].pcr == 23U);
    for (const auto* text : {"024", "+7", "-7", "7x", "x", "4294967296"}) {
        INFO(text);
        CHECK_THAT(list_refusal("algorithm,digest,name,pcr\n" + row(text)), Contains("0 to 23"));
    }
}
