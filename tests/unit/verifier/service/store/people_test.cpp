#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace builders;

STORE_TEST(sessions, "a session is opened, listed and closed once") {
    const auto store = database.open();
    const WorkSession session{"s1", "web-1", "WO-1", "Tess", "Ed", kNow, {}};
    REQUIRE(store->add_session(session, "alice"));
    REQUIRE(store->add_session({"s2", "web-2", "WO-2", "Tess", "", kNow + 1, {}}, "alice"));
    REQUIRE(store->add_session(session, "alice").error().code == ErrorCode::conflict);
    REQUIRE(store->session("s1") == session);
    REQUIRE(store->sessions({.host = "web-1"})->size() == 1);

    const auto closed = store->close_session("s1", "bob", kNow + 60);
    REQUIRE(closed);
    REQUIRE(closed->closed_at == kNow + 60);
    REQUIRE(store->close_session("s1", "bob", kNow + 70).error().code == ErrorCode::conflict);
    REQUIRE(store->session("s1")->closed_at == kNow + 60);
    REQUIRE(store->close_session("none", "bob", kNow).error().code == ErrorCode::not_found);
    REQUIRE(store->sessions({.host = {}, .open_only = true})->size() == 1);
    REQUIRE(store->sessions({})->size() == 2);
    REQUIRE(store->sessions({})->front().id == "s2");
}

STORE_TEST(operators, "an operator is found by the certificate, and stays as revoked") {
    const auto store = database.open();
    REQUIRE(store->add_operator({"aa", "alice", "admin", kNow, 0}));
    REQUIRE(store->add_operator({"aa", "mallory", "admin", kNow, 0}).error().code == ErrorCode::conflict);
    REQUIRE(store->find_operator("aa")->name == "alice");
    REQUIRE(store->find_operator("ab").error().code == ErrorCode::not_found);
    REQUIRE(store->revoke_operator("aa", kNow + 1));
    REQUIRE(store->find_operator("aa")->revoked_at == kNow + 1);
    REQUIRE(store->revoke_operator("aa", kNow + 2).error().code == ErrorCode::not_found);
    REQUIRE(store->operators()->size() == 1);
}
