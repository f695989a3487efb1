#include "client/url.h"

#include <catch2/catch.hpp>

using namespace assay;
using assay::client::percent_encoded;

TEST_CASE("a host's name is one segment of a path or one value of a query, whatever it holds") {
    CHECK(percent_encoded("rack-7.site_1~x") == "rack-7.site_1~x");
    CHECK(percent_encoded("../a?b=c&d#e f+g\n") == "..%2Fa%3Fb%3Dc%26d%23e%20f%2Bg%0A");
    CHECK(percent_encoded("\xc3\xa9") == "%C3%A9");
    CHECK(percent_encoded(std::string_view("a\0b", 3)) == "a%00b");
    CHECK(percent_encoded(std::string_view("abc").substr(0, 0)).empty());
    CHECK(percent_encoded(std::string_view("abc").substr(0, 1)) == "a");
}

TEST_CASE("an address with colons stands in brackets in a URL, once, and nothing else does") {
    CHECK(client::https_url("::1", 18443) == "https://[::1]:18443");
    CHECK(client::https_url("2001:db8::7", 8443) == "https://[2001:db8::7]:8443");
    CHECK(client::https_url("[::1]", 8443) == "https://[::1]:8443");
    CHECK(client::https_url("::ffff:192.0.2.1", 8443) == "https://[::ffff:192.0.2.1]:8443");
    CHECK(client::https_url("192.0.2.1", 8443) == "https://192.0.2.1:8443");
    CHECK(client::https_url("verifier.example", 443) == "https://verifier.example:443");
    CHECK(client::authority("::", 0) == "[::]:0");
}
