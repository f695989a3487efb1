#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "verifier/service/server/limits.h"
#include "verifier/service/shared/metrics.h"

namespace assay::server {

/// Which requests wait for each other.
enum class Lane : std::uint8_t {
    quick,      ///< answered at once: a thread of its own
    operators,  ///< of operators
    small,      ///< a stranger's, with a small body
    large       ///< a stranger's, with a large one: never on all threads at once
};

/// Threads that work on requests, beside those that read and write. The lanes take turns.
class Workers {
  public:
    using Work = std::function<void()>;
    /// True after the work was done; false where the lane or the address has its share, and nothing was done.
    /// Called from any thread; not at all where the workers end before.
    using Done = std::move_only_function<void(bool)>;

    /// At least two threads for work, and one for what is quick.
    Workers(const ServerLimits& limits, unsigned threads, api::Metrics& metrics);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    /// Finishes what is being worked on; what waits is dropped.
    ~Workers();

    /// `source` is the stranger's address. Empty, it is for an operator, and never refused: each of their
    /// connections has but one request at a time.
    void submit(Lane lane, const std::string& source, Work work, Done done);

  private:
    using Clock = std::chrono::steady_clock;
    struct Task {
        Lane lane;
        std::string source;
        Work work;
        Done done;
        Clock::time_point since;
    };
    /// Threads that wait for the same tasks.
    struct Crew {
        std::condition_variable called;
        unsigned resting = 0;
        bool is_waking = false;  // one was called, and has not looked for a task yet
    };
    static constexpr std::size_t kLanes = 4;

    bool admit(Lane lane, const std::string& source);
    void release(const Task& task);
    bool may_start(Lane lane) const;
    bool has_work(const Crew& crew) const;
    /// One thread at a time is woken: it calls the next where there is more to do. Waking one for each task
    /// costs more than small tasks do.
    void call_next(Crew& crew);
    bool take(const Crew& crew, Task& task);
    void run(Crew& crew);
    void perform(Task& task);

    const ServerLimits limits_;
    const unsigned threads_;
    api::Metrics& metrics_;
    std::mutex mutex_;
    Crew quick_, working_;
    std::array<std::deque<Task>, kLanes> queues_;
    std::unordered_map<std::string, std::size_t> by_source_;  // waiting or being worked on
    std::size_t turn_ = 0;
    unsigned large_running_ = 0;
    bool stopping_ = false;
    std::vector<std::jthread> running_;
};

}  // namespace assay::server
