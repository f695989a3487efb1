// What makers ship that the profile does not say: read, and said.
#include <catch2/catch.hpp>

#include "tests/support/certificates/platform_certificate_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

namespace {

Bytes octets(std::string_view content) {
    return der_of(der::tag::kOctetString, {to_bytes(content)});
}
const Bytes kFourOctets = octets(std::string_view("\x03\0\0\0", 4));

/// A base of that configuration; `head` stands before the manufacturer of its first component.
PlatformSpec with_head(const PlatformWorld& world, unsigned configuration, std::optional<Bytes> head) {
    auto spec = world.base();
    spec.configuration = configuration;
    spec.components.front().before_manufacturer = std::move(head);
    return spec;
}

bool is_read(const PlatformWorld& world, const PlatformSpec& spec) {
    return PlatformCertificate::parse(spec.signed_by(world.issuer_key)).has_value();
}

}  // namespace

TEST_CASE("four octets before a component's manufacturer are its class, and a remark says so") {
    const PlatformWorld world;
    auto spec = with_head(world, 1, kFourOctets);
    const auto one = world.judged({spec});
    CHECK(one.trusted());
    CHECK(one.has(PlatformReasonKind::quirk_bare_class));
    REQUIRE(one.components.size() == 3);
    CHECK(one.components[0].class_value == 0x03000000U);
    CHECK(one.components[0].registry.empty());
    CHECK(one.components[0].manufacturer == "Samsung");
    CHECK(one.components[0].serial == "03A1B2C3");
    CHECK(component_text(one.components[0]) == "class 03000000, Samsung M393A4K40DB3-CWE, serial 03A1B2C3");
    CHECK_FALSE(one.components[1].class_value);

    for (auto& component : spec.components) component.before_manufacturer = kFourOctets;
    CHECK(world.certificate(spec).quirks == std::vector{PlatformReasonKind::quirk_bare_class});
}

TEST_CASE("a component of configuration 1 without a class is no quirk") {
    const PlatformWorld world;
    CHECK(world.certificate(with_head(world, 1, std::nullopt)).quirks.empty());
}

TEST_CASE("a class of other than four octets, two of them, or one elsewhere refuses the certificate") {
    const PlatformWorld world;
    REQUIRE(is_read(world, with_head(world, 1, kFourOctets)));
    for (const auto* size : {"", "123", "12345"})
        CHECK_FALSE(is_read(world, with_head(world, 1, octets(size))));
    auto twice = kFourOctets;
    twice.insert(twice.end(), kFourOctets.begin(), kFourOctets.end());
    CHECK_FALSE(is_read(world, with_head(world, 1, twice)));
    CHECK_FALSE(is_read(world, with_head(world, 1, der_number(3))));
    // Where the profile has a class, one without its registry says nothing.
    CHECK_FALSE(is_read(world, with_head(world, 2, kFourOctets)));
    CHECK_FALSE(is_read(world, with_head(world, 3, kFourOctets)));
    // Configuration 1 with the class of configuration 2.
    CHECK_FALSE(is_read(
        world, with_head(world, 1, der_of(der::tag::kSequence, {der_oid("2.23.133.18.3.1"), kFourOctets}))));
}
