#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "agent/devices/host/host.h"
#include "agent/usb/gap_rule.h"
#include "agent/usb/journal/anchored_journal.h"
#include "agent/usb/watch_state.h"

namespace assay::agent {

/// Writes the monitor's records, each with boot id and clocks, and after the gap where one is open. Never
/// drops an event in silence: what cannot be written is counted in the gap rule, and logged. One thread.
class MonitorJournal {
  public:
    struct Events {
        std::function<void()> recorded;                   ///< a device came, went, or events were lost
        std::function<void(const std::string&)> trouble;  ///< something to log, on one line, printable
    };
    /// What the records of this boot say of the USB devices, as far as they are not pruned.
    struct Presence {
        std::map<std::string, UsbDevice> present;                  ///< by port path: came, and did not go
        std::set<std::pair<std::string, std::uint64_t>> recorded;  ///< port path and device number of each
        bool watched = false;                                      ///< a monitor ran in this boot before
    };
    /// All but `events` are borrowed.
    MonitorJournal(Host& host, AnchoredJournal& journal, GapRule& gaps, Events events)
        : host_(host), journal_(journal), gaps_(gaps), events_(std::move(events)) {}

    /// Reads the boot id, which all records get. Before any of them.
    Result<> begin();
    [[nodiscard]] const std::string& boot_id() const { return boot_id_; }
    /// CLOCK_BOOTTIME of the newest monitor_start that was written.
    [[nodiscard]] std::uint64_t started_ms() const { return started_ms_; }
    /// Empty where the journal cannot be read.
    [[nodiscard]] Presence presence() const;
    [[nodiscard]] const AnchoredJournal& journal() const { return journal_; }

    /// For the record that has to stand before all others, also before a gap: an error where it cannot be
    /// written.
    Result<> write(JournalRecord record);
    /// True where it is on disk. `events`: how many it stands for, which are counted where it is not.
    bool append(JournalRecord record, std::uint64_t events = 1);
    /// Counts events that are in no record (0: how many is not known), and writes the gap at once.
    void lose(std::uint64_t events);
    /// Notes for the next start that all was watched until now.
    void save_state(const WatchState& state);
    void trouble(const std::string& text) const { events_.trouble(text); }

  private:
    Result<> write_gap();

    Host& host_;
    AnchoredJournal& journal_;
    GapRule& gaps_;
    Events events_;
    std::string boot_id_;
    std::uint64_t started_ms_ = 0;
    bool state_is_old_ = false;  // it could not be saved the last time
};

}  // namespace assay::agent
