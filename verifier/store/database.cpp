#include "verifier/store/database.h"

#include <exception>
#include <stdexcept>
#include <string_view>

#include <fmt/core.h>
#include <soci/postgresql/soci-postgresql.h>

#include "evidence/base/fault.h"
#include "evidence/base/text.h"
#include "verifier/store/sqlite_session.h"

namespace assay::store {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefix = "postgresql://";
constexpr std::size_t kReaders = 4;
constexpr std::size_t kPostgresqlWriters = 4;

/// The server's own settings may be lax: what is acknowledged here is on disk.
void prepare_postgresql(soci::session& session) {
    session << "SET synchronous_commit = on";
    session << "SET client_encoding = 'UTF8'";
    session << "SET client_min_messages = 'warning'";
    session << "SET lock_timeout = '10s'";
}

}  // namespace

SessionPool::SessionPool(Engine engine, std::string target, std::size_t size)
    : engine_(engine), target_(std::move(target)), idle_(size) {}

std::unique_ptr<soci::session> SessionPool::connect() const {
    auto session = std::make_unique<soci::session>();
    if (engine_ == Engine::sqlite) {
        open_sqlite(*session, target_);
    } else {
        session->open(soci::postgresql, target_);
        prepare_postgresql(*session);
    }
    return session;
}

SessionPool::Lease::Lease(SessionPool& pool) : pool_(pool) {
    if (ASSAY_FAULT("store: session")) throw std::runtime_error("an injected fault");
    std::unique_lock lock(pool.mutex_);
    pool.freed_.wait(lock, [&] { return !pool.idle_.empty(); });
    session_ = std::move(pool.idle_.back());
    pool.idle_.pop_back();
    lock.unlock();
    if (session_) return;
    try {
        session_ = pool.connect();
    } catch (...) {
        const std::scoped_lock again(pool.mutex_);
        pool.idle_.emplace_back();
        pool.freed_.notify_one();
        throw;
    }
}

SessionPool::Lease::~Lease() {
    const std::scoped_lock lock(pool_.mutex_);
    pool_.idle_.push_back(std::move(session_));
    pool_.freed_.notify_one();
}

Error current_exception_as_error() {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return {ErrorCode::internal, "database: out of memory", {}};
    } catch (const std::exception& error) {
        return {ErrorCode::io, "database: " + printable(trimmed(error.what())), {}};
    } catch (...) {
        return {ErrorCode::internal, "database: an unknown exception", {}};
    }
}

Database::Database(Engine engine, const std::string& target)
    : engine_(engine),
      // A deferred transaction of SQLite could fail when it first writes; this one waits its turn here.
      begin_(engine == Engine::sqlite ? "BEGIN IMMEDIATE" : "BEGIN"),
      writers_(engine, target, engine == Engine::sqlite ? 1 : kPostgresqlWriters),
      readers_(engine, target, kReaders) {}

void Database::end(soci::session& session, bool commit) {
    if (ASSAY_FAULT("store: before the commit")) throw std::runtime_error("an injected fault");
    session << (commit ? "COMMIT" : "ROLLBACK");
    // A commit whose answer is lost: done, and not known to be done.
    if (ASSAY_FAULT("store: behind the commit")) throw std::runtime_error("an injected fault");
}

Result<std::unique_ptr<Database>> Database::open(const std::string& connection) {
    if (connection.starts_with(kSqlitePrefix) && connection.size() > kSqlitePrefix.size()) {
        return std::unique_ptr<Database>(
            new Database(Engine::sqlite, connection.substr(kSqlitePrefix.size())));
    }
    if (connection.starts_with(kPostgresqlPrefix)) {
        return std::unique_ptr<Database>(new Database(Engine::postgresql, connection));
    }
    return fail(ErrorCode::usage, fmt::format("database '{}': 'sqlite:FILE' or 'postgresql://...' wanted",
                                              printable(shortened(connection, 64))));
}

}  // namespace assay::store
