#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "agent/usb/device_uses.h"
#include "agent/usb/gate/gate.h"
#include "agent/usb/journal/anchored_journal.h"
#include "agent/usb/kernel/kernel_log.h"
#include "agent/usb/kernel/uevent.h"
#include "agent/usb/kernel/uevent_source.h"
#include "agent/usb/storms.h"
#include "agent/usb/watch_state.h"

namespace assay {

/// Watches devices come and go and writes each into the journal before anybody is told. One thread.
///
/// A USB device is read at the `bind` of its usb_device (by then all its interfaces were announced), or
/// kSettle after its `add` where no `bind` comes. What is there is compared with what was known after each
/// loss of events, and where the kernel counted events that never came (kSequencePatience); what differs is
/// recorded with the span in which it happened.
class UsbMonitor {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kSettle{2000};
    static constexpr std::chrono::seconds kSequencePatience{10};
    static constexpr std::chrono::seconds kSample{
        2};  ///< between readings of the counters of a disk that is there
    static constexpr std::chrono::seconds kSampleInterfaces{
        30};  ///< where there is a network interface alone

    struct Events {
        std::function<void()> recorded;                   ///< a device came, went, or events were lost
        std::function<void(const std::string&)> trouble;  ///< something to log, on one line, printable
    };
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

  private:
    struct Pending {
        Uevent event;
        Clock::time_point due;
    };

    void handle(const Uevent& event);
    void handle_interface(const Uevent& event);
    void handle_hotplug(const Uevent& event);
    void settled(const Uevent& event);
    void announced(const Uevent& event);
    void arrived(const Uevent& event);
    void left(const Uevent& event);
    void lost(std::uint64_t count);
    bool look_again();
    bool look_again_at_hotplug();
    void check_sequence();
    void sample();
    void end_storms();
    void tell_storm(const Storms::Storm& storm, const JournalRecord& newest);
    void save_state();

    void handle_all(UeventSource::Batch batch);
    Result<> write_start(const std::optional<WatchState>& before, const UeventSource::Batch& waited,
                         std::vector<UsbTrace>& traces);
    void report_ghosts(const std::vector<UsbTrace>& traces);
    void compare_with_journal(const std::optional<WatchState>& before);
    std::map<std::string, UsbDevice> devices_there();

    void at_gate(const std::string& devpath);
    void ask_gate(const std::string& devpath);
    void ask_gate_again();
    void let_in();
    void gone_from_gate(const std::string& devpath, const UsbDevice& device);
    void look_at_gate();
    void gate_saved(const Result<>& saved);
    void close_again();
    [[nodiscard]] std::optional<Clock::time_point> gate_due() const;

    bool note(const std::string& devpath, JournalRecord record);
    bool tell(JournalRecord record, std::uint64_t events = 1);
    Result<void> write(JournalRecord record);
    Result<void> write_gap();
    void go(const std::string& devpath, UsbDevice device, JournalRecord record);

    Host& host_;
    AnchoredJournal& journal_;
    UeventSource& source_;
    Sources sources_;
    Events events_;
    DeviceUses uses_;
    Storms storms_;
    std::string boot_id_;
    Clock::time_point now_;
    std::map<std::string, UsbDevice> known_;  // by devpath
    std::map<std::string, UsbDevice>
        from_journal_;  // by port path: there when the last monitor ended; at start only
    std::map<std::string, UsbDevice> recorded_;  // likewise, as the journal has it: differs within a storm
    std::map<std::string, HotplugDevice> known_hotplug_;  // by devpath
    std::map<std::string, JournalRecord> stormy_;         // the newest record of a port that was not written
    std::map<std::string, Pending> pending_;              // added, not yet read
    std::uint64_t lost_ = 0;                              // events that are in no record yet
    bool gap_ = false;                 // a gap is to be written, with `lost_` or an unknown count
    std::uint64_t good_until_ms_ = 0;  // CLOCK_BOOTTIME: up to then nothing was lost
    std::uint64_t sequence_ = 0;       // of the kernel's events: up to there all was handled
    std::uint64_t diskseq_ = 0;        // the highest that any disk had
    bool state_is_old_ = false;        // it could not be saved the last time
    struct Wanted {
        std::uint64_t sequence;
        Clock::time_point due;
    };
    std::optional<Wanted> wanted_;  // the kernel counted up to there
    std::optional<Clock::time_point> sample_due_;
    struct Again {
        Clock::time_point due;
        unsigned tries = 0;
    };
    std::map<std::string, Again> opening_;  // granted, and the kernel not told yet
    Again closing_;                         // buses that could not be closed
    std::set<std::string> kept_out_;        // refused, with a record of it
};

}  // namespace assay
