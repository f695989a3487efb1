#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "evidence/base/result.h"
#include "verifier/service/store/engine/session_pool.h"

namespace assay::store {

/// Writes of several threads in one transaction, for an engine that has one writer: one flush of the disk
/// serves all of them. Whoever comes while nobody writes begins at once; who comes meanwhile waits, and joins
/// the transaction under way or the next. Nobody waits for company. Thread-safe.
class GroupCommit {
  public:
    struct Bounds {
        std::size_t waiting = 1024;                       ///< writes; further ones are refused
        std::size_t together = 128;                       ///< writes in one transaction
        std::chrono::microseconds gathering_time{2'000};  ///< after it none joins a transaction any more
    };

    /// What a write does: true to keep it. What it throws is its own error, and it is not kept then.
    using Body = std::function<bool(soci::session&)>;

    /// `writer`: a pool of one. `begin`: the statement that begins a transaction.
    GroupCommit(SessionPool& writer, std::string begin, Bounds bounds);

    /// Runs `body`, in whichever thread of those that write; returns when its transaction has been committed
    /// durably. A write that is not kept leaves those beside it as they are. An error: nothing was kept; `io`
    /// also where too many wait.
    Result<> write(const Body& body);

    /// Transactions that were committed so far.
    [[nodiscard]] std::uint64_t commits() const { return commits_; }
    /// Writes that are in no transaction yet.
    [[nodiscard]] std::size_t waiting() {
        const std::scoped_lock lock(mutex_);
        return waiting_.size();
    }

  private:
    enum State : int { waits, leads, done };
    struct Write {
        explicit Write(const Body& of) : body(of) {}
        const Body& body;
        std::optional<Error> error;
        std::atomic<int> state = waits;
    };
    using Queued = std::shared_ptr<Write>;  // whoever wakes it may be the last to hold it

    /// One transaction, from the first that waits on.
    void lead();
    void run_members(soci::session& sql, bool& broken);
    /// The next that joins, if it may.
    Write* take(std::chrono::steady_clock::time_point until);
    bool keeps(soci::session& sql, Write& write, bool& broken);
    static void wake(Write& write, State state);

    SessionPool& writer_;
    std::string begin_;
    Bounds bounds_;
    std::mutex mutex_;
    std::deque<Queued> waiting_;
    bool led_ = false;              // somebody leads, or is woken to
    std::vector<Queued> together_;  // the leader's alone
    std::atomic<std::uint64_t> commits_ = 0;
};

/// COMMIT or ROLLBACK. Throws.
void end_transaction(soci::session& session, bool commit);

}  // namespace assay::store
