#include "verifier/judge/accompaniment/entities.h"

#include <catch2/catch.hpp>

using namespace assay::accompaniment;

namespace {

Entity entity(std::vector<std::string> owners, std::optional<bool> approved, std::string decided, Millis from,
              Millis until = kNow) {
    return {.id = "e",
            .owners = std::move(owners),
            .approved = approved,
            .decided = std::move(decided),
            .known = {.receipt = {.at = from, .hand = "h"}, .until = until}};
}

std::optional<bool> decided(std::optional<bool> directory, std::optional<bool> vendors) {
    const auto out = joined({entity({}, directory, "directory", 0)}, {entity({}, vendors, "vendors", 0)});
    REQUIRE(out.size() == 1);
    return out[0].approved;
}

}  // namespace

TEST_CASE("an entity has the owners of directory and vendor data, each once, the directory's first") {
    const auto out = joined({entity({"a", "b"}, true, "d", 0)}, {entity({"b", "c"}, true, "v", 0)});
    REQUIRE(out.size() == 1);
    CHECK(out[0].owners == std::vector<std::string>{"a", "b", "c"});
    CHECK(out[0].decided == "d");
}

TEST_CASE("refused by either is refused; else the directory decides, and vendor data where it does not") {
    CHECK(decided(true, false) == false);
    CHECK(decided(false, true) == false);
    CHECK(decided({}, false) == false);
    CHECK(decided(true, {}) == true);
    CHECK(decided({}, true) == true);
    CHECK_FALSE(decided({}, {}).has_value());
    CHECK(joined({entity({}, true, "d", 0)}, {entity({}, false, "v", 0)})[0].decided == "v");
}

TEST_CASE("what vendor data says later is a version of its own, known from its receipt") {
    const auto out = joined({entity({}, {}, "d", kAtItsOwnTime)}, {entity({"o"}, true, "v", 100)});
    REQUIRE(out.size() == 2);
    CHECK(out[0].known.until == 100);
    CHECK(out[0].owners.empty());
    CHECK(out[1].known.receipt == Receipt{100, "h"});
    CHECK(out[1].known.until == kNow);
    CHECK(out[1].approved == true);
    DirectoryData data;
    data.entities = out;
    CHECK(Directory::of(data)->entity("e", 99)->owners.empty());
}

TEST_CASE(
    "vendor data that says nothing new makes no version, and one that goes leaves the directory's word") {
    CHECK(joined({entity({"o"}, true, "d", 0)}, {entity({"o"}, true, "v", 100)}).size() == 1);
    const auto out = joined({entity({}, true, "d", 0)}, {entity({"o"}, true, "v", 100, 200)});
    REQUIRE(out.size() == 3);
    CHECK(out[2].known.receipt == Receipt{200, ""});
    CHECK(out[2].owners.empty());
    // Nobody says anything for a while: no version.
    const auto apart = joined({entity({}, true, "d", 0, 50)}, {entity({}, true, "d", 100)});
    REQUIRE(apart.size() == 2);
    CHECK(apart[0].known.until == 50);
}
