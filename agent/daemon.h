#pragma once

#include <atomic>
#include <chrono>

#include "agent/settings.h"

namespace assay::agent {

/// `assay-agent run`: attests at the interval with jitter, and about a second after a device came or went;
/// watches USB in a thread of its own. A verifier that is away is tried again with growing pauses. Ends
/// cleanly on SIGTERM and SIGINT. Waits in poll(2) without waking up in between. Tells systemd when it is
/// ready, and serves its watchdog.
Result<void> run_daemon(const Settings& settings);

namespace schedule {

inline constexpr std::chrono::milliseconds kDebounce{1000};
inline constexpr std::chrono::milliseconds kFirstPause{5'000};
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
