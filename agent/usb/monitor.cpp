#include "agent/usb/monitor.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/core.h>
#include <poll.h>

#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "agent/usb/hotplug_device.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

std::string_view last_component(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// What the event alone tells of a device that is gone before it could be read.
UsbDevice from_event(const Uevent& event) {
    UsbDevice device;
    device.port_path = shortened(printable(last_component(event.devpath)), limits::kText);
    device.devnum = event.devnum;
    device.removable = "unknown";
    return device;
}

JournalRecord about(DeviceEventKind kind, std::uint64_t kernel_sequence, UsbDevice device) {
    JournalRecord record;
    record.kind = kind;
    record.kernel_sequence = kernel_sequence;
    record.device = std::move(device);
    return record;
}

}  // namespace

UsbMonitor::UsbMonitor(Host& host, AnchoredJournal& journal, UeventSource& source, Sources sources,
                       Events events)
    : host_(host),
      journal_(journal),
      source_(source),
      sources_(std::move(sources)),
      events_(std::move(events)),
      uses_(host) {}

Result<void> UsbMonitor::run(int stop_fd) {
    for (;;) {
        int timeout = -1;
        if (const auto deadline = next_deadline()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
            timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
        }
        const int gate = sources_.gate == nullptr ? -1 : sources_.gate->fd();  // poll skips -1
        std::array<pollfd, 3> wait{{{source_.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}, {gate, POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), timeout) < 0 && errno != EINTR)
            return fail_errno(errno, "waiting for uevents");
        if (wait[1].revents != 0) {
            save_state();
            return {};
        }
        TRY_VOID(step(Clock::now()));
    }
}

std::optional<UsbMonitor::Clock::time_point> UsbMonitor::next_deadline() const {
    auto next = storms_.next_due();
    const auto at_latest = [&next](Clock::time_point due) {
        if (!next || due < *next) next = due;
    };
    for (const auto& [path, pending] : pending_) at_latest(pending.due);
    if (wanted_) at_latest(wanted_->due);
    if (sample_due_) at_latest(*sample_due_);
    if (const auto due = gate_due()) at_latest(*due);
    return next;
}

Result<void> UsbMonitor::step(Clock::time_point now) {
    now_ = now;
    handle_all(source_.take());
    check_sequence();
    look_at_gate();
    if (const auto clock = host_.clock(); clock && !wanted_) good_until_ms_ = clock->boottime_ms;
    save_state();
    return {};
}

void UsbMonitor::handle_all(UeventSource::Batch batch) {
    if (batch.refused != 0)
        events_.trouble(
            fmt::format("{} uevents that do not come from the kernel were dropped", batch.refused));
    for (const auto& datagram : batch.datagrams) {
        const auto event = parse_uevent(datagram);
        if (event) {
            handle(*event);
        } else {
            events_.trouble(printable(describe(event.error())));
            ++batch.lost;
        }
    }
    for (;;) {
        const auto due =
            std::ranges::find_if(pending_, [&](const auto& entry) { return entry.second.due <= now_; });
        if (due == pending_.end()) break;
        settled(Uevent(due->second.event));
    }
    end_storms();
    sample();
    if (batch.overrun || batch.lost != 0) {
        lost(batch.lost);
        look_again();
    }
}

void UsbMonitor::handle(const Uevent& event) {
    sequence_ = std::max(sequence_, event.sequence);
    if (event.synthetic) return;
    if (event.subsystem == "block")
        diskseq_ = std::max(diskseq_,
                            read_number(host_, std::string(kSys) + event.devpath + "/diskseq").value_or(0));
    uses_.child(event);
    if (event.subsystem == "usb" && event.devtype == "usb_interface") return handle_interface(event);
    if (hotplug::concerns(event)) return handle_hotplug(event);
    if (event.subsystem != "usb" || event.devtype != "usb_device") return;
    if (event.action == "add") announced(event);
    if (event.action == "bind") arrived(event);
    if (event.action == "remove") left(event);
}

// What the kernel makes of it may come, and go with it, before it is settled: it is the device's all the
// same.
void UsbMonitor::announced(const Uevent& event) {
    pending_[event.devpath] = {event, now_ + kSettle};
    if (!known_.contains(event.devpath))
        uses_.arrived(event.devpath, host_.clock().value_or(HostClock{}).boottime_ms);
}

