#include <catch2/catch.hpp>

#include "verifier/judge/accompaniment/orders/orders.h"

using namespace assay::accompaniment;

namespace {

// A rack that stood in room-1 until 100 and stands in room-2 since; a host in it, and one that came at 100.
DirectoryData moved() {
    DirectoryData out;
    const auto zone = [&](std::string id, std::string parent, ZoneKind kind, Known known = {}) {
        out.zones.push_back(
            {.id = std::move(id), .parent = std::move(parent), .kind = kind, .known = std::move(known)});
    };
    zone("site", "", ZoneKind::site);
    zone("room-1", "site", ZoneKind::room);
    zone("room-2", "site", ZoneKind::room);
    zone("rack", "room-1", ZoneKind::rack, {.until = 100});
    zone("rack", "room-2", ZoneKind::rack, {.receipt = {.at = 100}});
    Host host;
    host.id = "h";
    host.zone = "rack";
    out.hosts.push_back(host);
    host.id = "new";
    host.known.receipt.at = 100;
    out.hosts.push_back(host);
    return out;
}

}  // namespace

TEST_CASE("the tree of zones is asked as it was, and as it is") {
    const auto directory = *Directory::of(moved());
    using Zones = std::vector<std::string_view>;
    for (const auto& [as_of, room] : std::vector<std::pair<Millis, std::string_view>>{
             {99, "room-1"}, {100, "room-2"}, {kNow, "room-2"}, {kAtItsOwnTime, "room-1"}}) {
        INFO(as_of);
        CHECK(directory.around("rack", as_of) == Zones{"rack", room, "site"});
        CHECK(directory.enclosing("rack", ZoneKind::room, as_of) == room);
        CHECK(directory.within("rack", "room-1", as_of) == (room == "room-1"));
        CHECK(directory.within("rack", "room-2", as_of) == (room == "room-2"));
        CHECK(directory.presence_zone(*directory.host("h"), as_of) == room);
    }
    CHECK(directory.around("nowhere").empty());
}

TEST_CASE("a tree of the past that leads in a circle ends, though nobody checked it") {
    auto data = moved();
    data.zones[1].known.until = 50;
    data.zones[1].parent = "rack";
    data.zones.push_back(
        {.id = "room-1", .parent = "site", .kind = ZoneKind::room, .known = {.receipt = {.at = 50}}});
    const auto directory = Directory::of(data);
    REQUIRE(directory);
    CHECK(directory->around("rack", 10).size() == Directory::kZoneDepth + 1);
    CHECK_FALSE(directory->within("rack", "site", 10));
    CHECK(directory->within("rack", "site", 60));
}

TEST_CASE("owners are those that were known") {
    DirectoryData data;
    const auto entity = [&](std::string id, std::vector<std::string> owners, Known known) {
        data.entities.push_back({.id = std::move(id),
                                 .owners = std::move(owners),
                                 .approved = {},
                                 .decided = {},
                                 .known = std::move(known)});
    };
    entity("a", {}, {.until = 100});
    entity("a", {"b"}, {.receipt = {.at = 100}});
    entity("b", {}, {});
    const auto directory = *Directory::of(data);
    CHECK(directory.owners_of("a", 99) == std::vector<std::string>{"a"});
    CHECK(directory.owners_of("a", 100) == std::vector<std::string>{"a", "b"});
    CHECK(directory.owners_of("a") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a host is in an order's scope by its id at any time, by a zone since the directory has it there") {
    const auto directory = *Directory::of(moved());
    const auto scope = [&](std::string rack, const char* host, Millis event) {
        OrderFields fields;
        fields.racks = {std::move(rack)};
        return scope_at(directory, fields, *directory.host(host), event).value;
    };
    CHECK(scope("room-2", "h", 100) == Tri::yes);
    CHECK(scope("room-2", "h", 99) == Tri::unknown);
    CHECK(scope("room-1", "h", 99) == Tri::no);
    CHECK(scope("site", "h", 99) == Tri::yes);
    CHECK(scope("site", "new", 100) == Tri::yes);
    CHECK(scope("site", "new", 99) == Tri::unknown);
    OrderFields named;
    named.hosts = {"new"};
    CHECK(scope_at(directory, named, *directory.host("new"), 0).value == Tri::yes);
}
