#include "verifier/service/server/workers.h"

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
    for (unsigned i = 0; i < threads_; ++i) running_.emplace_back([this] { run(working_); });
    running_.emplace_back([this] { run(quick_); });
}

Workers::~Workers() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    quick_.called.notify_all();
    working_.called.notify_all();
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
            call_next(lane == Lane::quick ? quick_ : working_);
        }
    }
    if (done) done(false);
}

bool Workers::may_start(Lane lane) const {
    if (queues_.at(index_of(lane)).empty()) return false;
    return lane != Lane::large || large_running_ + 1 < threads_;
}

bool Workers::has_work(const Crew& crew) const {
    if (&crew == &quick_) return may_start(Lane::quick);
    return may_start(Lane::operators) || may_start(Lane::small) || may_start(Lane::large);
}

void Workers::call_next(Crew& crew) {
    if (crew.resting == 0 || crew.is_waking || !has_work(crew)) return;
    crew.is_waking = true;
    crew.called.notify_one();
}

bool Workers::take(const Crew& crew, Task& task) {
    constexpr std::array kTurns{Lane::operators, Lane::small, Lane::large};
    if (!has_work(crew)) return false;
    auto lane = Lane::quick;
    if (&crew == &working_) {
        do {
            turn_ = (turn_ + 1) % kTurns.size();
            lane = kTurns.at(turn_);
        } while (!may_start(lane));
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

void Workers::run(Crew& crew) {
    std::unique_lock lock(mutex_);
    for (;;) {
        Task task;
        while (!stopping_ && !take(crew, task)) {
            ++crew.resting;
            crew.called.wait(lock);
            --crew.resting;
            crew.is_waking = false;
        }
        if (!task.work) return;
        call_next(crew);
        lock.unlock();
        perform(task);
        lock.lock();
        // Before the client hears of it: its next request must find its place free.
        release(task);
        call_next(crew);  // a large one may start now
        lock.unlock();
        task.done(true);
        lock.lock();
    }
}

}  // namespace assay::server
