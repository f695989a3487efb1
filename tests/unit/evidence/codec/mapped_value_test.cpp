#include "evidence/codec/mapped_value.h"

#include <catch2/catch.hpp>

using namespace assay;

namespace {

using Texts = std::vector<std::string>;

Result<MappedTexts> at(std::string_view document, std::string_view path) {
    const JsonReader in(document, {.open = true});
    return mapped_texts(in, path);
}

std::string refused_at(std::string_view document, std::string_view path) {
    const auto found = at(document, path);
    return found ? "taken" : found.error().context;
}

}  // namespace

TEST_CASE("a path names a text, a number, a flag, a reference or nothing at all") {
    CHECK(at(R"({"a": {"b": "x"}})", "a.b")->texts == Texts{"x"});
    CHECK(at(R"({"a": 8939010102358478435})", "a")->texts == Texts{"8939010102358478435"});
    CHECK(at(R"({"a": true})", "a")->texts == Texts{"true"});
    CHECK(at(R"({"a": {"value": "46e8", "link": "https://x"}})", "a")->texts == Texts{"46e8"});
    CHECK(at(R"({"a": {"display_value": "Scheduled", "value": -2}})", "a")->texts == Texts{"-2"});
    CHECK(at(R"({"a.b": "whole", "a": {"b": "led to"}})", "a.b")->texts == Texts{"whole"});
    for (const auto* nothing :
         {R"({})", R"({"a": null})", R"({"a": ""})", R"({"a": {}})", R"({"a": {"b": null}})",
          R"({"a": {"b": {"value": null}}})", R"({"a": {"b": ""}})"}) {
        INFO(nothing);
        CHECK(at(nothing, "a.b")->texts.empty());
    }
    CHECK(at(R"({"a": "x"})", "")->texts.empty());
}

TEST_CASE("a list is its items, each by the rest of the path, and an empty one is a list too") {
    CHECK(at(R"({"a": ["x", 7]})", "a")->texts == Texts{"x", "7"});
    CHECK(at(R"({"a": [{"value": "x"}, {"value": "y"}]})", "a")->texts == Texts{"x", "y"});
    CHECK(at(R"({"a": [{"id": "x"}, {"id": {"value": "y"}}]})", "a.id")->texts == Texts{"x", "y"});
    const auto none = at(R"({"a": []})", "a");
    CHECK(none->texts.empty());
    CHECK(none->list);
    CHECK_FALSE(at(R"({"a": "x"})", "a")->list);
}

TEST_CASE("what cannot be one of these is refused with its place, never left out") {
    CHECK(refused_at(R"({"a": {"display_value": "Bow", "link": "https://x"}})", "a").find("\"value\"") !=
          std::string::npos);
    CHECK(refused_at(R"({"a": {"b": {}}})", "a.b").starts_with("a.b: expected"));
    CHECK(refused_at(R"({"a": {"value": ["x"]}})", "a") != "taken");
    CHECK(refused_at(R"({"a": [["x"]]})", "a") != "taken");
    CHECK(refused_at(R"({"a": ["x", null]})", "a") != "taken");
    CHECK(refused_at(R"({"a": ["x", {"id": "y"}]})", "a.id") != "taken");
    CHECK(refused_at(R"({"a": [{"id": "x"}, {"name": "y"}]})", "a.id") != "taken");
    CHECK(refused_at(R"({"a": "x"})", "a.b").find("an object with \"b\"") != std::string::npos);
    CHECK(refused_at(R"(["x"])", "a") != "taken");
    const JsonReader list(R"({"a": ["x"]})", {.open = true});
    CHECK(mapped_text(list, "a").error().context == "a: expected one text, got a list of 1");
}
