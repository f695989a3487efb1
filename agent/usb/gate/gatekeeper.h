#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/usb/device_table.h"
#include "agent/usb/gate/gate.h"

namespace assay::agent {

/// Takes the monitor's devices to the gate: asks about each that is kept out, carries the ruling out, and
/// tries again what the kernel or udev did not let it do yet. Nothing is let in before a record of kind
/// `grant` is on disk, and a device that is kept out has one record of kind `refusal`
/// (docs/formats/journal.md#gate). Without a gate it does nothing. One thread.
class Gatekeeper {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// Records; true where it is on disk.
    using Note = std::function<bool(const std::string& devpath, JournalRecord record)>;

    /// `gate` and what is taken by reference are borrowed; `gate` may be null. `trouble`: something to log.
    Gatekeeper(Host& host, Gate* gate, DeviceTable& devices, Note note,
               std::function<void(const std::string&)> trouble)
        : host_(host), gate_(gate), devices_(devices), note_(std::move(note)), trouble_(std::move(trouble)) {}

    /// Closes all buses.
    void start(const std::string& boot_id);
    /// Asks about all devices that are there: also for those that wait since before this start.
    void ask_all(Time now);
    /// A device came: a bus is closed, a device that should have been kept out is recorded, another is asked
    /// about.
    void came(const std::string& devpath, Time now);
    void ask(const std::string& devpath, Time now);
    /// Somebody else let it in.
    void overridden(const std::string& devpath) { kept_out_.erase(devpath); }
    void left(const std::string& devpath, const UsbDevice& device);
    /// What is due, and what a grant or the grace file that has come changes.
    void look(Time now);
    [[nodiscard]] std::optional<Time> next_due() const;
    /// Readable when `look` has something to do; -1 where nothing tells.
    [[nodiscard]] int fd() const { return gate_ == nullptr ? -1 : gate_->fd(); }

  private:
    void let_in(Time now);
    void close_again(Time now);
    void saved(const Result<>& result);

    struct Again {
        Time due;
        unsigned tries = 0;
    };
    Host& host_;
    Gate* gate_;
    DeviceTable& devices_;
    Note note_;
    std::function<void(const std::string&)> trouble_;
    std::map<std::string, Again> opening_;  // granted, and the kernel not told yet
    Again closing_;                         // buses that could not be closed
    std::set<std::string> kept_out_;        // refused, with a record of it
};

}  // namespace assay::agent
