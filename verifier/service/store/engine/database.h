#pragma once

#include <cstdint>
#include <expected>
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

/// What a function given to a database returns, as a Result: itself where it is one already.
template <typename T>
struct AsResult {
    using type = Result<T>;
};
template <typename T, typename E>
struct AsResult<std::expected<T, E>> {
    using type = std::expected<T, E>;
};

/// One database: for SQLite one writer and several readers, for PostgreSQL several of both.
class Database {
  public:
    static Result<std::unique_ptr<Database>> open(const std::string& connection);

    /// What `body(session)` returns, as a Result.
    template <typename Body>
    using Done = AsResult<std::invoke_result_t<Body, soci::session&>>::type;

    /// Runs `body(session)` in a transaction: kept if it returned a value or nothing, gone if it returned an
    /// error or threw. When this returns a value the commit is durable. SQLite:
    /// other threads' writes may share the transaction, and `body` may run in the thread of one of them.
    template <typename Body>
    Done<Body> write(Body&& body) {
        std::optional<Done<Body>> out;
        const auto done = write_one([&](soci::session& sql) {
            out.emplace(done_by(body, sql));
            return out->has_value();
        });
        if (!done) return std::unexpected(done.error());
        return ours_if_unreadable(
            *std::move(out));  // NOLINT(bugprone-unchecked-optional-access): write_one ran the body
    }

    /// Runs `body(session)`, which writes nothing.
    template <typename Body>
    Done<Body> read(Body&& body) {
        return on_lease<Done<Body>>(
            readers_, [&](soci::session& sql) { return ours_if_unreadable(done_by(body, sql)); });
    }

    [[nodiscard]] Engine engine() const { return engine_; }
    /// Transactions that SQLite has committed so far through this object.
    [[nodiscard]] std::uint64_t commits() const { return group_.commits(); }

  private:
    /// What throws is an error, and its session is closed.
    template <typename T, typename Body>
    static T on_lease(SessionPool& pool, Body&& body) {
        try {
            SessionPool::Lease lease(pool);
            try {
                return body(*lease);
            } catch (...) {
                lease.discard();
                throw;
            }
        } catch (...) {
            return std::unexpected(current_exception_as_error());
        }
    }
    template <typename Body>
    static Done<Body> done_by(Body& body, soci::session& sql) {
        if constexpr (std::is_void_v<std::invoke_result_t<Body, soci::session&>>) {
            body(sql);
            return {};
        } else {
            return body(sql);
        }
    }

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
