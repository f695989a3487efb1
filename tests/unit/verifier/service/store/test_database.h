#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/store.h"

/// A fresh, empty database on one engine, gone at the end of the test.
class TestDatabase {
  public:
    static std::unique_ptr<TestDatabase> sqlite();
    /// In a schema of its own on the server that ASSAY_TEST_POSTGRESQL names; null where it is not set.
    static std::unique_ptr<TestDatabase> postgresql();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    [[nodiscard]] const std::string& connection() const { return connection_; }
    /// Opens (again) what the product opens.
    std::unique_ptr<assay::store::Store> open() const;  // NOLINT: some tests only make the schema
    /// One number, by a connection of its own.
    [[nodiscard]] std::int64_t number(const std::string& query) const;
    void execute(const std::string& statement) const;

  private:
    TestDatabase() = default;
    std::string connection_;
    std::string server_;  // PostgreSQL: without the schema
    std::string schema_;
    assay::test::TempFolder folder_;
};

/// The same test case on both engines: STORE_TEST(name_of_function, "the statement it proves") { ... database
/// ... }
#define STORE_TEST(function, statement)                                                                     \
    static void function(const TestDatabase& database);                                                     \
    TEST_CASE(statement " (SQLite)") {                                                                      \
        function(*TestDatabase::sqlite());                                                                  \
    }                                                                                                       \
    TEST_CASE(statement " (PostgreSQL)") {                                                                  \
        const auto database = TestDatabase::postgresql();                                                   \
        if (!database) ASSAY_SKIP("ASSAY_TEST_POSTGRESQL is not set; run under tests/support/postgres.sh"); \
        function(*database);                                                                                \
    }                                                                                                       \
    static void function(const TestDatabase& database)
