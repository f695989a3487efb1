#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/migrations.h"
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
    REQUIRE(store::Operators(*store).add({"aa", "alice", "admin", kNow, 0}, "local:root"));
    REQUIRE(store::Operators(*store).add({"aa", "mallory", "admin", kNow, 0}, "local:root").error().code ==
            ErrorCode::conflict);
    REQUIRE(store::Operators(*store).find("aa")->name == "alice");
    REQUIRE(store::Operators(*store).find("ab").error().code == ErrorCode::not_found);
    REQUIRE(store::Operators(*store).revoke("aa", "local:root", kNow + 1));
    REQUIRE(store::Operators(*store).find("aa")->revoked_at == kNow + 1);
    REQUIRE(store::Operators(*store).revoke("aa", "local:root", kNow + 2).error().code ==
            ErrorCode::not_found);
    REQUIRE(store::Operators(*store).list()->size() == 1);
    REQUIRE(store::Operators(*store).add({"ac", "doors", "badge-feed", kNow, 0, "p-bo", "onguard"},
                                         "local:root"));
    REQUIRE(store::Operators(*store).find("ac")->person == "p-bo");
    REQUIRE(store::Operators(*store).find("ac")->feed == "onguard");
}

STORE_TEST(operators_are_acted,
           "a certificate that was given, changed or revived past the verifier is nobody's") {
    const auto store = database.open();
    store::Operators operators(*store);
    const auto is_refused = [&](const std::string& certificate) {
        const auto who = operators.find(certificate);
        return !who && who.error().code == ErrorCode::refused;
    };
    for (const auto* certificate : {"aa", "bb", "cc"})
        REQUIRE(operators.add({certificate, "ada", "viewer", kNow, 0, "p-ada"}, "local:root"));
    database.execute(
        "INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('dd', 'eve', "
        "'admin', 1, "
        "0)");
    CHECK(is_refused("dd"));
    for (const auto* change :
         {"role = 'admin'", "name = 'eve'", "person = 'p-eve'", "feed = 'x'", "revoked_at = 1"}) {
        database.execute("UPDATE operators SET " + std::string(change) + " WHERE certificate = 'aa'");
        INFO(change);
        CHECK(is_refused("aa"));
        database.execute(
            "UPDATE operators SET role = 'viewer', name = 'ada', person = 'p-ada', feed = '', revoked_at = 0 "
            "WHERE "
            "certificate = 'aa'");
        CHECK(operators.find("aa"));
    }
    REQUIRE(operators.revoke("bb", "local:root", kNow + 1));
    CHECK(operators.find("bb")->revoked_at == kNow + 1);
    database.execute("UPDATE operators SET revoked_at = 0 WHERE certificate = 'bb'");
    CHECK(is_refused("bb"));
    CHECK(operators.find("cc"));

    REQUIRE(operators.note_refused("dd", kNow));
    REQUIRE(operators.note_refused("dd", kNow + 3600 - 1));
    const auto came = [&] { return store::Acts(*store).list({.kind = "operator.refused"})->size(); };
    CHECK(came() == 1);
    REQUIRE(operators.note_refused("dd", kNow + 3601));
    CHECK(came() == 2);
    CHECK(is_refused("dd"));
    CHECK(store::Acts(*store).list({.subject = "certificate:bb"})->back().hand == "local:root");
}

STORE_TEST(operators_of_before, "certificates of before there were acts keep their roles") {
    const auto store = database.open();
    database.execute("DELETE FROM acts");
    database.execute(
        "INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('aa', 'ada', "
        "'admin', 1, 0), "
        "('bb', 'bob', 'viewer', 1, 2)");
    REQUIRE(store->database().write(store::begin_acts));
    CHECK(store::Operators(*store).find("aa")->role == "admin");
    CHECK(store::Operators(*store).find("bb")->revoked_at == 2);
    CHECK(store::Acts(*store).list({})->size() == 3);
}
