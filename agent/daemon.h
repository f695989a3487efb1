#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>

#include "agent/settings.h"

namespace assay::agent {

/// Where the settings come from, so that they can be read again.
struct Configuration {
    std::filesystem::path file;  ///< whose change is noticed while the service waits
    std::function<Result<Settings>()> load;
};

/// `assay-agent run`: attests at the interval with jitter, and about a second after a device came or went;
/// watches USB in a thread of its own. A verifier that is away is tried again with growing pauses. A host
/// that is not enrolled enrols itself (agent/enrol/self_enrol.h), and waits for what is missing: it says what
/// in the log once a change, as the service's status and in waiting.json, asks again with growing pauses of
/// at most kLongestWait, and looks every kLook whether a file that was missing is there. Reads its
/// configuration again on SIGHUP; settings that are wrong leave those of before. Ends cleanly on SIGTERM and
/// SIGINT. Enrolled, it waits in poll(2) without waking up in between. Tells systemd when it is ready, also
/// where it waits, and serves its watchdog.
Result<void> run_daemon(const Configuration& configuration);

namespace schedule {

inline constexpr std::chrono::milliseconds kDebounce{1000};
inline constexpr std::chrono::milliseconds kFirstPause{5'000};
/// Between two requests to be admitted, at most; a shorter `interval_s` makes it shorter.
inline constexpr std::chrono::minutes kLongestWait{5};
/// Between looks at the files that may end the waiting.
inline constexpr std::chrono::seconds kLook{2};
inline constexpr std::size_t kStatus = 1500;  ///< bytes of the line that `systemctl status` shows
/// Between attestations while the gate keeps a device out, so that a session that is opened meanwhile counts
/// soon; no longer than kGatePatience after the newest such device.
inline constexpr std::chrono::seconds kGateRetry{15};
inline constexpr std::chrono::minutes kGatePatience{10};

/// The interval moved by up to a tenth in either direction; `random` is uniform in 0..1.
std::chrono::milliseconds jittered(std::chrono::milliseconds interval, double random);
/// The pause after this many failures in a row (1 for the first): doubled each time from kFirstPause, at most
/// `interval`.
std::chrono::milliseconds pause_after(unsigned failures, std::chrono::milliseconds interval);

}  // namespace schedule
}  // namespace assay::agent
