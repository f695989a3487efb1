#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "evidence/wire/section/journal.h"

namespace assay::agent {

/// What the monitor knew when it last watched: `<state>/journal/watched`, for the next start to compare with.
/// Not synced to the disk each time: a crash of the agent leaves the newest, a crash of the machine begins a
/// new boot anyway.
struct WatchState {
    std::string boot_id;
    std::uint64_t boottime_ms = 0;
    std::int64_t wall_ms = 0;
    std::uint64_t uevent_sequence = 0;  ///< /sys/kernel/uevent_seqnum
    std::uint64_t diskseq = 0;          ///< the highest that any disk has

    bool operator==(const WatchState&) const = default;
};

/// Nothing where there is none, or where it cannot be understood: then nothing is known of the time before.
std::optional<WatchState> load_watch_state(const std::filesystem::path& folder);
Result<> save_watch_state(const std::filesystem::path& folder, const WatchState& state);

/// What is known of the time between two of them, but for the kernel's log: `waited` are the kernel's events
/// that a socket kept meanwhile, which are not missing.
Downtime downtime_between(const std::optional<WatchState>& before, const WatchState& now,
                          const std::vector<Bytes>& waited);

}  // namespace assay::agent
