#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/host.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/settings.h"
#include "agent/usb/gate/gate.h"
#include "agent/usb/journal/anchored_journal.h"
#include "agent/usb/journal/statement_spool.h"
#include "agent/usb/kernel/uevent_source.h"
#include "agent/usb/monitor.h"

namespace assay::agent {

/// The USB monitor of the service with its journal and threads. It ends with the object.
class Watch {
  public:
    /// `tpm` is borrowed. `recorded` is called, from a thread of the watch, when something new stands in the
    /// journal.
    static Result<std::unique_ptr<Watch>> start(const Settings& settings, Tpm& tpm,
                                                const std::function<void()>& recorded);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    AnchoredJournal& journal() { return journal_; }
    /// Also where the verifier is away: the monitor looks whether it lost something, and notes that it
    /// watches.
    void beat() { source_->poke(); }
    /// Each attestation tells a sign of life: the monitor looks first, as far as it comes to it soon.
    std::optional<Heartbeat> heartbeat(Host& host);
    [[nodiscard]] bool ended() const { return ended_; }
    /// Nothing where no gate stands before new devices.
    Gate* gate() { return gate_.get(); }

  private:
    Watch(Journal journal, const std::filesystem::path& folder, Tpm& tpm, FileDescriptor stop);
    void set_up_anchor();
    void take_statements(const std::filesystem::path& folder, const std::function<void()>& recorded);
    void read();
    void run();

    std::unique_ptr<Host> host_;
    AnchoredJournal journal_;
    FileDescriptor stop_;
    std::unique_ptr<UeventSource> source_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<UsbMonitor> monitor_;
    std::thread reader_, thread_;
    std::atomic<bool> ended_{false};
    std::unique_ptr<statement_spool::Intake> intake_;  // last: its thread uses what stands above
};

}  // namespace assay::agent
