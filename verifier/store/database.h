#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <soci/soci.h>

#include "evidence/base/result.h"

/// The adapter around SOCI: everything that throws stays in here and in the functions given to `read` and
/// `write`.
namespace assay::store {

enum class Engine : std::uint8_t { sqlite, postgresql };

/// Connections of one kind, handed out one at a time each.
class SessionPool {
  public:
    SessionPool(Engine engine, std::string target, std::size_t size);

    /// A session, until the lease ends. Waits for one; opens it when it is first wanted. Throws.
    class Lease {
      public:
        explicit Lease(SessionPool& pool);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();
        soci::session& operator*() { return *session_; }
        /// Something failed in it: it is closed, and with it any open transaction.
        void discard() { session_.reset(); }

      private:
        SessionPool& pool_;
        std::unique_ptr<soci::session> session_;
    };

  private:
    std::unique_ptr<soci::session> connect() const;

    Engine engine_;
    std::string target_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<soci::session>> idle_;  // an empty pointer is one not opened yet
};

/// Turns the exception being handled into an Error: `io`, with what the database said, printable.
Error current_exception_as_error();

/// One database: for SQLite one writer and several readers, for PostgreSQL several of both.
class Database {
  public:
    static Result<std::unique_ptr<Database>> open(const std::string& connection);

    /// Runs `body(session)`, which returns a Result, in a transaction: committed if it returned a value, gone
    /// if it returned an error or threw. When this returns a value the commit is durable.
    template <typename Body>
    auto write(Body&& body) -> std::invoke_result_t<Body, soci::session&> {
        try {
            SessionPool::Lease lease(writers_);
            try {
                *lease << begin_;
                auto result = std::forward<Body>(body)(*lease);
                end(*lease, result.has_value());
                return result;
            } catch (...) {
                lease.discard();
                throw;
            }
        } catch (...) {
            return std::unexpected(current_exception_as_error());
        }
    }

    /// Runs `body(session)`, which returns a Result and writes nothing.
    template <typename Body>
    auto read(Body&& body) -> std::invoke_result_t<Body, soci::session&> {
        try {
            SessionPool::Lease lease(readers_);
            try {
                return std::forward<Body>(body)(*lease);
            } catch (...) {
                lease.discard();
                throw;
            }
        } catch (...) {
            return std::unexpected(current_exception_as_error());
        }
    }

    [[nodiscard]] Engine engine() const { return engine_; }

  private:
    Database(Engine engine, const std::string& target);
    /// COMMIT or ROLLBACK. Throws.
    static void end(soci::session& session, bool commit);

    Engine engine_;
    std::string begin_;
    SessionPool writers_;
    SessionPool readers_;
};

}  // namespace assay::store
