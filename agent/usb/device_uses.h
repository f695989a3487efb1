#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/devices/host/host.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/wire/section/journal.h"

namespace assay::agent {

/// What is done with the USB devices that are there: which disks, interfaces and inputs the kernel made of
/// them, where their file systems are mounted, and how much was read and written. By the device's devpath.
class DeviceUses {
  public:
    /// Where there is a disk, or something has ceased and may be on its way out.
    static constexpr std::chrono::seconds kSample{2};
    static constexpr std::chrono::seconds kSampleInterfaces{
        30};  ///< where there is a network interface alone

    explicit DeviceUses(Host& host) : host_(host) {}

    void arrived(const std::string& devpath, std::uint64_t boottime_ms);
    /// What is there below the device already.
    void look_for_children(const std::string& devpath);
    /// An event of another subsystem: a child that came, if it is below one of the devices.
    void child(const Uevent& event);
    /// Everything until now; the device is forgotten.
    std::optional<DeviceUse> left(const std::string& devpath, std::uint64_t boottime_ms);

    /// Reads sizes and counters of all disks, the state of network interfaces, and the mount table. Gives the
    /// devices of which there is something new: a mount point, a medium that was put in or taken out, an
    /// interface that runs or stopped.
    std::vector<std::string> sample();
    [[nodiscard]] std::optional<DeviceUse> of(const std::string& devpath, std::uint64_t boottime_ms) const;
    /// When to sample again: the counters of a disk vanish with it, and no event tells that a network
    /// interface was set up. Nothing where there is neither.
    [[nodiscard]] std::optional<std::chrono::seconds> pause() const;

  private:
    struct Child {
        DeviceChild child;
        std::uint64_t read = 0, written = 0;  // bytes
        bool there = true;
        // Of the medium that the journal knows of. Empty: the disk was not ready yet when it came, and what
        // it says first is no act.
        std::optional<std::uint64_t> told_size = 0;
        bool told_up = false;
        // Boot time since which the medium is gone or the interface is down; told of once it lasts.
        std::optional<std::uint64_t> ceased_since_ms;
    };
    struct Used {
        std::uint64_t since_ms = 0;
        std::map<std::string, Child> children;  // by devpath
        std::set<std::string> mounted_at;
    };
    Used* owner(std::string_view devpath, std::string* name = nullptr);
    void add_child(Used& used, std::string_view subsystem, const std::string& devpath);
    void read_counters(const std::string& devpath, Child& disk);
    bool look_at(const std::string& devpath, Child& child, std::uint64_t boottime_ms);
    bool has_other_medium(const std::string& devpath, Child& disk, std::uint64_t boottime_ms);
    static bool lasts(Child& child, bool ceased, std::uint64_t boottime_ms);

    Host& host_;
    std::map<std::string, Used> used_;
};

}  // namespace assay::agent
