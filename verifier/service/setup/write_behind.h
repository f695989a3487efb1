#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "verifier/service/shared/refusal_log.h"
#include "verifier/service/shared/unproven.h"

namespace assay::setup {

/// Writes what strangers' requests left in memory: every `interval`, and once more when it ends. A thread of
/// its own, so that none of those requests waits for a write.
class WriteBehind {
  public:
    /// Both must outlive it.
    WriteBehind(api::UnprovenCounter& unproven, api::RefusalLog& refusals,
                std::chrono::milliseconds interval = std::chrono::seconds(5));
    WriteBehind(const WriteBehind&) = delete;
    WriteBehind& operator=(const WriteBehind&) = delete;
    ~WriteBehind();

  private:
    void run(const std::stop_token& stop, std::chrono::milliseconds interval);
    void write();

    api::UnprovenCounter& unproven_;
    api::RefusalLog& refusals_;
    std::mutex mutex_;
    std::condition_variable_any wakes_;
    std::jthread thread_;
};

}  // namespace assay::setup
