#include "verifier/server/workers.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "evidence/base/text.h"

namespace assay::server {
namespace {

constexpr std::size_t index_of(Lane lane) {
    return static_cast<std::size_t>(lane);
}

constexpr std::string_view name_of(Lane lane) {
    switch (lane) {
        case Lane::quick:
            return "quick";
        case Lane::operators:
            return "operators";
        case Lane::small:
            return "small";
        case Lane::large:
            break;
    }
    return "large";
}

}  // namespace

Workers::Workers(const ServerLimits& limits, unsigned threads, api::Metrics& metrics)
    : limits_(limits), threads_(std::max(2U, threads)), metrics_(metrics) {
    for (unsigned i = 0; i < threads_; ++i) running_.emplace_back([this] { run(false); });
    running_.emplace_back([this] { run(true); });
}

Workers::~Workers() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    quick_waits_.notify_all();
    work_waits_.notify_all();
    running_.clear();  // joins
}

bool Workers::admit(Lane lane, const std::string& source) {
    if (source.empty()) return true;
    const auto limit = lane == Lane::large ? limits_.large_queue : limits_.queue;
    if (queues_.at(index_of(lane)).size() >= limit) return false;
    auto& share = by_source_[source];
    if (share >= limits_.queue_per_address) return false;
    ++share;
    return true;
}

void Workers::release(const Task& task) {
    if (task.lane == Lane::large) --large_running_;
    if (task.source.empty()) return;
    const auto share = by_source_.find(task.source);
    if (--share->second == 0) by_source_.erase(share);
}

void Workers::submit(Lane lane, const std::string& source, Work work, Done done) {
    {
        const std::scoped_lock lock(mutex_);
        if (admit(lane, source)) {
            auto& queue = queues_.at(index_of(lane));
            queue.push_back({lane, source, std::move(work), std::move(done), Clock::now()});
            metrics_.set_queue(name_of(lane), queue.size());
            done = nullptr;
        }
    }
    if (done) return done(false);
    (lane == Lane::quick ? quick_waits_ : work_waits_).notify_one();
}

bool Workers::may_start(Lane lane) const {
    if (queues_.at(index_of(lane)).empty()) return false;
    return lane != Lane::large || large_running_ + 1 < threads_;
}

bool Workers::take(bool quick, Task& task) {
    constexpr std::array kTurns{Lane::operators, Lane::small, Lane::large};
    auto lane = Lane::quick;
    if (!quick) {
        std::size_t tried = 0;
        do {
            if (tried++ == kTurns.size()) return false;
            turn_ = (turn_ + 1) % kTurns.size();
            lane = kTurns.at(turn_);
        } while (!may_start(lane));
    } else if (!may_start(lane)) {
        return false;
    }
    auto& queue = queues_.at(index_of(lane));
    task = std::move(queue.front());
    queue.pop_front();
    if (lane == Lane::large) ++large_running_;
    metrics_.set_queue(name_of(lane), queue.size());
    return true;
}

void Workers::perform(Task& task) {
    metrics_.queued(name_of(task.lane), std::chrono::duration<double>(Clock::now() - task.since).count());
    try {
        task.work();
    } catch (const std::exception& error) {
        spdlog::error("worker: exception: {}", printable(error.what()));
    }
}

void Workers::run(bool quick) {
    auto& waits = quick ? quick_waits_ : work_waits_;
    std::unique_lock lock(mutex_);
    for (;;) {
        Task task;
        waits.wait(lock, [&] { return stopping_ || take(quick, task); });
        if (!task.work) return;
        lock.unlock();
        perform(task);
        lock.lock();
        // Before the client hears of it: its next request must find its place free.
        release(task);
        if (may_start(Lane::large)) work_waits_.notify_one();
        lock.unlock();
        task.done(true);
        lock.lock();
    }
}

}  // namespace assay::server
