#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "evidence/base/result.h"
#include "verifier/service/shared/metrics.h"

/// SIGHUP, as `systemctl reload` sends it: what is read from the state folder is read once more, while the
/// service serves.
namespace assay::setup {

/// SIGHUP does not end this program any more: it waits for a Reloads. To be called before there are threads.
void hold_hangups();

/// Calls `reload` once for each SIGHUP that came since hold_hangups(), as long as it lives, in a thread of
/// its own. Tells systemd that it reloads and how that ended, and the log.
class Reloads {
  public:
    /// `reload`: what was taken, for the log; or why nothing was taken at all, with the file's name.
    using Reload = std::function<Result<std::string>()>;

    /// `metrics` must outlive it.
    Reloads(Reload reload, api::Metrics& metrics);
    Reloads(const Reloads&) = delete;
    Reloads& operator=(const Reloads&) = delete;
    ~Reloads();

  private:
    void run();
    void once();

    Reload reload_;
    api::Metrics& metrics_;
    std::atomic<bool> ends_ = false;
    std::jthread thread_;
};

}  // namespace assay::setup