// An interface that comes without its device: somebody wrote to the device's `authorized`.
void UsbMonitor::handle_interface(const Uevent& event) {
    const auto devpath = event.devpath.substr(0, event.devpath.rfind('/'));
    const auto known = known_.find(devpath);
    if (known == known_.end() || pending_.contains(devpath)) return;
    const bool authorized = read_optional_text(host_, std::string(kSys) + devpath + "/authorized") != "0";
    if (authorized == known->second.authorized) return;
    known->second.authorized = authorized;
    if (!authorized) return;
    if (auto device = read_usb_device(host_, std::string(kSys) + devpath)) known->second = std::move(*device);
    kept_out_.erase(devpath);
    note(devpath, about(DeviceEventKind::authorize, event.sequence, known->second));
}

void UsbMonitor::handle_hotplug(const Uevent& event) {
    if (event.action == "add" && !known_hotplug_.contains(event.devpath)) {
        pending_[event.devpath] = {event, now_ + kSettle};
        return;
    }
    if (event.action != "remove") return;
    if (pending_.contains(event.devpath)) settled(Uevent(pending_.at(event.devpath).event));
    const auto known = known_hotplug_.extract(event.devpath);
    JournalRecord record;
    record.kind = DeviceEventKind::remove;
    record.kernel_sequence = event.sequence;
    record.hotplug = known.empty() ? hotplug::read(host_, event.subsystem, event.devpath) : known.mapped();
    note(event.devpath, std::move(record));
}

void UsbMonitor::settled(const Uevent& event) {
    if (event.subsystem == "usb") return arrived(event);
    pending_.erase(event.devpath);
    JournalRecord record;
    record.kind = DeviceEventKind::insert;
    record.kernel_sequence = event.sequence;
    record.hotplug = hotplug::read(host_, event.subsystem, event.devpath);
    known_hotplug_.insert_or_assign(event.devpath, *record.hotplug);
    note(event.devpath, std::move(record));
}

void UsbMonitor::arrived(const Uevent& event) {
    const auto added = pending_.extract(event.devpath);
    // The device's own `add` counts, where there was one: it is the earlier of the two.
    const auto sequence = added.empty() ? event.sequence : added.mapped().event.sequence;
    auto device = read_usb_device(host_, std::string(kSys) + event.devpath).value_or(from_event(event));
    // An event that has waited: another device is in that port by now, and has events of its own.
    if (event.devnum != 0 && device.devnum != event.devnum) device = from_event(event);
    const auto known = known_.find(event.devpath);
    const bool is_announced = !added.empty() && known == known_.end();
    if (known != known_.end()) {
        if (known->second.devnum == device.devnum) return;  // seen when the monitor started, or bound anew
        auto before = std::move(known->second);
        known_.erase(known);
        go(event.devpath, std::move(before), about(DeviceEventKind::remove, event.sequence, {}));
    }
    known_.emplace(event.devpath, device);
    const auto before = from_journal_.extract(device.port_path);
    const bool is_recorded = !before.empty() && before.mapped().devnum == device.devnum;
    if (!before.empty() && !is_recorded)
        go(event.devpath, before.mapped(), about(DeviceEventKind::remove, event.sequence, {}));
    if (!is_announced) uses_.arrived(event.devpath, host_.clock().value_or(HostClock{}).boottime_ms);
    uses_.look_for_children(event.devpath);
    if (is_recorded) {
        recorded_.insert_or_assign(event.devpath, std::move(device));
        return;
    }
    note(event.devpath, about(DeviceEventKind::insert, sequence, std::move(device)));
    at_gate(event.devpath);
}

void UsbMonitor::left(const Uevent& event) {
    if (pending_.contains(event.devpath)) arrived(Uevent(pending_.at(event.devpath).event));
    const auto known = known_.extract(event.devpath);
    const auto before = from_journal_.extract(std::string(last_component(event.devpath)));
    auto device = !known.empty() ? known.mapped() : !before.empty() ? before.mapped() : from_event(event);
    go(event.devpath, std::move(device), about(DeviceEventKind::remove, event.sequence, {}));
}

// `record` of kind remove, with the device and what was done with it.
void UsbMonitor::go(const std::string& devpath, UsbDevice device, JournalRecord record) {
    record.use = uses_.left(devpath, host_.clock().value_or(HostClock{}).boottime_ms);
    gone_from_gate(devpath, device);
    record.device = std::move(device);
    note(devpath, std::move(record));
}

