#include "evidence/codec/json_door.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace assay;

TEST_CASE("JSON comes in whole and once, or not at all") {
    CHECK(*parse_json(R"({"a":[1,"x",null]})") == nlohmann::json::parse(R"({"a":[1,"x",null]})"));
    for (const std::string bad : {"", "{", "{} x", "{}{}", "[1,]", "{\"a\":1,\"a\":2}", "// c\n{}",
                                  "\"\xff\"", "NaN", "'a'", "{a:1}"}) {
        INFO(bad);
        CHECK(parse_json(bad).error().code == ErrorCode::malformed);
    }
    CHECK(parse_json(R"({"a":{"b":1,"c":{"b":2}}})"));  // one key in two objects
    CHECK_FALSE(parse_json(R"([{"b":1,"b":2}])"));
}

TEST_CASE("JSON has limits of size, depth and count") {
    CHECK(parse_json(std::string(10, ' ') + "1", {.bytes = 11}));
    CHECK(parse_json(std::string(11, ' ') + "1", {.bytes = 11}).error().code == ErrorCode::limit);
    CHECK(parse_json("[[1]]", {.depth = 3}));
    CHECK(parse_json("[[[[1]]]]", {.depth = 3}).error().code == ErrorCode::limit);
    CHECK(parse_json("[1,2,3]", {.values = 10}));
    CHECK(parse_json("[1,2,3,4,5,6,7,8,9,10]", {.values = 10}).error().code == ErrorCode::limit);
    CHECK_FALSE(parse_json(std::string(100'000, '[')));
}
