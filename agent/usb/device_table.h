#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "agent/usb/device_uses.h"
#include "agent/usb/hotplug_device.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/wire/section/journal.h"

namespace assay::agent {

/// What became of a device, as the record to write of it, without boot id and clocks.
struct DeviceChange {
    std::string port;  ///< its devpath; its port path where it went while nobody watched
    JournalRecord record;
};
using DeviceChanges = std::vector<DeviceChange>;

/// The table of devices that are there. Kernel events, and comparisons with what is there where events are
/// missing, change it; each change is given back as a record, in the order in which they happened. It writes
/// nothing. No device is in it twice, none is taken out of it without a record of kind `remove`, and none
/// comes into it without `insert` or `present` unless the journal has it already. One thread.
///
/// A USB device is read at the `bind` of its usb_device (by then all its interfaces were announced), or
/// kSettle after its `add` where no `bind` comes.
class DeviceTable {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using UsbDevices = std::map<std::string, UsbDevice>;
    static constexpr std::chrono::milliseconds kSettle{2000};

    explicit DeviceTable(Host& host) : host_(host), uses_(host) {}

    /// What an event changes. Where it is a `remove`, `settle` comes first.
    DeviceChanges handle(const Uevent& event, Time now);
    /// Reads a device that was announced; nothing changes where it was not.
    DeviceChanges settle(const std::string& devpath);
    /// An announced device that has had its time to settle.
    [[nodiscard]] std::optional<std::string> settled_by(Time now) const;
    /// What was done with devices that are there; `next_due` says when to look again.
    DeviceChanges sample(Time now);
    [[nodiscard]] std::optional<Time> next_due() const;

    /// At the start: `in_journal`, by port path, were there when the last monitor of this boot ended.
    void begin(UsbDevices in_journal);
    /// At the start: what is there against the journal. `since_ms`: when the last monitor of this boot last
    /// watched; nothing in a boot that none watched yet.
    DeviceChanges compare_with_journal(std::optional<std::uint64_t> since_ms);
    /// The start is over: what the journal had of the time before says nothing any more.
    void started() { from_journal_.clear(); }
    /// After a loss of events: what is there against the table, which was right at `since_ms`.
    DeviceChanges compare(std::uint64_t since_ms);

    /// A change is in the journal, or on its way there.
    void recorded(const std::string& devpath, const JournalRecord& record);
    /// What the journal has of a port against what is there: a storm may have left them different.
    std::vector<JournalRecord> unrecorded(const std::string& devpath);

    /// The device was let in by the gate: its interfaces are no override.
    void let_in(const std::string& devpath);
    /// USB devices that are there, by devpath.
    [[nodiscard]] const UsbDevices& usb() const { return usb_; }
    [[nodiscard]] bool is_announced(std::uint64_t devnum) const;
    /// Looks at all disks for the highest number that one has (diskseq).
    void count_disks();
    [[nodiscard]] std::uint64_t diskseq() const { return diskseq_; }
    /// The highest device number that was ever seen on each bus: evidence/device/usb_numbers.h.
    [[nodiscard]] const Bytes& devnums() const { return devnums_; }

  private:
    struct Pending {
        Uevent event;
        Time due;
        HotplugDevice as_added;  // what could be read of it at once; empty for a USB device
    };
    DeviceChanges interface_came(const Uevent& event);
    DeviceChanges arrived(const Uevent& event);
    // `record` with the device; for a USB device that went also what was done with it.
    DeviceChange change(const std::string& devpath, UsbDevice device, JournalRecord record);
    DeviceChange change(const std::string& devpath, HotplugDevice device, JournalRecord record);
    template <typename Device>
    void compare(std::map<std::string, Device>& known, std::map<std::string, Device> there,
                 std::uint64_t since_ms, DeviceChanges& changes);
    [[nodiscard]] std::uint64_t boottime_ms() const;
    // What the kernel shows now; counts their numbers.
    UsbDevices devices_there();

    Host& host_;
    DeviceUses uses_;
    UsbDevices usb_;  // by devpath, as `hotplug_`
    std::map<std::string, HotplugDevice> hotplug_;
    std::map<std::string, Pending> pending_;  // added, not yet read
    UsbDevices from_journal_;                 // by port path
    UsbDevices recorded_;                     // by devpath, as the journal has them: differs within a storm
    std::uint64_t diskseq_ = 0;
    Bytes devnums_;
    std::optional<Time> sample_due_;
};

/// The USB devices that the kernel shows now, by devpath.
DeviceTable::UsbDevices usb_devices(Host& host);

}  // namespace assay::agent
