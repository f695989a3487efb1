#include "verifier/service/server/admission.h"

#include <catch2/catch.hpp>

#include "verifier/service/server/caller.h"

using namespace assay;
using namespace assay::server;

namespace {

/// An admission for so many connections, and who of them was evicted.
struct Door {
    explicit Door(std::size_t connections) : admission(limits_of(connections), metrics) {}
    static ServerLimits limits_of(std::size_t connections) {
        ServerLimits limits;
        limits.connections = connections;
        limits.connections_per_address = 3;
        limits.small_body = 100;
        limits.bodies = 1000;
        limits.bodies_per_address = 600;
        limits.operators_bodies = 500;
        return limits;
    }
    std::unique_ptr<Admission::Place> opened_by(const std::string& name, const std::string& source = "") {
        return admission.connection(source.empty() ? name : source, [this, name] { evicted += name; });
    }
    api::Metrics metrics;
    Admission admission;
    std::string evicted;
};

std::string source(const char* address) {
    return source_of(boost::asio::ip::make_address(address));
}

}  // namespace

TEST_CASE("a host of IPv6 is its /64, a mapped IPv4 address the IPv4 address") {
    REQUIRE(source("192.0.2.7") == "192.0.2.7");
    REQUIRE(source("::ffff:192.0.2.7") == "192.0.2.7");
    REQUIRE(source("2001:db8:0:1::7") == "2001:db8:0:1::/64");
    REQUIRE(source("2001:db8:0:1:ffff::9") == source("2001:db8:0:1::7"));
    REQUIRE(source("2001:db8:0:2::7") != source("2001:db8:0:1::7"));
}

TEST_CASE(
    "the oldest handshake gives way, then the oldest that rests, then the slowest; never who is worked for") {
    Door door(4);
    const auto a = door.opened_by("a"), b = door.opened_by("b"), c = door.opened_by("c"),
               d = door.opened_by("d");
    a->enter(Phase::idle);
    b->enter(Phase::working);
    c->enter(Phase::transfer);
    std::vector<std::unique_ptr<Admission::Place>> more;
    const auto come = [&](const std::string& name) {
        more.push_back(door.opened_by(name));
        return more.back() != nullptr;
    };
    REQUIRE(come("e"));
    REQUIRE(door.evicted == "d");
    more.back()->enter(Phase::working);
    REQUIRE(come("f"));
    REQUIRE(door.evicted == "da");
    more.back()->enter(Phase::working);
    REQUIRE(come("g"));
    REQUIRE(door.evicted == "dac");
    more.back()->enter(Phase::working);
    REQUIRE_FALSE(come("h"));
    REQUIRE(door.admission.connections() == 4);
}

TEST_CASE("who entered a phase anew stands behind those who were in it") {
    Door door(2);
    const auto a = door.opened_by("a"), b = door.opened_by("b");
    a->enter(Phase::idle);
    b->enter(Phase::idle);
    a->enter(Phase::transfer);
    a->enter(Phase::idle);
    const auto c = door.opened_by("c");
    REQUIRE(door.evicted == "b");
}

TEST_CASE("an operator is not evicted, and is one no more when the certificate says so") {
    Door door(1);
    const auto vera = door.opened_by("v");
    vera->set_operator(true);
    vera->enter(Phase::idle);
    REQUIRE_FALSE(door.opened_by("a"));
    vera->set_operator(false);
    REQUIRE(door.opened_by("b"));
    REQUIRE(door.evicted == "v");
}

TEST_CASE("an evicted connection counts no more, also when it ends") {
    Door door(1);
    auto a = door.opened_by("a");
    auto b = door.opened_by("b");
    REQUIRE(door.admission.connections() == 1);
    a->enter(Phase::working);
    a->set_operator(true);
    a.reset();
    REQUIRE(door.admission.connections() == 1);
    b.reset();
    REQUIRE(door.admission.connections() == 0);
}

TEST_CASE("an address has its part of the connections, whoever else has none") {
    Door door(10);
    std::vector<std::unique_ptr<Admission::Place>> places;
    for (int i = 0; i < 3; ++i) places.push_back(door.opened_by("a", "192.0.2.7"));
    REQUIRE_FALSE(door.opened_by("a", "192.0.2.7"));
    REQUIRE(door.opened_by("b", "192.0.2.8"));
    places.pop_back();
    REQUIRE(door.opened_by("a", "192.0.2.7"));
    REQUIRE(door.evicted.empty());
}

TEST_CASE("bodies are charged beyond the small one that each connection brings the room for") {
    Door door(10);
    Admission::Room a(door.admission, "a", false), b(door.admission, "b", false),
        small(door.admission, "c", false);
    REQUIRE(a.grow_to(700));
    REQUIRE_FALSE(a.grow_to(701));  // the address's part
    REQUIRE(b.grow_to(500));
    REQUIRE_FALSE(b.grow_to(501));  // all strangers'
    REQUIRE(small.grow_to(100));
    REQUIRE_FALSE(small.grow_to(101));
    Admission::Room vera(door.admission, "a", true);
    REQUIRE(vera.grow_to(600));
    REQUIRE_FALSE(vera.grow_to(601));
}

TEST_CASE("what a body had is free when it ends") {
    Door door(10);
    for (int i = 0; i < 3; ++i) {
        Admission::Room a(door.admission, "a", false), b(door.admission, "b", false);
        REQUIRE(a.grow_to(700));
        REQUIRE(b.grow_to(500));
        REQUIRE_FALSE(b.grow_to(600));
    }
}
