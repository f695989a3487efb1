#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "agent/usb/monitor.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/agent/usb/builder.h"

namespace assay::test {

using Kind = DeviceEventKind;
using namespace std::chrono_literals;

inline bool accept_all(const agent::UeventSender&) {
    return true;
}
inline bool accept_none(const agent::UeventSender&) {
    return false;
}

// A monitor whose datagrams come over a socket pair.
struct Watched {
    explicit Watched(bool (*accepts)(const agent::UeventSender&) = &accept_all) : accepted(accepts) {
        begin();
    }
    /// The agent starts, or starts again.
    void begin() {
        monitor.reset();
        source.reset();
        journal.reset();
        journal = open();
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
        kernel = agent::FileDescriptor(ends[0]);
        agent::UsbMonitor::Events events;
        events.recorded = [this] { ++recorded; };
        events.trouble = [this](const std::string& text) { trouble.push_back(text); };
        source.emplace(agent::UeventSocket::adopt(agent::FileDescriptor(ends[1]), accepted));
        agent::UsbMonitor::Sources sources;
        sources.kernel_log = [this]() -> Result<std::vector<std::string>> { return log; };
        sources.tpm_resets = []() -> Result<std::uint32_t> { return 7; };
        sources.gate = gate_to_use;
        monitor.emplace(host, *journal, *source, std::move(sources), events);
    }
    std::unique_ptr<agent::AnchoredJournal> open() {
        return std::make_unique<agent::AnchoredJournal>(agent::Journal::open(folder.path() / "j").value(),
                                                        folder.path() / "j", nullptr);
    }
    void send(const std::string& datagram) const {
        REQUIRE(::send(kernel.get(), datagram.data(), datagram.size(), 0) ==
                static_cast<ssize_t>(datagram.size()));
    }
    void send(const std::string& action, std::uint64_t sequence, const std::string& port = "1-4") const {
        UeventBuilder event;
        event.action = action;
        event.devpath = std::string(kBus) + "/" + port;
        event.sequence = sequence;
        send(event.datagram());
    }
    /// The number of the device on its bus as the event has it.
    void send_numbered(const std::string& action, std::uint64_t sequence, const std::string& devnum) const {
        UeventBuilder event;
        event.action = action;
        event.sequence = sequence;
        event.keys.back() = "DEVNUM=" + devnum;
        send(event.datagram());
    }
    void start() { REQUIRE(monitor->start()); }
    void step(agent::UsbMonitor::Clock::duration after = 0s) {
        REQUIRE(source->pump());
        REQUIRE(monitor->step(begun + after));
    }
    [[nodiscard]] std::vector<JournalRecord> records() const {
        return decoded(agent::read_journal(folder.path() / "j", 0, 1U << 20U).value());
    }
    [[nodiscard]] std::vector<Kind> kinds() const {
        std::vector<Kind> out;
        for (const auto& record : records()) out.push_back(record.kind);
        return out;
    }

    TempFolder folder;
    FakeHost host;
    bool (*accepted)(const agent::UeventSender&);
    std::unique_ptr<agent::AnchoredJournal> journal;
    agent::FileDescriptor kernel;
    std::optional<agent::UeventSource> source;
    std::vector<std::string> log;  ///< the kernel's
    std::optional<agent::UsbMonitor> monitor;
    agent::UsbMonitor::Clock::time_point begun = agent::UsbMonitor::Clock::now();
    agent::Gate* gate_to_use = nullptr;
    int recorded = 0;
    std::vector<std::string> trouble;
};

}  // namespace assay::test
