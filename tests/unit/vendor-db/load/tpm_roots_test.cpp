#include "vendor-db/load/tpm_roots.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

namespace assay::vendors {
namespace {

const std::string kDigest(64, 'a');

std::string pin(const std::string& digest = kDigest, const std::string& more = "") {
    return "[[root]]\nsha256 = \"" + digest +
           "\"\nvendor = \"Maker\"\nsubject = \"CN=Root\"\nnot_before = 2020-01-01\nnot_after = 2040-01-01\n"
           "sources = [\"https://example.com/roots\"]\n" +
           more;
}

std::string refusal(const std::string& text) {
    const auto pins = parse_tpm_root_pins("pins.toml", text);
    return pins ? "" : describe(pins.error());
}

TEST_CASE("a pin is its digest, with facts about the certificate") {
    const auto pins = parse_tpm_root_pins("pins.toml", pin(kDigest, "manufacturers = [\"id:4E544300\"]\n"));
    REQUIRE(pins);
    REQUIRE(pins->size() == 1);
    CHECK(pins->front().sha256.hex() == kDigest);
    CHECK(pins->front().not_before == 1'577'836'800);
    CHECK(pins->front().manufacturers == std::vector<std::string>{"id:4E544300"});
    CHECK(pins->front().where == "pins.toml:1");
    CHECK(parse_tpm_root_pins("pins.toml", "")->empty());
}

TEST_CASE("a pin that does not say what it must is refused at its line") {
    CHECK_THAT(refusal(pin(std::string(63, 'a'))),
               Catch::Contains("pins.toml:2") && Catch::Contains("SHA-256"));
    CHECK_THAT(refusal(pin(std::string(62, 'a'))), Catch::Contains("SHA-256"));
    CHECK_THAT(refusal(pin() + pin()), Catch::Contains("pins.toml:1") && Catch::Contains("already"));
    CHECK_THAT(refusal(pin(kDigest, "trusted = true\n")), Catch::Contains("trusted"));
    CHECK_THAT(refusal(pin(kDigest, "manufacturers = [\"Nuvoton\"]\n")), Catch::Contains("id:4E544300"));
    CHECK_THAT(refusal(pin(kDigest, "manufacturers = [\"id:4e544300\"]\n")), Catch::Contains("id:4E544300"));
    std::string swapped = pin();
    swapped.replace(swapped.find("2040"), 4, "2019");
    CHECK_THAT(refusal(swapped), Catch::Contains("not_before"));
    for (const auto* key : {"vendor", "subject", "not_before", "not_after", "sources"}) {
        std::string without = pin();
        const auto at = without.find(std::string("\n") + key);
        without.erase(at, without.find('\n', at + 1) - at);
        INFO(key);
        CHECK_THAT(refusal(without), Catch::Contains(key));
    }
}

TEST_CASE("the pins that ship can be read, and each has at least two sources") {
    std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/vendor-db/tpm-roots/pins.toml");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto pins = parse_tpm_root_pins("pins.toml", text);
    INFO((pins ? "" : describe(pins.error())));
    REQUIRE(pins);
    CHECK(pins->size() >= 30);
    CHECK(std::ranges::all_of(*pins, [](const auto& each) { return each.sources.size() >= 2; }));
}

}  // namespace
}  // namespace assay::vendors
