#include <array>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/migrations.h"
#include "verifier/service/store/store.h"

using namespace assay;
using namespace assay::store;

STORE_TEST(opens_twice, "a database is made at the first opening and kept at the second") {
    const auto key = database.open()->shared_key();
    REQUIRE(key);
    REQUIRE(key->size() == 32);
    const auto again = database.open();
    REQUIRE(again->check());
    REQUIRE(again->shared_key() == *key);
}

STORE_TEST(opens_at_once, "copies that start at the same moment agree on schema and shared key") {
    std::array<Bytes, 4> keys;
    {
        std::vector<std::jthread> copies;
        for (auto& key : keys) {
            copies.emplace_back([&] {
                const auto store = Store::open(database.connection());
                if (store) key = (*store)->shared_key().value_or(Bytes{});
            });
        }
    }
    REQUIRE(keys[0].size() == 32);
    for (const auto& key : keys) REQUIRE(key == keys[0]);
}

STORE_TEST(newer_schema, "a schema that a newer version made is refused and not touched") {
    database.open();
    database.execute("UPDATE meta SET value = '9999' WHERE key = 'schema_version'");
    const auto store = Store::open(database.connection());
    REQUIRE_FALSE(store);
    REQUIRE(store.error().code == ErrorCode::unsupported);
    REQUIRE(store.error().context.find("9999") != std::string::npos);
    REQUIRE(database.number("SELECT COUNT(*) FROM meta WHERE value = '9999'") == 1);
}

STORE_TEST(migrates_forward, "a later migration is applied to data that is there, once") {
    database.open();
    std::vector<Migration> more(all_migrations().begin(), all_migrations().end());
    more.push_back(
        {"9999_test", "CREATE TABLE later (n BIGINT NOT NULL);\nINSERT INTO later VALUES (41);\n"});
    auto handle = Database::open(database.connection());
    REQUIRE(handle);
    REQUIRE(migrate(**handle, more));
    REQUIRE(migrate(**handle, more));
    REQUIRE(database.number("SELECT COUNT(*) FROM later WHERE n = 41") == 1);
    REQUIRE(schema_version(**handle) == static_cast<std::int64_t>(more.size()));
}

STORE_TEST(failed_migration, "a migration that fails half-way leaves the schema as it was") {
    database.open();
    std::vector<Migration> more(all_migrations().begin(), all_migrations().end());
    const auto before = static_cast<std::int64_t>(more.size());
    more.push_back(
        {"9999_test", "CREATE TABLE later (n BIGINT NOT NULL);\nINSERT INTO nowhere VALUES (1);\n"});
    auto handle = Database::open(database.connection());
    REQUIRE(handle);
    REQUIRE_FALSE(migrate(**handle, more));
    REQUIRE(schema_version(**handle) == before);
    database.execute("CREATE TABLE later (n BIGINT)");  // would fail if it were there
}

STORE_TEST(interrupted_write, "a write that fails half-way leaves nothing, and the connection serves again") {
    database.open();
    auto handle = Database::open(database.connection());
    REQUIRE(handle);
    const auto by_exception = (*handle)->write([](soci::session& sql) -> Result<> {
        sql << "INSERT INTO meta (key, value) VALUES ('half', '1')";
        sql << "INSERT INTO nowhere VALUES (1)";
        return {};
    });
    REQUIRE_FALSE(by_exception);
    REQUIRE(by_exception.error().code == ErrorCode::io);
    const auto by_error = (*handle)->write([](soci::session& sql) -> Result<> {
        sql << "INSERT INTO meta (key, value) VALUES ('half', '1')";
        return fail(ErrorCode::conflict, "no");
    });
    REQUIRE(by_error.error().code == ErrorCode::conflict);
    REQUIRE(database.number("SELECT COUNT(*) FROM meta WHERE key = 'half'") == 0);
    REQUIRE((*handle)->write([](soci::session& sql) -> Result<> {
        sql << "INSERT INTO meta (key, value) VALUES ('half', '1')";
        return {};
    }));
    REQUIRE(database.number("SELECT COUNT(*) FROM meta WHERE key = 'half'") == 1);
}

TEST_CASE("SQLite writes ahead, and syncs each commit") {
    const auto database = TestDatabase::sqlite();
    database->open();
    REQUIRE(database->number("SELECT COUNT(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'") == 1);
    REQUIRE(database->number("SELECT synchronous FROM pragma_synchronous") == 2);
    REQUIRE(database->number("SELECT foreign_keys FROM pragma_foreign_keys") == 1);
}

TEST_CASE("a connection string of another kind is refused with the two that are known") {
    for (const auto* bad : {"", "sqlite:", "mysql://x", "/var/lib/assay.db"}) {
        const auto store = Store::open(bad);
        REQUIRE_FALSE(store);
        REQUIRE(store.error().code == ErrorCode::usage);
    }
}

TEST_CASE("a database that cannot be reached is an error that names it, not a crash") {
    const auto error = Store::open("sqlite:/nonexistent/folder/x.db").error();
    CHECK(error.code == ErrorCode::not_found);
    CHECK(error.context.contains("/nonexistent/folder/x.db"));
    REQUIRE(Store::open("postgresql://nobody@/x?host=/nonexistent").error().code == ErrorCode::io);
}
