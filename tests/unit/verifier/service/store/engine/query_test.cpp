#include "verifier/service/store/engine/query.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace assay::store;

namespace {

struct Entry {
    std::string key;
    std::uint32_t number = 0;
    bool flag = false;
    bool operator==(const Entry&) const = default;
};

auto entry_columns(Entry& row) {
    return std::tie(row.key, row.number, row.flag);
}

std::unique_ptr<Database> with_entries(const TestDatabase& database) {
    auto opened = Database::open(database.connection()).value();
    const auto made = opened->write([](soci::session& sql) {
        execute(sql, "CREATE TABLE entries (key TEXT PRIMARY KEY, number BIGINT, flag BIGINT)");
        execute(sql, "INSERT INTO entries VALUES (:key, :number, :flag)", std::string("a"), 7U, true);
        execute(sql, "INSERT INTO entries VALUES (:key, :number, :flag)", std::string_view("b"),
                4'000'000'000U, false);
    });
    REQUIRE(made);
    return opened;
}

}  // namespace

STORE_TEST(rows_are_read_whole, "a row is read into its own types, in the order of the columns") {
    const auto opened = with_entries(database);
    const auto rows = opened->read([](soci::session& sql) {
        return Query(sql, "SELECT key, number, flag FROM entries ORDER BY key").rows<Entry>(entry_columns);
    });
    CHECK(rows.value() == std::vector<Entry>{{"a", 7, true}, {"b", 4'000'000'000U, false}});
}

STORE_TEST(no_row_leaves_variables, "where there is no row the variables stay, and first gives nothing") {
    const auto opened = with_entries(database);
    std::int64_t number = 5;
    const auto none = opened->read([&](soci::session& sql) {
        const auto first =
            Query(sql, "SELECT key, number, flag FROM entries WHERE key = :key", std::string("c"))
                .first<Entry>(entry_columns);
        return !first && !Query(sql, "SELECT number FROM entries WHERE key = 'c'").one(number);
    });
    CHECK(none.value());
    CHECK(number == 5);
}

STORE_TEST(counts_changes, "an execution says how many rows it changed") {
    const auto opened = with_entries(database);
    const auto changed = opened->write([](soci::session& sql) {
        return std::pair(execute(sql, "UPDATE entries SET number = number + 1 WHERE number > :n", 1),
                         execute(sql, "DELETE FROM entries WHERE key = :key", std::string("none")));
    });
    CHECK(changed.value() == std::pair(2LL, 0LL));
}

STORE_TEST(written_where_nothing_is_returned,
           "a write that returns nothing is kept, and one that throws is not") {
    const auto opened = with_entries(database);
    const auto thrown = opened->write([](soci::session& sql) {
        execute(sql, "DELETE FROM entries");
        throw std::runtime_error("no");
    });
    CHECK_FALSE(thrown);
    CHECK(database.number("SELECT COUNT(*) FROM entries") == 2);
}