// The counters of a disk vanish with it, so they are read while one is there; and a file system that is
// mounted, a medium that is put in and a network interface that runs are told of at once.
void UsbMonitor::sample() {
    if (!uses_.has_disks() && !uses_.has_interfaces()) {
        sample_due_.reset();
        return;
    }
    const auto boottime = host_.clock().value_or(HostClock{}).boottime_ms;
    for (const auto& devpath : uses_.sample()) {
        const auto known = known_.find(devpath);
        if (known == known_.end()) continue;
        auto record = about(DeviceEventKind::use, 0, known->second);
        record.use = uses_.of(devpath, boottime);
        note(devpath, std::move(record));
    }
    sample_due_ = now_ + (uses_.has_disks() ? kSample : kSampleInterfaces);
}

void UsbMonitor::lost(std::uint64_t count) {
    gap_ = true;
    lost_ += count;
    if (const auto written = write_gap(); !written) events_.trouble(printable(describe(written.error())));
    events_.recorded();
}

void UsbMonitor::end_storms() {
    for (const auto& storm : storms_.take_due(now_)) {
        const auto newest = stormy_.extract(storm.port);
        if (newest.empty()) continue;
        tell_storm(storm, newest.mapped());
        if (gap_) lost(0);  // of what could not be written: no event may follow that brings it
    }
}

void UsbMonitor::tell_storm(const Storms::Storm& storm, const JournalRecord& newest) {
    JournalRecord record;
    record.kind = DeviceEventKind::storm;
    record.device = newest.device;
    record.hotplug = newest.hotplug;
    record.count = storm.count;
    tell(std::move(record), storm.count);
    // What it ended with.
    const auto known = known_.find(storm.port);
    const auto before = recorded_.find(storm.port);
    const bool same = (known == known_.end()) == (before == recorded_.end()) &&
                      (known == known_.end() || known->second.devnum == before->second.devnum);
    if (!same && before != recorded_.end()) {
        auto gone = about(DeviceEventKind::remove, 0, before->second);
        gone.provenance = Provenance::reconciled;
        recorded_.erase(before);
        tell(std::move(gone));
    }
    if (!same && known != known_.end()) {
        auto there = about(DeviceEventKind::present, 0, known->second);
        there.provenance = Provenance::reconciled;
        recorded_.insert_or_assign(storm.port, known->second);
        tell(std::move(there));
    }
    if (sources_.gate != nullptr) ask_gate(storm.port);
}

Result<void> UsbMonitor::write(JournalRecord record) {
    const auto clock = TRY(host_.clock());
    record.boot_id = boot_id_;
    record.wall_ms = clock.wall_ms;
    record.boottime_ms = clock.boottime_ms;
    TRY_VOID(journal_.append(std::move(record)));
    return {};
}

Result<void> UsbMonitor::write_gap() {
    if (!gap_) return {};
    JournalRecord record;
    record.kind = DeviceEventKind::gap;
    record.lost = lost_;
    record.since_ms = good_until_ms_;
    TRY_VOID(write(std::move(record)));
    gap_ = false;
    lost_ = 0;
    return {};
}

// True where it is on disk.
bool UsbMonitor::note(const std::string& devpath, JournalRecord record) {
    if (!storms_.admits(devpath, now_)) {
        stormy_.insert_or_assign(devpath, std::move(record));
        return false;
    }
    if (record.device && record.kind == DeviceEventKind::remove) recorded_.erase(devpath);
    if (record.device && (record.kind == DeviceEventKind::insert || record.kind == DeviceEventKind::present))
        recorded_.insert_or_assign(devpath, *record.device);
    return tell(std::move(record));
}

// Never drops an event in silence: what cannot be written is counted, and the count is written first when it
// can. `events` is how many the record stands for. True where it is on disk.
bool UsbMonitor::tell(JournalRecord record, std::uint64_t events) {
    auto written = write_gap();
    if (written) written = write(std::move(record));
    if (!written) {
        gap_ = true;
        lost_ += events;
        events_.trouble(printable(describe(written.error())));
    }
    events_.recorded();
    return written.has_value();
}

void UsbMonitor::save_state() {
    const auto clock = host_.clock();
    if (!clock) return;
    const auto saved = save_watch_state(journal_.folder(),
                                        {boot_id_, clock->boottime_ms, clock->wall_ms, sequence_, diskseq_});
    // Said once, not with each event. From an older state the next start finds more unwatched time, not less.
    if (!saved && !state_is_old_) events_.trouble(printable(describe(saved.error())));
    state_is_old_ = !saved;
}

}  // namespace assay
