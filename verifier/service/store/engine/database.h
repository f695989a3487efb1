#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <soci/soci.h>

#include "evidence/base/result.h"
#include "verifier/service/store/engine/group_commit.h"
#include "verifier/service/store/engine/session_pool.h"

/// The adapter around SOCI: everything that throws stays in here and in the functions given to `read` and
/// `write`.
namespace assay::store {

/// One database: for SQLite one writer and several readers, for PostgreSQL several of both.
class Database {
  public:
    static Result<std::unique_ptr<Database>> open(const std::string& connection);

    /// Runs `body(session)`, which returns a Result or Written, in a transaction: kept if it returned a
    /// value, gone if it returned an error or threw. When this returns a value the commit is durable. SQLite:
    /// other threads' writes may share the transaction, and `body` may run in the thread of one of them.
    template <typename Body>
    auto write(Body&& body) -> std::invoke_result_t<Body, soci::session&> {
        std::optional<std::invoke_result_t<Body, soci::session&>> out;
        const auto done = write_one([&](soci::session& sql) {
            out.emplace(body(sql));
            return out->has_value();
        });
        if (!done) return std::unexpected(done.error());
        return ours_if_unreadable(
            *std::move(out));  // NOLINT(bugprone-unchecked-optional-access): write_one ran the body
    }

    /// Runs `body(session)`, which returns a Result and writes nothing.
    template <typename Body>
    auto read(Body&& body) -> std::invoke_result_t<Body, soci::session&> {
        try {
            SessionPool::Lease lease(readers_);
            try {
                return ours_if_unreadable(std::forward<Body>(body)(*lease));
            } catch (...) {
                lease.discard();
                throw;
            }
        } catch (...) {
            return std::unexpected(current_exception_as_error());
        }
    }

    [[nodiscard]] Engine engine() const { return engine_; }
    /// Transactions that SQLite has committed so far through this object.
    [[nodiscard]] std::uint64_t commits() const { return group_.commits(); }

  private:
    Database(Engine engine, const std::string& target);
    Result<> write_one(const GroupCommit::Body& body);
    /// Bytes that come out of the database and are not what they should be are a fault of this side, never of
    /// whoever asked.
    template <typename T>
    static T ours_if_unreadable(T done) {
        if constexpr (requires { done.error().code; }) {
            if (!done && is_about_bytes(done.error().code))
                return fail(ErrorCode::internal,
                            "database: what is stored cannot be read: " + describe(done.error()));
        }
        return done;
    }
    static bool is_about_bytes(ErrorCode code) {
        return code == ErrorCode::malformed || code == ErrorCode::truncated;
    }

    Engine engine_;
    SessionPool writers_;
    SessionPool readers_;
    GroupCommit group_;
};

}  // namespace assay::store
