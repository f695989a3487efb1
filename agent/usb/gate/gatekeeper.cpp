#include "agent/usb/gate/gatekeeper.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::agent {
namespace {

// udev gives the file to the agent's group at about the time at which the kernel tells the agent.
constexpr std::chrono::milliseconds kAgain{100};
constexpr unsigned kTries = 50;
constexpr std::chrono::milliseconds kCloseAgain{500};
constexpr unsigned kCloseTries = 20;  // then with each attestation

JournalRecord gate_record(DeviceEventKind kind, const UsbDevice& device,
                          std::optional<Bytes> document = std::nullopt) {
    JournalRecord record;
    record.kind = kind;
    record.device = device;
    record.document = std::move(document);
    return record;
}

}  // namespace

void Gatekeeper::start(const std::string& boot_id) {
    if (gate_ != nullptr) saved(gate_->start(boot_id, usb_devices(host_)));
}

void Gatekeeper::ask_all(Time now) {
    if (gate_ == nullptr) return;
    for (const auto& [devpath, device] : devices_.usb()) ask(devpath, now);
    close_again(now);
}

void Gatekeeper::came(const std::string& devpath, Time now) {
    const auto known = devices_.usb().find(devpath);
    if (gate_ == nullptr || known == devices_.usb().end()) return;
    if (is_root_hub(known->second.port_path)) return gate_->close(devpath);
    if (!known->second.authorized) return ask(devpath, now);
    if (gate_->trouble()) return;  // it was not closed, and the evidence says so
    note_(devpath, gate_record(DeviceEventKind::authorize, known->second));
    for (const auto& [path, device] : devices_.usb()) {
        if (is_root_hub(device.port_path) && devpath.starts_with(path + "/")) gate_->close(path);
    }
}

void Gatekeeper::ask(const std::string& devpath, Time now) {
    if (gate_ == nullptr) return;
    const auto known = devices_.usb().find(devpath);
    if (known == devices_.usb().end() || known->second.authorized || opening_.contains(devpath)) return;
    auto ruling = gate_->rule(known->second, devices_.usb(), host_.clock().value_or(HostClock{}));
    if (ruling.admitted) {
        // Nothing is let in without a record of it.
        if (!note_(devpath, gate_record(DeviceEventKind::grant, known->second, std::move(ruling.document))))
            return;
        kept_out_.erase(devpath);
        opening_[devpath] = {now, 0};
        let_in(now);
    } else if (!kept_out_.contains(devpath)) {
        if (note_(devpath, gate_record(DeviceEventKind::refusal, known->second, std::move(ruling.document))))
            kept_out_.insert(devpath);
    }
    gate_->set_waiting(kept_out_.size());
}

std::optional<Gatekeeper::Time> Gatekeeper::next_due() const {
    std::optional<Time> next;
    if (closing_.tries != 0 && closing_.tries < kCloseTries) next = closing_.due;
    for (const auto& [path, opening] : opening_) next = std::min(next.value_or(opening.due), opening.due);
    return next;
}

void Gatekeeper::let_in(Time now) {
    for (auto it = opening_.begin(); it != opening_.end();) {
        auto& [devpath, opening] = *it;
        const bool is_there = devices_.usb().contains(devpath);
        const auto done = is_there && opening.due <= now ? gate_->admit(devpath) : Result<>();
        const bool again = !done && done.error().code == ErrorCode::refused && ++opening.tries < kTries;
        if (again) opening.due = now + kAgain;
        if (opening.due > now) {
            ++it;
            continue;
        }
        if (!done) trouble_(fmt::format("gate: not let in: {}", printable(describe(done.error()))));
        if (done) devices_.let_in(devpath);
        it = opening_.erase(it);
    }
}

void Gatekeeper::left(const std::string& devpath, const UsbDevice& device) {
    if (gate_ == nullptr) return;
    kept_out_.erase(devpath);
    opening_.erase(devpath);
    saved(gate_->left(device));
    gate_->set_waiting(kept_out_.size());
}

void Gatekeeper::saved(const Result<>& result) {
    if (!result) trouble_(fmt::format("gate: not kept: {}", printable(describe(result.error()))));
}

// At the machine's start udev may come to a bus after the agent does.
void Gatekeeper::close_again(Time now) {
    auto trouble = gate_->trouble();
    if (gate_->is_off() || (closing_.tries != 0 && closing_.due > now && trouble)) return;
    if (trouble) {
        for (const auto& [path, device] : devices_.usb()) {
            if (is_root_hub(device.port_path)) gate_->close(path);
        }
        trouble = gate_->trouble();
    }
    closing_ = trouble ? Again{now + kCloseAgain, closing_.tries + 1} : Again{};
    if (trouble && closing_.tries == kCloseTries)
        trouble_(fmt::format("gate: not closed: {}", printable(*trouble)));
}

void Gatekeeper::look(Time now) {
    if (gate_ == nullptr) return;
    close_again(now);
    if (gate_->changed()) {
        for (const auto& devpath : std::set<std::string>(kept_out_)) ask(devpath, now);
    }
    let_in(now);
}

}  // namespace assay::agent
