#include "evidence/codec/json_writer.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace assay;
using nlohmann::json;

TEST_CASE("what is written is what nlohmann writes, on one line and laid out") {
    const std::map<std::string, int> counts{{"b", 1}, {"a", -2}};
    const std::vector<std::string> texts{"one", "two"};
    const Json made{{"text", "x"},
                    {"list", texts},
                    {"counts", counts},
                    {"none", nullptr},
                    {"empty", {"", ""}},
                    {"yes", true},
                    {"items", Json::array()},
                    {"members", Json::object()},
                    {"deep", {{{"a", 1}}, {{"b", {1, 2}}}}}};
    const json expected{{"text", "x"},
                        {"list", texts},
                        {"counts", counts},
                        {"none", nullptr},
                        {"empty", {"", ""}},
                        {"yes", true},
                        {"items", json::array()},
                        {"members", json::object()},
                        {"deep", {{{"a", 1}}, {{"b", {1, 2}}}}}};
    CHECK(made.dump() == expected.dump());
    for (const int step : {0, 1, 2}) CHECK(made.dump(step) == expected.dump(step));
}

TEST_CASE("a text is escaped, and what is not UTF-8 in it replaced") {
    for (const std::string text :
         {"\"\\/\b\f\n\r\t", "\x01\x1f\x7f", "\u00e9 \u20ac", "a\xff z", "\xe2\x82"}) {
        CHECK(Json(text).dump() == json(text).dump(-1, ' ', false, json::error_handler_t::replace));
        CHECK(Json{{text, 1}}.dump() == json{{text, 1}}.dump(-1, ' ', false, json::error_handler_t::replace));
    }
}

TEST_CASE("a member and an item are made where they are asked for") {
    Json made;
    CHECK(made.is_null());
    made["b"]["c"] = 1;
    made["a"].push_back({{"id", "x"}})["more"] = std::optional<int>();
    CHECK(made.dump() == R"({"a":[{"id":"x","more":null}],"b":{"c":1}})");
    CHECK(made.size() == 2);
    CHECK(Json().empty());
}

TEST_CASE("a document that is JSON already stands in another as it is, laid out with it") {
    const auto inner = R"({"a":[1,{"b":"\n"}],"e":{}})";
    const Json made{{"inner", Json::encoded(inner)}, {"n", 1}};
    CHECK(made.dump() == json{{"inner", json::parse(inner)}, {"n", 1}}.dump());
    CHECK(made.dump(2) == json{{"inner", json::parse(inner)}, {"n", 1}}.dump(2));
    CHECK(indented_json(inner, 2) == json::parse(inner).dump(2));
}
