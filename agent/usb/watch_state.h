#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "evidence/base/result.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/system_sections.h"

namespace assay::agent {

/// What the monitor knew when it last watched: `<state>/journal/watched`, for the next start to compare with
/// and for an attestation beside it to tell.
/// Not synced to the disk each time: a crash of the agent leaves the newest, a crash of the machine begins a
/// new boot anyway.
struct WatchState {
    std::string boot_id;
    std::uint64_t boottime_ms = 0;
    std::int64_t wall_ms = 0;
    std::uint64_t uevent_sequence = 0;  ///< /sys/kernel/uevent_seqnum
    std::uint64_t diskseq = 0;          ///< the highest that any disk has
    std::uint64_t started_ms = 0;       ///< CLOCK_BOOTTIME of its monitor_start
    Bytes devnums = {};                 ///< the highest of each bus: evidence/device/usb_numbers.h

    bool operator==(const WatchState&) const = default;
};

/// Nothing where there is none, or where it cannot be understood: then nothing is known of the time before.
std::optional<WatchState> load_watch_state(const std::filesystem::path& folder);
Result<> save_watch_state(const std::filesystem::path& folder, const WatchState& state);

/// What is known of the time between two of them, but for the kernel's log: `waited` are the kernel's events
/// that a socket kept meanwhile, which are not missing.
Downtime downtime_between(const std::optional<WatchState>& before, const WatchState& now,
                          const std::vector<Bytes>& waited);

/// The sign of life that a monitor of this state gives now; nothing where it was one of another boot.
std::optional<Heartbeat> heartbeat_of(Host& host, const WatchState& state);

}  // namespace assay::agent
