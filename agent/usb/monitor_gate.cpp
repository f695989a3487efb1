#include <fmt/core.h>

#include "agent/devices/host/usb_device.h"
#include "agent/usb/gate/root_hub.h"
#include "agent/usb/kernel/uevent.h"
#include "agent/usb/monitor.h"
#include "evidence/base/text.h"

// What the monitor does where a gate stands before new devices.
namespace assay {
namespace {

// udev gives the file to the agent's group at about the time at which the kernel tells the agent.
constexpr std::chrono::milliseconds kAgain{100};
constexpr unsigned kTries = 50;
constexpr std::chrono::milliseconds kCloseAgain{500};
constexpr unsigned kCloseTries = 20;  // then with each attestation

JournalRecord gate_record(DeviceEventKind kind, const UsbDevice& device, Bytes document) {
    JournalRecord record;
    record.kind = kind;
    record.device = device;
    record.document = std::move(document);
    return record;
}

}  // namespace

// A device came: a bus is closed, a device that should have been kept out is told, another is asked about.
void UsbMonitor::at_gate(const std::string& devpath) {
    if (sources_.gate == nullptr) return;
    const auto known = known_.find(devpath);
    if (known == known_.end()) return;
    if (is_root_hub(known->second.port_path)) return sources_.gate->close(devpath);
    if (!known->second.authorized) return ask_gate(devpath);
    if (sources_.gate->trouble()) return;  // it was not closed, and the evidence says so
    JournalRecord record;
    record.kind = DeviceEventKind::authorize;
    record.device = known->second;
    note(devpath, std::move(record));
    for (const auto& [path, device] : known_) {
        if (is_root_hub(device.port_path) && devpath.starts_with(path + "/")) sources_.gate->close(path);
    }
}

void UsbMonitor::ask_gate(const std::string& devpath) {
    const auto known = known_.find(devpath);
    if (known == known_.end() || known->second.authorized || opening_.contains(devpath)) return;
    auto ruling = sources_.gate->rule(known->second, known_, host_.clock().value_or(HostClock{}));
    if (ruling.admitted) {
        // Nothing is let in without a record of it.
        if (!note(devpath, gate_record(DeviceEventKind::grant, known->second, std::move(ruling.document))))
            return;
        kept_out_.erase(devpath);
        opening_[devpath] = {now_, 0};
        let_in();
    } else if (!kept_out_.contains(devpath)) {
        if (note(devpath, gate_record(DeviceEventKind::refusal, known->second, std::move(ruling.document))))
            kept_out_.insert(devpath);
    }
    sources_.gate->set_waiting(kept_out_.size());
}

// Once more for all that are kept out.
void UsbMonitor::ask_gate_again() {
    for (const auto& devpath : std::set<std::string>(kept_out_)) ask_gate(devpath);
}

std::optional<UsbMonitor::Clock::time_point> UsbMonitor::gate_due() const {
    std::optional<Clock::time_point> next;
    if (closing_.tries != 0 && closing_.tries < kCloseTries) next = closing_.due;
    for (const auto& [path, opening] : opening_) next = std::min(next.value_or(opening.due), opening.due);
    return next;
}

void UsbMonitor::let_in() {
    for (auto it = opening_.begin(); it != opening_.end();) {
        auto& [devpath, opening] = *it;
        if (opening.due > now_) {
            ++it;
            continue;
        }
        const auto known = known_.find(devpath);
        const auto done = known == known_.end() ? Result<>() : sources_.gate->admit(devpath);
        if (!done && done.error().code == ErrorCode::refused && ++opening.tries < kTries) {
            opening.due = now_ + kAgain;
            ++it;
            continue;
        }
        if (!done) events_.trouble(fmt::format("gate: not let in: {}", printable(describe(done.error()))));
        if (done && known != known_.end()) {
            auto device = read_usb_device(host_, std::string(kSys) + devpath);
            if (device && device->devnum == known->second.devnum) known->second = *std::move(device);
            known->second.authorized = true;  // by the gate: its interfaces are no override
        }
        it = opening_.erase(it);
    }
}

void UsbMonitor::gone_from_gate(const std::string& devpath, const UsbDevice& device) {
    if (sources_.gate == nullptr) return;
    kept_out_.erase(devpath);
    opening_.erase(devpath);
    gate_saved(sources_.gate->left(device));
    sources_.gate->set_waiting(kept_out_.size());
}

void UsbMonitor::gate_saved(const Result<>& saved) {
    if (!saved) events_.trouble(fmt::format("gate: not kept: {}", printable(describe(saved.error()))));
}

// At the machine's start udev may come to a bus after the agent does.
void UsbMonitor::close_again() {
    if (sources_.gate->is_off() || (closing_.tries != 0 && closing_.due > now_ && sources_.gate->trouble()))
        return;
    if (sources_.gate->trouble()) {
        for (const auto& [path, device] : known_) {
            if (is_root_hub(device.port_path)) sources_.gate->close(path);
        }
    }
    const auto trouble = sources_.gate->trouble();
    closing_ = trouble ? Again{now_ + kCloseAgain, closing_.tries + 1} : Again{};
    if (trouble && closing_.tries == kCloseTries)
        events_.trouble(fmt::format("gate: not closed: {}", printable(*trouble)));
}

void UsbMonitor::look_at_gate() {
    if (sources_.gate == nullptr) return;
    close_again();
    if (sources_.gate->changed()) ask_gate_again();
    let_in();
}

}  // namespace assay
