#include <catch2/catch.hpp>

#include "tests/support/causes.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/store/engine/database.h"

using namespace assay;

// SQLite says the same where the file system is full and where its own bound on the file is reached.
TEST_CASE("a database that cannot grow is told as a full disk, and takes writes again once there is room") {
    const test::TempFolder folder;
    const auto database = store::Database::open("sqlite:" + (folder.path() / "a.db").string()).value();
    const auto fill = [&](int most_pages) {
        return database->write([most_pages](soci::session& sql) {
            sql << "CREATE TABLE IF NOT EXISTS t (b BLOB)";
            sql << "PRAGMA max_page_count = " + std::to_string(most_pages);
            sql << "INSERT INTO t VALUES (zeroblob(1000000))";
        });
    };
    const auto full = fill(8);
    REQUIRE_FALSE(full);
    INFO(full.error().context);
    CHECK(test::says(full.error(), Cause::disk_full));
    CHECK(fill(100'000));
}

TEST_CASE("what else a database says is no full disk") {
    const test::TempFolder folder;
    const auto database = store::Database::open("sqlite:" + (folder.path() / "a.db").string()).value();
    const auto failed = database->write([](soci::session& sql) { sql << "INSERT INTO nowhere VALUES (1)"; });
    REQUIRE_FALSE(failed);
    CHECK_FALSE(test::says(failed.error(), Cause::disk_full));
}
