#include "evidence/base/bounded_cache.h"

#include <string>

#include <catch2/catch.hpp>

using namespace assay;

namespace {

using Cache = BoundedCache<std::string, int>;

}  // namespace

TEST_CASE("a cache takes no more bytes than its bound, and the oldest go first") {
    Cache cache({.bytes = 10});
    for (int i = 0; i < 50; ++i) {
        cache.add(std::to_string(i), i, 3);
        CHECK(cache.bytes() <= 10);
    }
    CHECK(cache.bytes() == 9);
    CHECK(cache.find("46") == nullptr);
    REQUIRE(cache.find("47") != nullptr);
    CHECK(*cache.find("49") == 49);
    cache.clear();
    CHECK(cache.bytes() == 0);
    CHECK(cache.find("49") == nullptr);
}

TEST_CASE("a cache takes no greater number than its bound, whatever each is charged") {
    Cache cache({.entries = 2});
    for (int i = 0; i < 4; ++i) cache.add(std::to_string(i), i);
    CHECK(cache.find("1") == nullptr);
    CHECK(cache.find("2") != nullptr);
    CHECK(cache.find("3") != nullptr);
}

TEST_CASE("what is larger than the bound is not kept, and drives out nothing") {
    Cache cache({.bytes = 10});
    cache.add("small", 1, 10);
    cache.add("large", 2, 11);
    CHECK(cache.find("small") != nullptr);
    CHECK(cache.find("large") == nullptr);
}

TEST_CASE("the same key again takes the old one's place, and its charge") {
    Cache cache({.bytes = 10});
    cache.add("a", 1, 4);
    cache.add("b", 2, 4);
    cache.add("a", 3, 6);
    CHECK(cache.bytes() == 10);
    CHECK(*cache.find("a") == 3);
    cache.add("c", 4, 1);  // the oldest is still "a"
    CHECK(cache.find("a") == nullptr);
    CHECK(cache.find("b") != nullptr);
}
