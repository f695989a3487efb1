#include "verifier/service/store/engine/select.h"

#include <type_traits>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace assay::store;

// A text that is made while the program runs cannot become SQL.
static_assert(!std::is_convertible_v<std::string, Sql>);
static_assert(!std::is_convertible_v<std::string_view, Sql>);

TEST_CASE("a query has the conditions of what is asked, and no others") {
    Select all("SELECT a FROM t");
    all.where_if("a = :a", std::optional<std::string>()).order_by("a");
    CHECK(all.text() == "SELECT a FROM t ORDER BY a");
    Select some("SELECT a FROM t");
    some.where_if("a = :a", std::optional<std::string>("x")).where("b = 1").where("c > :c", 7).limit(3);
    CHECK(some.text() == "SELECT a FROM t WHERE a = :a AND b = 1 AND c > :c LIMIT :most");
}

STORE_TEST(values_are_bound, "what is asked for is a value, never SQL") {
    database.open();
    auto handle = Database::open(database.connection());
    REQUIRE(handle);
    const std::string odd = "x' OR '1' = '1";
    REQUIRE((*handle)->write([&](soci::session& sql) -> Result<> {
        sql << "INSERT INTO meta (key, value) VALUES (:key, 'odd')", soci::use(odd);
        return {};
    }));
    const auto found = [&](const std::string& key) {
        return (*handle)->read([&](soci::session& sql) {
            Select select("SELECT value FROM meta");
            return select.where("key = :key", key).order_by("value").limit(10).on(sql).values<std::string>();
        });
    };
    CHECK(found(odd) == std::vector<std::string>{"odd"});
    CHECK(found("x")->empty());
}
