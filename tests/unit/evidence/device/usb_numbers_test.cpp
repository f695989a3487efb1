#include "evidence/device/usb_numbers.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::usb;

TEST_CASE("the highest number of each bus is kept, wherever on it the device is") {
    Bytes highest;
    count_number(highest, "usb3", 1);
    count_number(highest, "1-4.2", 9);
    count_number(highest, "1-4", 5);
    CHECK(highest == Bytes{std::byte{9}, std::byte{0}, std::byte{1}});
}

TEST_CASE("what is no port or no device number counts nothing") {
    Bytes highest;
    for (const auto* path : {"", "usb", "usb0", "0-1", "65-1", "1x", "x-1", "-1", "99999999999999999999-1"})
        count_number(highest, path, 5);
    for (const std::uint64_t number : {0U, 128U, 1U << 20U}) count_number(highest, "1-1", number);
    CHECK(highest.empty());
    count_number(highest, "64-1", 127);
    CHECK(highest.size() == 64);
}

TEST_CASE("numbers are within others where no bus has a higher one") {
    const Bytes two{std::byte{4}, std::byte{1}};
    CHECK(is_within(two, two));
    CHECK(is_within({}, two));
    CHECK(is_within(Bytes{std::byte{3}}, two));
    CHECK(is_within(Bytes{std::byte{4}, std::byte{1}, std::byte{0}}, two));
    CHECK_FALSE(is_within(Bytes{std::byte{5}}, two));
    CHECK_FALSE(is_within(Bytes{std::byte{4}, std::byte{1}, std::byte{1}}, two));
}
