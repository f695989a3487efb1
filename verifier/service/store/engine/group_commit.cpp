#include "verifier/service/store/engine/group_commit.h"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/fault.h"

namespace assay::store {
namespace {

/// What one write of a transaction may undo, prepared once for all of them. Throws where the engine has given
/// the whole transaction up: then there is no savepoint any more.
class Savepoint {
  public:
    explicit Savepoint(soci::session& sql)
        : set_((sql.prepare << "SAVEPOINT one_write")),
          release_((sql.prepare << "RELEASE one_write")),
          undo_((sql.prepare << "ROLLBACK TO one_write")) {}
    void set() { set_.execute(true); }
    void end(bool kept) {
        if (!kept) undo_.execute(true);
        release_.execute(true);
    }

  private:
    soci::statement set_, release_, undo_;
};

}  // namespace

void end_transaction(soci::session& session, bool commit) {
    if (ASSAY_FAULT("store: before the commit")) throw std::runtime_error("an injected fault");
    session << (commit ? "COMMIT" : "ROLLBACK");
    // A commit whose answer is lost: done, and not known to be done.
    if (ASSAY_FAULT("store: behind the commit")) throw std::runtime_error("an injected fault");
}

GroupCommit::GroupCommit(SessionPool& writer, std::string begin, Bounds bounds)
    : writer_(writer), begin_(std::move(begin)), bounds_(bounds) {}

Result<> GroupCommit::write(const Body& body) {
    const auto mine = std::make_shared<Write>(body);
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() >= bounds_.waiting) {
            return fail(ErrorCode::io,
                        fmt::format("database: {} writes wait already; try again later", waiting_.size()));
        }
        waiting_.push_back(mine);
        if (!std::exchange(led_, true)) mine->state = leads;
    }
    mine->state.wait(waits);
    if (mine->state == leads) lead();
    if (auto& error = mine->error) return std::unexpected(*std::move(error));
    return {};
}

void GroupCommit::wake(Write& write, State state) {
    write.state = state;
    write.state.notify_one();
}

void GroupCommit::lead() {
    std::optional<Error> failed;
    try {
        SessionPool::Lease lease(writer_);
        bool broken = false;
        try {
            run_members(*lease, broken);
        } catch (...) {
            lease.discard();
            throw;
        }
        if (broken) lease.discard();
    } catch (...) {
        failed = current_exception_as_error();
    }
    Queued next;
    std::vector<Queued> members;
    {
        const std::scoped_lock lock(mutex_);
        if (together_.empty()) {  // not even a session: whoever leads is the first that waits
            together_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        members = std::move(together_);
        together_.clear();
        led_ = !waiting_.empty();
        if (led_) next = waiting_.front();
    }
    for (const auto& member : members) {
        // Also of those that were refused: they may have been for what a neighbour wrote, and that has gone.
        if (failed) member->error = failed;
        wake(*member, done);
    }
    // The last, so that those who write again at once are in time for it.
    if (next) wake(*next, leads);
}

GroupCommit::Write* GroupCommit::take(std::chrono::steady_clock::time_point until) {
    if (together_.size() >= bounds_.together) return nullptr;
    if (!together_.empty() && std::chrono::steady_clock::now() >= until) return nullptr;
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) return nullptr;
    together_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    return together_.back().get();
}

bool GroupCommit::keeps(soci::session& sql, Write& write, bool& broken) {
    try {
        return write.body(sql);
    } catch (...) {
        write.error = current_exception_as_error();
        broken = true;
        return false;
    }
}

void GroupCommit::run_members(soci::session& sql, bool& broken) {
    const auto until = std::chrono::steady_clock::now() + bounds_.gathering_time;
    std::optional<Savepoint> savepoint;
    bool any = false;  // kept, so that there is an open transaction
    while (!broken) {
        auto* const write = take(until);
        if (write == nullptr) break;
        // The first needs no savepoint: without it nothing is left that its failure could harm.
        if (!any) {
            sql << begin_;
        } else {
            if (!savepoint) savepoint.emplace(sql);
            savepoint->set();
        }
        const bool kept = keeps(sql, *write, broken);
        if (any) {
            savepoint->end(kept);
        } else if (!kept && !broken) {
            end_transaction(sql, false);
        }
        any = any || kept;
    }
    if (!any) return;
    end_transaction(sql, true);
    ++commits_;
}

}  // namespace assay::store
