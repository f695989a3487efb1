#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/devices/host.h"
#include "agent/usb/journal.h"
#include "agent/usb/uevent.h"
#include "agent/usb/uevent_socket.h"

namespace assay {

/// Watches USB devices come and go and writes each into the journal before anybody is told. One thread.
///
/// A device is read at the `bind` of its usb_device (by then all its interfaces were announced), or kSettle
/// after its `add` where no `bind` comes. After a loss of events the journal has a gap with the count, and
/// the devices that are there are compared with those that were known.
class UsbMonitor {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kSettle{2000};

    struct Events {
        std::function<void()> recorded;                   ///< a device came, went, or events were lost
        std::function<void(const std::string&)> trouble;  ///< something to log, on one line, printable
    };

    /// `host` and `journal` are borrowed. The socket is subscribed already: what happens from now on waits in
    /// it.
    UsbMonitor(Host& host, Journal& journal, UeventSocket socket, Events events);

    /// Writes monitor_start and what is there now.
    Result<void> start();
    /// Waits for events and handles them until `stop_fd` is readable. `start` comes first. An error only
    /// where the socket fails: what cannot be written is counted and becomes a gap as soon as it can.
    Result<void> run(int stop_fd);

    /// One step of `run`, for tests with a clock of their own: reads all that waits, then takes what has
    /// settled.
    Result<void> step(Clock::time_point now);
    /// When `step` has something to do without an event.
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;

  private:
    struct Pending {
        Uevent event;
        Clock::time_point due;
    };

    void handle(const Uevent& event, Clock::time_point now);
    void arrived(const Uevent& event);
    void left(const Uevent& event);
    void lost(std::uint64_t count);
    Result<void> write(DeviceEventKind kind, std::uint64_t kernel_sequence, std::optional<UsbDevice> device);
    void note(DeviceEventKind kind, std::uint64_t kernel_sequence, std::optional<UsbDevice> device);
    Result<void> write_gap();
    void look_again();

    Host& host_;
    Journal& journal_;
    UeventSocket socket_;
    Events events_;
    std::string boot_id_;
    std::map<std::string, UsbDevice> known_;  // by devpath
    std::map<std::string, Pending> pending_;  // added, not yet read
    std::uint64_t lost_ = 0;                  // events that are in no record yet
    bool gap_ = false;                        // a gap is to be written, with `lost_` or an unknown count
};

}  // namespace assay
