#include "verifier/service/store/engine/session_pool.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "evidence/base/cause.h"
#include "evidence/base/fault.h"
#include "evidence/base/text.h"
#include "verifier/service/store/engine/sqlite_session.h"

namespace assay::store {
namespace {

constexpr std::string_view kDiskFull = "53100";  // PostgreSQL, appendix A: disk_full

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
    } catch (const soci::sqlite3_soci_error& error) {
        constexpr int kPrimary = 0xff;  // of an extended result code
        const auto words = printable(trimmed(error.what()));
        if ((error.result() & kPrimary) == SQLITE_FULL) return error_of(Cause::disk_full, "database", words);
        return {ErrorCode::io, "database: " + words, {}};
    } catch (const soci::postgresql_soci_error& error) {
        const auto words = printable(trimmed(error.what()));
        if (error.sqlstate() == kDiskFull) return error_of(Cause::disk_full, "database", words);
        return {ErrorCode::io, "database: " + words, {}};
    } catch (const std::exception& error) {
        return {ErrorCode::io, "database: " + printable(trimmed(error.what())), {}};
    } catch (...) {
        return {ErrorCode::internal, "database: an unknown exception", {}};
    }
}

}  // namespace assay::store
