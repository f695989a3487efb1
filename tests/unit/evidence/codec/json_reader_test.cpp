#include "evidence/codec/json_reader.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace assay;

namespace {

std::string complaint(std::string_view text, const std::function<void(JsonReader&)>& read,
                      JsonForm form = {}) {
    JsonReader in(text, form);
    read(in);
    const auto done = in.finish();
    return done ? "read" : done.error().context;
}

}  // namespace

TEST_CASE("a reader gives what the document says") {
    JsonReader in(
        R"({"t":"a","n":-3,"c":7,"f":true,"l":["x","y"],"w":"up","h":"0aff","b":"AAE","o":{"k":"v"},"m":{"p":1,"q":2}})");
    CHECK(in.text("t") == "a");
    CHECK(in.integer("n") == -3);
    CHECK(in.count("c") == 7);
    CHECK(in.flag("f"));
    CHECK(in.texts_or_none("l") == std::vector<std::string>{"x", "y"});
    CHECK(in.word("w", {"up", "down"}) == "up");
    CHECK(in.hex_or_none("h", 2) == "0aff");
    CHECK(in.bytes("b", 2) == Bytes{std::byte{0}, std::byte{1}});
    std::string seen;
    CHECK(in.object("o", [&](JsonReader& o) { seen = o.text("k"); }));
    in.members("m", [&](const std::string& name, JsonReader& value) {
        seen += name + std::to_string(value.integer(""));
    });
    CHECK(seen == "vp1q2");
    CHECK(in.text_or("absent", "other") == "other");
    CHECK_FALSE(in.maybe_integer("absent", 0, 1));
    CHECK(in.finish());
}

TEST_CASE(
    "a complaint of JSON names the document, the place as a pointer, what is expected and what was got") {
    const auto nested = [](JsonReader& in) {
        in.each("list", [](JsonReader& item) {
            item.object("inner", [](JsonReader& inner) { inner.integer("n", 0, 9); });
        });
    };
    CHECK(complaint(R"({"list":[{"inner":{"n":1}},{"inner":{"n":10}}]})", nested, {.name = "answer"}) ==
          "answer/list/1/inner/n: expected an integer from 0 to 9, got 10");
    CHECK(complaint(R"({"list":[{"inner":5}]})", nested) == "/list/0/inner: expected an object, got 5");
    CHECK(complaint(R"({"list":[{"inner":{}}]})", nested) == "/list/0/inner: the member \"n\" is missing");
    CHECK(complaint(R"({"list":[{"inner":{"n":1,"m":2}}]})", nested) ==
          "/list/0/inner: the member \"m\" is not known; members here: n");
    CHECK(complaint("[]", nested, {.name = "answer"}) == "answer: expected an object, got []");
    CHECK(complaint("{", nested, {.name = "answer"}).starts_with("answer: JSON"));
    CHECK(complaint(R"({"list":[],"list":[]})", nested) == "JSON key 'list' twice");
}

TEST_CASE("the first complaint stays, and what is read after it is a default") {
    JsonReader in(R"({"a":1,"b":"b"})", {.name = "x"});
    CHECK(in.text("a").empty());
    CHECK(in.text("b").empty());
    in.wrong("b", "nothing at all");
    CHECK(in.failed());
    CHECK(in.finish().error().context == "x/a: expected a text of 1 to 1024 bytes, got 1");
}

TEST_CASE("numbers keep their sign and their size") {
    const auto integer = [](JsonReader& in) { in.integer("n"); };
    const auto count = [](JsonReader& in) { in.count("n"); };
    CHECK(complaint(R"({"n":-9223372036854775808})", integer) == "read");
    CHECK(complaint(R"({"n":18446744073709551615})", count) == "read");
    for (const auto* text :
         {R"({"n":9223372036854775808})", R"({"n":1.5})", R"({"n":"1"})", R"({"n":true})"}) {
        CHECK(complaint(text, integer) != "read");
    }
    CHECK(complaint(R"({"n":-1})", count) != "read");
}

TEST_CASE("null is absent only where the form says so, and other members are let be only there") {
    const auto read = [](JsonReader& in) { in.text_or("a"); };
    CHECK(complaint(R"({"a":null})", read) == "/a: expected a text of at most 1024 bytes, got null");
    CHECK(complaint(R"({"a":null})", read, {.nulls = true}) == "read");
    CHECK(complaint(R"({"z":1})", read) == "the member \"z\" is not known; members here: a");
    CHECK(complaint(R"({"z":1})", read, {.open = true}) == "read");
    CHECK(complaint("7", read, {.open = true}) == "expected an object, got 7");
    CHECK(complaint("[{}]", [](JsonReader&) {}, {.open = true}) == "read");
    CHECK(complaint("[{}]", [](JsonReader&) {}) == "expected an object, got [{}]");
}

TEST_CASE("a value as text, for its digest, does not count as read") {
    CHECK(complaint(R"({"z":1})", [](JsonReader& in) { CHECK(in.as_text() == R"({"z":1})"); }) ==
          "the member \"z\" is not known; members here: ");
}

TEST_CASE("a complaint about a secret document tells types alone") {
    const JsonForm form{.name = "body", .secret = true};
    CHECK(complaint(
              R"({"a":"hunter2"})", [](JsonReader& in) { in.flag("a"); }, form) ==
          "body/a: expected true or false, got string");
    CHECK(complaint(
              R"({"a":["hunter2"]})", [](JsonReader& in) { in.text("a"); }, form) ==
          "body/a: expected a text of 1 to 1024 bytes, got array of 1");
}

TEST_CASE("lists are bounded and an error of a text's own reader is told with the place") {
    const auto bytes = [](JsonReader& in) { in.list_of_bytes("l", 2, 2); };
    CHECK(complaint(R"({"l":["AAE","AAE"]})", bytes) == "read");
    CHECK(complaint(R"({"l":["AAE","AAE","AAE"]})", bytes) == "/l: expected a list of at most 2, got 3");
    CHECK(complaint(R"({"l":["AAE","AAEC"]})", bytes) ==
          "/l/1: expected base64url of 1 to 2 bytes, got \"AAEC\"");
    const auto parse = [](std::string_view) -> Result<int> {
        return fail(ErrorCode::refused, "not this one");
    };
    JsonReader in(R"({"a":"x"})");
    CHECK(in.text_as("a", parse) == 0);
    CHECK(in.finish().error().code == ErrorCode::refused);
    CHECK(in.finish().error().context == "/a: not this one");
}

TEST_CASE("a value that was parsed already is read in place") {
    const nlohmann::json value{{"a", "x"}};
    JsonReader in(value, {.name = "there"});
    CHECK(in.text("a") == "x");
    CHECK(in.raw("a") == &value["a"]);
    CHECK(in.finish());
}
