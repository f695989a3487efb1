#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/operators.h"
#include "verifier/service/store/site/site.h"

using namespace assay;
using namespace builders;

STORE_TEST(sessions, "a session is opened, listed and closed once") {
    const auto store = database.open();
    const WorkSession session{"s1", "web-1", "WO-1", "Tess", "Ed", kNow, {}};
    REQUIRE(store::WorkSessions(*store).add(session, "alice"));
    REQUIRE(store::WorkSessions(*store).add({"s2", "web-2", "WO-2", "Tess", "", kNow + 1, {}}, "alice"));
    REQUIRE(store::WorkSessions(*store).add(session, "alice").error().code == ErrorCode::conflict);
    REQUIRE(store::WorkSessions(*store).find("s1") == session);
    REQUIRE(store::WorkSessions(*store).list({.host = "web-1"})->size() == 1);

    const auto closed = store::WorkSessions(*store).close("s1", "bob", kNow + 60);
    REQUIRE(closed);
    REQUIRE(closed->closed_at == kNow + 60);
    REQUIRE(store::WorkSessions(*store).close("s1", "bob", kNow + 70).error().code == ErrorCode::conflict);
    REQUIRE(store::WorkSessions(*store).find("s1")->closed_at == kNow + 60);
    REQUIRE(store::WorkSessions(*store).close("none", "bob", kNow).error().code == ErrorCode::not_found);
    REQUIRE(store::WorkSessions(*store).list({.host = {}, .open_only = true})->size() == 1);
    REQUIRE(store::WorkSessions(*store).list({})->size() == 2);
    REQUIRE(store::WorkSessions(*store).list({})->front().id == "s2");
}

STORE_TEST(operators, "an operator is found by the certificate, and stays as revoked") {
    const auto store = database.open();
    REQUIRE(store::Operators(*store).add({"aa", "alice", "admin", kNow, 0}));
    REQUIRE(store::Operators(*store).add({"aa", "mallory", "admin", kNow, 0}).error().code ==
            ErrorCode::conflict);
    REQUIRE(store::Operators(*store).find("aa")->name == "alice");
    REQUIRE(store::Operators(*store).find("ab").error().code == ErrorCode::not_found);
    REQUIRE(store::Operators(*store).revoke("aa", kNow + 1));
    REQUIRE(store::Operators(*store).find("aa")->revoked_at == kNow + 1);
    REQUIRE(store::Operators(*store).revoke("aa", kNow + 2).error().code == ErrorCode::not_found);
    REQUIRE(store::Operators(*store).list()->size() == 1);
    REQUIRE(store::Operators(*store).add({"ac", "doors", "badge-feed", kNow, 0, "p-bo", "onguard"}));
    REQUIRE(store::Operators(*store).find("ac")->person == "p-bo");
    REQUIRE(store::Operators(*store).find("ac")->feed == "onguard");
}
