#include "verifier/service/setup/write_behind.h"

#include <ctime>

#include <spdlog/spdlog.h>

#include "evidence/base/text.h"

namespace assay::setup {

WriteBehind::WriteBehind(api::UnprovenCounter& unproven, api::RefusalLog& refusals,
                         std::chrono::milliseconds interval)
    : unproven_(unproven),
      refusals_(refusals),
      thread_([this, interval](const std::stop_token& stop) { run(stop, interval); }) {}

WriteBehind::~WriteBehind() {
    thread_.request_stop();
    thread_.join();
    write();
}

void WriteBehind::run(const std::stop_token& stop, std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        wakes_.wait_for(lock, stop, interval, [] { return false; });
        if (!stop.stop_requested()) write();
    }
}

void WriteBehind::write() {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    for (const auto& written : {unproven_.flush(now), refusals_.flush()}) {
        if (!written)
            spdlog::warn("counts of refused requests are not stored yet: {}",
                         printable(describe(written.error())));
    }
}

}  // namespace assay::setup
