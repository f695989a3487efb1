#include "tests/unit/verifier/service/store/test_database.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

namespace {

std::unique_ptr<assay::store::Database> connect(const std::string& connection) {
    auto database = assay::store::Database::open(connection);
    if (!database) throw std::runtime_error(describe(database.error()));
    return std::move(*database);
}

void run(const std::string& connection, const std::string& statement) {
    const auto done = connect(connection)->write([&](soci::session& sql) -> assay::Result<> {
        sql << statement;
        return {};
    });
    if (!done) throw std::runtime_error(describe(done.error()));
}

}  // namespace

std::unique_ptr<TestDatabase> TestDatabase::sqlite() {
    std::unique_ptr<TestDatabase> out(new TestDatabase);
    out->connection_ = "sqlite:" + (out->folder_.path() / "a name with blanks.db").string();
    return out;
}

std::unique_ptr<TestDatabase> TestDatabase::postgresql() {
    const char* server = std::getenv("ASSAY_TEST_POSTGRESQL");  // NOLINT(concurrency-mt-unsafe)
    if (server == nullptr) return nullptr;
    static std::atomic<int> number = 0;
    std::unique_ptr<TestDatabase> out(new TestDatabase);
    out->server_ = server;
    out->schema_ = "test_" + std::to_string(getpid()) + "_" + std::to_string(++number);
    run(out->server_, "CREATE SCHEMA " + out->schema_);
    const auto joint = out->server_.find('?') == std::string::npos ? "?" : "&";
    out->connection_ = out->server_ + joint + "options=-csearch_path%3D" + out->schema_;
    return out;
}

TestDatabase::~TestDatabase() {
    if (schema_.empty()) return;
    try {
        run(server_, "DROP SCHEMA " + schema_ + " CASCADE");
    } catch (const std::exception&) {  // NOLINT: the whole server is thrown away after the tests
    }
}

std::unique_ptr<assay::store::Store> TestDatabase::open() const {
    auto store = assay::store::Store::open(connection_);
    if (!store) throw std::runtime_error(describe(store.error()));
    return std::move(*store);
}

std::int64_t TestDatabase::number(const std::string& query) const {
    const auto value = connect(connection_)->read([&](soci::session& sql) -> assay::Result<std::int64_t> {
        std::int64_t out = 0;
        sql << query, soci::into(out);
        return out;
    });
    if (!value) throw std::runtime_error(describe(value.error()));
    return *value;
}

void TestDatabase::execute(const std::string& statement) const {
    run(connection_, statement);
}
