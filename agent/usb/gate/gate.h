#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/host.h"
#include "evidence/wire/section/sections.h"
#include "evidence/wire/statement/device_grant.h"

namespace assay::agent {

/// What the gate says of a device.
struct GateRuling {
    bool admitted = false;
    Bytes document;  ///< of the record: docs/formats/journal.md#gate
};

/// Until when a person on the host holds the gate open, and why.
struct Grace {
    std::int64_t until_s = 0;  ///< Unix time
    std::string reason;
};

/// Keeps USB devices unauthorised that nobody has let in. A device is let in if it is on the allow list, was
/// there when the gate was closed in this boot, is the keyboard that was there last while no other is, an
/// accompanied session is open (DeviceGrant), a grace file says so, or the kernel's command line has
/// `assay.gate=off`. What was let in stays in. USB alone: other buses have no such switch that all have.
///
/// One thread, but for `take`, `waiting` and `trouble`.
class Gate {
  public:
    static constexpr std::string_view kOff = "assay.gate=off";
    static constexpr std::int64_t kTouched_s = 3600;  ///< how long an empty grace file holds
    static constexpr std::int64_t kLongestGrace_s = 86'400;

    using Write = std::function<Result<>(const std::string& path, std::string_view value)>;
    using Devices = std::map<std::string, UsbDevice>;  ///< by devpath

    /// `folder`: its own, for the grace file and for what was there. Made where it is missing.
    Gate(Host& host, std::filesystem::path folder, std::vector<usb::Rule> allow, Write write);

    /// Closes every bus. What of `there` is authorised counts as there from the start, unless this boot's
    /// gate was closed before. An error: it is closed, but what a restart of the agent needs could not be
    /// saved, or the grace file cannot be watched.
    Result<> start(const std::string& boot_id, const Devices& there);
    /// Closes one bus: its root hub came, or somebody opened it.
    void close(const std::string& root_hub);
    /// `others`: all devices that are there. `boottime_ms` is the moment.
    GateRuling rule(const UsbDevice& device, const Devices& others, const HostClock& now);
    /// Lets in. `refused` while udev has not given the file to the agent's group yet.
    Result<> admit(const std::string& devpath);
    /// A device went. An error as of `start`.
    Result<> left(const UsbDevice& device);
    /// How many devices are kept out.
    void set_waiting(std::size_t count) { waiting_ = count; }

    /// The grants of the verifier's newest answer, verified, each with its token: what it does not name any
    /// more is closed. `received_ms`: CLOCK_BOOTTIME. Any thread.
    void take(std::vector<std::pair<DeviceGrant, std::string>> grants, std::uint64_t received_ms);
    /// Whether a grant or the grace file has come, or gone, since the last call.
    bool changed();
    /// Readable when the grace file changes; -1 where that cannot be watched.
    [[nodiscard]] int fd() const { return notify_.get(); }
    [[nodiscard]] std::size_t waiting() const { return waiting_; }
    [[nodiscard]] bool is_off() const { return off_; }
    /// Why it is not closed everywhere; nothing where it is.
    [[nodiscard]] std::optional<std::string> trouble() const;

  private:
    struct Granted {
        DeviceGrant grant;
        std::string token;
        std::uint64_t until_ms;
    };
    std::optional<GateRuling> by_session(const UsbDevice& device, const std::optional<usb::Device>& read,
                                         std::uint64_t now_ms, std::string& text);
    void load(const std::string& boot_id);
    Result<> save();

    Host& host_;
    std::filesystem::path folder_;
    std::vector<usb::Rule> allow_;
    Write write_;
    FileDescriptor notify_;
    bool off_ = false;  // by the kernel's command line
    std::string boot_id_;
    std::set<std::string> there_;  // identities, with their port
    std::string last_keyboard_;    // identity without port
    std::atomic<std::size_t> waiting_ = 0;
    std::atomic<bool> new_grant_ = false;
    mutable std::mutex mutex_;
    std::vector<Granted> grants_;
    std::map<std::string, std::string> trouble_;  // by root hub
};

/// The grace file of a gate's folder; nothing where there is none, it ended, or it cannot be understood
/// (`why` says so then).
std::optional<Grace> grace_of(const std::filesystem::path& folder, std::int64_t now_s,
                              std::string* why = nullptr);
/// Writes it: from now on for `seconds`.
Result<> write_grace(const std::filesystem::path& folder, const Grace& grace);
Result<> remove_grace(const std::filesystem::path& folder);

/// The kernel's command line has this word.
bool gate_is_off(Host& host);

/// "usb1": the hub that a bus begins with, which is the host controller itself.
inline bool is_root_hub(std::string_view port_path) {
    return port_path.starts_with("usb");
}

}  // namespace assay::agent
