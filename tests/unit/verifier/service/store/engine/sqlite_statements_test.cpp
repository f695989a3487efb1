#include "verifier/service/store/engine/sqlite_statements.h"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/machine/temp_folder.h"

using namespace assay;

namespace {

struct Opened {
    test::TempFolder folder;
    soci::session sql;
    sqlite_api::sqlite3* connection =
        store::open_with_kept_statements(sql, "dbname=\"" + (folder.path() / "test.db").string() + "\"");

    Opened() {
        sql << "PRAGMA journal_mode = WAL";
        sql << "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)";
    }
    /// How many statements the connection has of each text.
    std::map<std::string, int> statements() {
        std::map<std::string, int> out;
        sqlite_api::sqlite3_stmt* at = nullptr;
        while ((at = sqlite_api::sqlite3_next_stmt(connection, at)) != nullptr)
            ++out[sqlite_api::sqlite3_sql(at)];
        return out;
    }
    bool is_busy() {
        sqlite_api::sqlite3_stmt* at = nullptr;
        while ((at = sqlite_api::sqlite3_next_stmt(connection, at)) != nullptr) {
            if (sqlite_api::sqlite3_stmt_busy(at) != 0) return true;
        }
        return false;
    }
    void insert(int n) {
        const std::string text = "text " + std::to_string(n);
        sql << kInsert, soci::use(n), soci::use(text);
    }
    std::string text_of(int n) {
        std::string text;
        sql << kSelect, soci::use(n), soci::into(text);
        return sql.got_data() ? text : "none";
    }
    static constexpr const char* kInsert = "INSERT INTO t (n, text) VALUES (:n, :text)";
    static constexpr const char* kSelect = "SELECT text FROM t WHERE n = :n";
};

}  // namespace

TEST_CASE("a statement is prepared once, and each use has its own values") {
    Opened opened;
    for (int n = 0; n < 5; ++n) opened.insert(n);
    for (int n = 0; n < 6; ++n) CHECK(opened.text_of(n) == (n < 5 ? "text " + std::to_string(n) : "none"));
    CHECK(opened.statements().at(Opened::kInsert) == 1);
    CHECK(opened.statements().at(Opened::kSelect) == 1);
}

TEST_CASE("a statement that failed is as good as new") {
    Opened opened;
    opened.insert(1);
    CHECK_THROWS(opened.insert(1));
    opened.insert(2);
    CHECK(opened.text_of(2) == "text 2");
    CHECK_THROWS(opened.sql << "SELECT nothing FROM nowhere");
    CHECK_FALSE(opened.statements().contains("SELECT nothing FROM nowhere"));
}

TEST_CASE("a statement that is kept holds no row and no snapshot") {
    Opened opened;
    for (int n = 0; n < 5; ++n) opened.insert(n);
    std::string text;
    {
        soci::statement all = (opened.sql.prepare << "SELECT text FROM t ORDER BY n", soci::into(text));
        all.execute();
        REQUIRE(all.fetch());
        CHECK(opened.is_busy());
    }
    CHECK_FALSE(opened.is_busy());
    CHECK(opened.statements().at("SELECT text FROM t ORDER BY n") == 1);
}

TEST_CASE("one text may be in use several times at once") {
    Opened opened;
    for (int n = 0; n < 3; ++n) opened.insert(n);
    int outer = 0, inner = 0, pairs = 0;
    soci::statement one = (opened.sql.prepare << "SELECT n FROM t", soci::into(outer));
    one.execute();
    while (one.fetch()) {
        soci::statement two = (opened.sql.prepare << "SELECT n FROM t", soci::into(inner));
        two.execute();
        while (two.fetch()) pairs += outer == inner ? 1 : 10;
    }
    CHECK(pairs == 63);
}

TEST_CASE("no more statements are kept than their bound") {
    Opened opened;
    for (std::size_t i = 0; i < store::kKeptStatements + 50; ++i) {
        int got = 0;
        opened.sql << "SELECT " + std::to_string(i), soci::into(got);
        CHECK(got == static_cast<int>(i));
    }
    CHECK(opened.statements().size() <= store::kKeptStatements);
    CHECK(opened.statements().size() >= store::kKeptStatements - 1);
}

TEST_CASE("a table that is changed meanwhile is seen as it is") {
    Opened opened;
    opened.insert(1);
    CHECK(opened.text_of(1) == "text 1");
    opened.sql << "ALTER TABLE t RENAME COLUMN text TO old";
    opened.sql << "ALTER TABLE t ADD COLUMN text TEXT DEFAULT 'new'";
    CHECK(opened.text_of(1) == "new");
}
