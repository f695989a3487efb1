#include "verifier/store/group_commit.h"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/fault.h"

namespace assay::store {

void end_transaction(soci::session& session, bool commit) {
    if (ASSAY_FAULT("store: before the commit")) throw std::runtime_error("an injected fault");
    session << (commit ? "COMMIT" : "ROLLBACK");
    // A commit whose answer is lost: done, and not known to be done.
    if (ASSAY_FAULT("store: behind the commit")) throw std::runtime_error("an injected fault");
}

GroupCommit::GroupCommit(SessionPool& writer, std::string begin, Bounds bounds)
    : writer_(writer), begin_(std::move(begin)), bounds_(bounds) {
    together_.reserve(bounds_.together);
}

Result<> GroupCommit::write(const Body& body) {
    Write mine;
    mine.body = &body;
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= bounds_.waiting) {
        return fail(ErrorCode::io,
                    fmt::format("database: {} writes wait already; try again later", waiting_.size()));
    }
    waiting_.push_back(&mine);
    if (!std::exchange(led_, true)) mine.leads = true;
    mine.woken.wait(lock, [&] { return mine.leads || mine.done; });
    if (!mine.done) {
        lock.unlock();
        lead();
    }
    if (mine.error) return std::unexpected(*std::move(mine.error));
    return {};
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
    const std::scoped_lock lock(mutex_);
    if (together_.empty()) {  // not even a session: whoever leads is the first that waits
        together_.push_back(waiting_.front());
        waiting_.pop_front();
    }
    for (auto* member : together_) {
        // Also of those that were refused: they may have been for what a neighbour wrote, and that has gone.
        if (failed) member->error = failed;
        member->done = true;
        // Under the lock, or the member could have gone before it is notified.
        member->woken.notify_one();
    }
    together_.clear();
    led_ = !waiting_.empty();
    if (!led_) return;
    waiting_.front()->leads = true;
    waiting_.front()->woken.notify_one();
}

GroupCommit::Write* GroupCommit::take(std::chrono::steady_clock::time_point until) {
    if (together_.size() >= bounds_.together) return nullptr;
    if (!together_.empty() && std::chrono::steady_clock::now() >= until) return nullptr;
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) return nullptr;
    together_.push_back(waiting_.front());
    waiting_.pop_front();
    return together_.back();
}

bool GroupCommit::keeps(soci::session& sql, Write& write, bool& broken) {
    try {
        return (*write.body)(sql);
    } catch (...) {
        write.error = current_exception_as_error();
        broken = true;
        return false;
    }
}

void GroupCommit::run_members(soci::session& sql, bool& broken) {
    const auto until = std::chrono::steady_clock::now() + bounds_.gathering_time;
    bool any = false;  // kept, so that there is an open transaction
    while (!broken) {
        auto* const write = take(until);
        if (write == nullptr) break;
        // The first needs no savepoint: without it nothing is left that its failure could harm.
        sql << (any ? "SAVEPOINT one_write" : begin_);
        if (keeps(sql, *write, broken)) {
            if (any) sql << "RELEASE one_write";
            any = true;
        } else if (any) {
            // Where the engine has given the whole transaction up, there is no savepoint, and this throws.
            sql << "ROLLBACK TO one_write";
            sql << "RELEASE one_write";
        } else if (!broken) {
            end_transaction(sql, false);
        }
    }
    if (!any) return;
    end_transaction(sql, true);
    ++commits_;
}

}  // namespace assay::store
