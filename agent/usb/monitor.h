#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "agent/usb/device_table.h"
#include "agent/usb/gap_rule.h"
#include "agent/usb/gate/gatekeeper.h"
#include "agent/usb/kernel/kernel_log.h"
#include "agent/usb/kernel/uevent.h"
#include "agent/usb/kernel/uevent_source.h"
#include "agent/usb/monitor_journal.h"
#include "agent/usb/storms.h"
#include "agent/usb/watch_state.h"

namespace assay::agent {

/// Watches devices come and go and writes each into the journal before anybody is told. One thread.
///
/// Each of its parts has one duty: the table says what changed, the storm rule whether that is written or
/// counted, the journal writes it, the gap rule counts what could not be written or never came, and the
/// gatekeeper lets new devices in or keeps them out. What is there is compared with what was known after each
/// loss of events, and where the kernel counted events that never came.
class UsbMonitor {
  public:
    using Clock = std::chrono::steady_clock;
    using Events = MonitorJournal::Events;
    /// What is asked at the start beside the host; each may be empty.
    struct Sources {
        std::function<Result<std::vector<std::string>>()> kernel_log;  ///< records of /dev/kmsg
        std::function<Result<std::uint32_t>()> tpm_resets;             ///< the TPM's resetCount
        Gate* gate = nullptr;  ///< borrowed; stands before new devices, where there is one
    };

    /// All are borrowed. The source is subscribed already: what happens from now on waits in it.
    UsbMonitor(Host& host, AnchoredJournal& journal, UeventSource& source, Sources sources, Events events);

    /// Writes monitor_start with what is known of the time before, what is there now, and what went
    /// meanwhile.
    Result<void> start();
    /// Waits for events and handles them until `stop_fd` is readable. `start` comes first. An error only
    /// where waiting fails: what cannot be written is counted and becomes a gap as soon as it can.
    Result<void> run(int stop_fd);

    /// One step of `run`, for tests with a clock of their own: handles all that has come, then what is due.
    Result<void> step(Clock::time_point now);
    /// When `step` has something to do without an event; nothing: never.
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;

    /// What it knew at the end of a look that began after this call, or, where that takes longer than
    /// `patience`, of its last one. For any thread but its own, after `start`.
    [[nodiscard]] WatchState state_after_a_look(std::chrono::milliseconds patience);

  private:
    void handle_all(UeventSource::Batch batch);
    void handle(const Uevent& event);
    void apply(DeviceChanges changes);
    bool note(const std::string& port, JournalRecord record);
    void end_storms();
    void look_where_events_are_missing();
    void begin_look();
    void end_look();

    Result<> write_start(const std::optional<WatchState>& before, const UeventSource::Batch& waited,
                         std::vector<UsbTrace>& traces);
    void report_ghosts(const std::vector<UsbTrace>& traces);

    Host& host_;
    UeventSource& source_;
    Sources sources_;
    Clock::time_point now_;
    GapRule gaps_;
    Storms storms_;
    DeviceTable devices_;
    MonitorJournal journal_;
    Gatekeeper gate_;

    // What another thread may ask for.
    std::mutex mutex_;
    std::condition_variable looked_;
    WatchState state_;
    std::uint64_t look_ = 0;  // the number of the newest look
    bool looking_ = false;    // it is not over
};

}  // namespace assay::agent
