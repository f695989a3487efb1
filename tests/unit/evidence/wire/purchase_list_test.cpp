#include "evidence/wire/purchase_list.h"

#include <catch2/catch.hpp>

#include "evidence/codec/csv.h"

using namespace assay;

namespace {

const std::string kDigest(64, 'a');
const std::string kOther(64, 'b');

std::string list(const std::string& rows) {
    return "host,site,rack,unit,tpm_digest,chassis_serial\n" + rows;
}

std::string refusal(const std::string& text) {
    const auto parsed = parse_purchase_list(text);
    return parsed ? "accepted" : parsed.error().context;
}

}  // namespace

TEST_CASE("a purchase list names each host with its place, TPM and chassis") {
    const auto hosts =
        parse_purchase_list(list("rack-7,berlin,r12,7," + kDigest + ",CZ1\n\"rack-8\",,,," + kOther + ",\n"));
    REQUIRE(hosts);
    REQUIRE(*hosts == std::vector<PurchasedHost>{{2, "rack-7", "berlin", "r12", "7", kDigest, "CZ1"},
                                                 {3, "rack-8", "", "", "", kOther, ""}});
}

TEST_CASE("a list as a spreadsheet saves it is read: byte order mark, CRLF, colons, upper case, any order") {
    std::string colons;
    for (int i = 0; i < 32; ++i) colons += i == 0 ? "AA" : ":AA";
    const auto hosts =
        parse_purchase_list("\xef\xbb\xbftpm_digest,host\r\n# a remark\r\n\r\n " + colons + " ,rack-7");
    REQUIRE(hosts);
    REQUIRE(hosts->front().tpm_digest == kDigest);
    REQUIRE(hosts->front().host == "rack-7");
    REQUIRE(hosts->front().line == 4);
}

TEST_CASE("what is wrong in a purchase list is said with its line and what is wanted") {
    const auto says = [](const std::string& text, const std::string& line, const std::string& what) {
        const auto said = refusal(text);
        INFO(said);
        return said.starts_with(line) && said.find(what) != std::string::npos;
    };
    REQUIRE(says("", "line 1:", "column names"));
    REQUIRE(says(list(""), "line 1:", "a host a line"));
    REQUIRE(says("host,ek\na,b\n", "line 1:", "'ek' is not known"));
    REQUIRE(says("host,host,tpm_digest\na,b,c\n", "line 1:", "twice"));
    REQUIRE(says("host,rack\na,b\n", "line 1:", "'tpm_digest' is missing"));
    REQUIRE(says(list("rack-7,,,," + kDigest + "\n"), "line 2:", "5 fields"));
    REQUIRE(says(list("Rack 7,,,," + kDigest + ",\n"), "line 2:", "got 'Rack 7'"));
    REQUIRE(says(list("rack-7,,,," + kDigest.substr(1) + ",\n"), "line 2:", "64 hex digits"));
    REQUIRE(says(list("rack-7,,,," + kDigest + "a,\n"), "line 2:", "64 hex digits"));
    REQUIRE(says(list("rack-7,,,,,\n"), "line 2:", "tpm_digest"));
    REQUIRE(says(list("rack-7,,,," + kDigest + ",\nrack-7,,,," + kOther + ",\n"),
                 "line 3:", "in line 2 already"));
    REQUIRE(
        says(list("rack-7,,,," + kDigest + ",\nrack-8,,,," + kDigest + ",\n"), "line 3:", "that of line 2"));
    REQUIRE(says(list("rack-7,,,," + kDigest + ",\"open\n"), "line 2:", "no end"));
    REQUIRE(says(list("rack-7,,,," + kDigest + ",\"a\"b\n"), "line 2:", "behind a quoted field"));
    REQUIRE(says(list("rack-7,,,," + kDigest + ",a\"b\n"), "line 2:", "within a field"));
    REQUIRE(says(list("rack-7,,,," + kDigest + ",a\x1b[2Jb\n"), "line 2:", "control characters"));
}

TEST_CASE("a serial number that a spreadsheet turned into a number is refused with the remedy") {
    for (const auto* number : {"8.93901E+18", "8,93901E+18", "8.93901010235848E+018"}) {
        const auto said = refusal(list("rack-7,berlin,r12,7," + kDigest + ",\"" + number + "\"\n"));
        INFO(said);
        CHECK(said.starts_with("line 2: chassis_serial: expected what was written"));
        CHECK(said.find(number) != std::string::npos);
        CHECK(said.find("Format the column as text") != std::string::npos);
    }
    CHECK(refusal(list("rack-7,berlin,1E+05,7," + kDigest + ",S\n")).starts_with("line 2: rack:"));
    for (const auto* serial : {"8939010102358478435", "893E16", "E+18", "8939E+1Z"})
        CHECK(refusal(list("rack-7,berlin,r12,7," + kDigest + "," + serial + "\n")) == "accepted");
}

TEST_CASE("a field that was written on two lines is one field, and lines are counted on") {
    const auto hosts = parse_purchase_list(
        list("rack-7,\"berlin\r\nhall 2\",r12,7," + kDigest + ",\nrack-8,,,," + kOther + ",\n"));
    REQUIRE(hosts);
    CHECK(hosts->at(0).site == "berlin hall 2");
    CHECK(hosts->at(1).line == 4);
}

TEST_CASE("a table larger than its limits is refused before it is stored") {
    REQUIRE(parse_csv("a,b,c", {.columns = 2}).error().code == ErrorCode::limit);
    REQUIRE(parse_csv("a\nb\nc\n", {.rows = 2}).error().code == ErrorCode::limit);
    REQUIRE(parse_csv("abc", {.field = 2}).error().code == ErrorCode::limit);
    REQUIRE(parse_csv("abc", {.bytes = 2}).error().code == ErrorCode::limit);
    REQUIRE(parse_csv("a,b\n", {.bytes = 4, .rows = 1, .columns = 2, .field = 1}));
}
