#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "agent/usb/hotplug_device.h"
#include "agent/usb/journal/journal_presence.h"
#include "agent/usb/kernel/kernel_log.h"
#include "agent/usb/kernel/uevent.h"
#include "agent/usb/monitor.h"
#include "evidence/base/text.h"

// What the monitor finds out where events are missing: at its start, and after a loss. It compares what is
// there with what it knows, and records a difference with the span in which it came about (`since_ms` to
// now), which the verifier judges as an interval: docs/formats/journal.md, "Record"; docs/accompaniment.md,
// "Intervals and time".
namespace assay {
namespace {

JournalRecord record_of(DeviceEventKind kind, Provenance provenance, std::optional<std::uint64_t> since_ms) {
    JournalRecord record;
    record.kind = kind;
    record.provenance = provenance;
    record.since_ms = since_ms;
    return record;
}

UsbDevice ghost_of(const UsbTrace& trace) {
    UsbDevice device;
    device.port_path = trace.port_path;
    device.devnum = trace.devnum;
    device.manufacturer = trace.manufacturer;
    device.product = trace.vendor.empty()
                         ? trace.name
                         : fmt::format("{}{}[{}:{}]", trace.name, trace.name.empty() ? "" : " ", trace.vendor,
                                       trace.product);
    device.serial = trace.serial;
    device.removable = "unknown";
    return device;
}

std::uint64_t highest_diskseq(Host& host) {
    std::uint64_t highest = 0;
    for (const auto& path : host.devices("block").value_or(std::vector<std::string>{}))
        highest = std::max(highest, read_number(host, path + "/diskseq").value_or(0));
    return highest;
}

}  // namespace

std::map<std::string, UsbDevice> UsbMonitor::devices_there() {
    std::map<std::string, UsbDevice> there;
    for (const auto& path : host_.devices("usb").value_or(std::vector<std::string>{})) {
        const auto name = std::string_view(path).substr(path.rfind('/') + 1);
        if (!path.starts_with(kSys) || name.find(':') != std::string_view::npos) continue;  // interfaces
        if (auto device = read_usb_device(host_, path))
            there.emplace(path.substr(kSys.size()), std::move(*device));
    }
    return there;
}

Result<void> UsbMonitor::start() {
    constexpr std::size_t kBootIdFile = 64;
    now_ = Clock::now();
    boot_id_ = trimmed(as_text(TRY(host_.read("/proc/sys/kernel/random/boot_id", kBootIdFile))));
    const auto before = load_watch_state(journal_.folder());
    sequence_ = read_number(host_, "/sys/kernel/uevent_seqnum").value_or(0);
    diskseq_ = highest_diskseq(host_);
    auto presence = presence_in_journal(journal_.folder(), boot_id_).value_or(JournalPresence{});
    if (sources_.gate != nullptr) gate_saved(sources_.gate->start(boot_id_, devices_there()));
    TRY_VOID(source_.pump());
    auto waited = source_.take();
    std::vector<UsbTrace> traces;
    TRY_VOID(write_start(before, waited, traces));
    if (const auto& torn = journal_.torn_write()) {
        events_.trouble(fmt::format("the journal's last write was cut off ({} bytes at {}, kept in {})",
                                    torn->bytes, torn->offset, printable(torn->kept.string())));
        lost(1);
    }
    // The order decides what is recorded. Events that waited while the monitor was down are of a device's own
    // moment and prove more than a comparison, so they come first, but only onto a journal that says what was
    // there when they began; else the comparison comes first and they are read on top of it. Ghosts come
    // last: a trace is one only if neither of both explains it.
    known_hotplug_ = hotplug::all(host_);
    from_journal_ = std::move(presence.present);
    if (presence.watched) handle_all(std::exchange(waited, {}));
    compare_with_journal(before);
    handle_all(std::move(waited));
    report_ghosts(traces);
    from_journal_.clear();
    if (sources_.gate != nullptr) {  // also for those that wait since before this start
        for (const auto& [devpath, device] : known_) ask_gate(devpath);
        close_again();
    }
    good_until_ms_ = TRY(host_.clock()).boottime_ms;
    save_state();
    return {};
}

Result<> UsbMonitor::write_start(const std::optional<WatchState>& before, const UeventSource::Batch& waited,
                                 std::vector<UsbTrace>& traces) {
    JournalRecord record;
    record.kind = DeviceEventKind::monitor_start;
    if (sources_.tpm_resets) {
        const auto resets = sources_.tpm_resets();
        if (resets) record.resets = *resets;
    }
    auto& downtime = record.downtime.emplace();
    const auto log =
        sources_.kernel_log ? sources_.kernel_log() : fail(ErrorCode::unsupported, "not asked for");
    downtime.log = log ? "read" : printable(describe(log.error()));
    const bool same_boot = before && before->boot_id == boot_id_;
    if (log) traces = usb_traces(*log, same_boot ? before->boottime_ms : 0);
    if (before) {
        downtime.boot_id = before->boot_id;
        downtime.last_boottime_ms = before->boottime_ms;
        downtime.last_wall_ms = before->wall_ms;
    }
    if (same_boot) {
        std::uint64_t seen = 0;  // events that waited: they are told, so they are not missing
        for (const auto& datagram : waited.datagrams) {
            const auto event = parse_uevent(datagram);
            if (event && event->sequence > before->uevent_sequence && event->sequence <= sequence_) ++seen;
        }
        const auto sent = sequence_ - std::min(sequence_, before->uevent_sequence);
        downtime.uevents = sent - std::min(sent, seen);
        downtime.disks = diskseq_ - std::min(diskseq_, before->diskseq);
        downtime.devnums = traces.size();
        downtime.quiet = sequence_ != 0 && downtime.uevents == 0 && sequence_ >= before->uevent_sequence;
    }
    return write(std::move(record));
}

// Devices that the kernel announced while nobody watched, and that are in no record and not there any more.
void UsbMonitor::report_ghosts(const std::vector<UsbTrace>& traces) {
    if (traces.empty()) return;
    const auto recorded =
        presence_in_journal(journal_.folder(), boot_id_).value_or(JournalPresence{}).recorded;
    for (const auto& trace : traces) {
        const bool is_pending = std::ranges::any_of(
            pending_, [&](const auto& entry) { return entry.second.event.devnum == trace.devnum; });
        if (is_pending || recorded.contains({trace.port_path, trace.devnum})) continue;
        auto ghost = record_of(DeviceEventKind::ghost, Provenance::inferred, trace.at_ms);
        ghost.device = ghost_of(trace);
        note(trace.port_path, std::move(ghost));
    }
}

// At the start: what the journal has as present against what is there. A port with another device number was
// replugged, even by the very same device: one went and one came. In another boot the journal's devices are
// not asked for, and what is there is `coldplug`, not `reconciled`.
void UsbMonitor::compare_with_journal(const std::optional<WatchState>& before) {
    const bool same_boot = before && before->boot_id == boot_id_;
    const auto since = same_boot ? std::optional(before->boottime_ms) : std::nullopt;
    auto there = devices_there();
    // What came or went by its own event is known by now.
    const auto is_told = [&](const std::string& port) {
        return std::ranges::any_of(known_, [&](const auto& entry) { return entry.second.port_path == port; });
    };
    for (const auto& [port, device] : from_journal_) {
        const auto still =
            std::ranges::find_if(there, [&](const auto& entry) { return entry.second.port_path == port; });
        if ((still != there.end() && still->second.devnum == device.devnum) || is_told(port)) continue;
        auto gone = record_of(DeviceEventKind::remove, Provenance::reconciled, since);
        gone.device = device;
        note(port, std::move(gone));
    }
    const auto boottime = host_.clock().value_or(HostClock{}).boottime_ms;
    for (const auto& [devpath, device] : there) {
        const auto told = known_.find(devpath);
        if (pending_.contains(devpath) || (told != known_.end() && told->second.devnum == device.devnum))
            continue;
        uses_.arrived(devpath, boottime);
        uses_.look_for_children(devpath);
        known_.insert_or_assign(devpath, device);
        const auto known = from_journal_.find(device.port_path);
        if (known != from_journal_.end() && known->second.devnum == device.devnum) {
            recorded_.emplace(devpath, device);  // the journal has it, and nothing changed
            continue;
        }
        auto here = record_of(DeviceEventKind::present,
                              same_boot ? Provenance::reconciled : Provenance::coldplug, since);
        here.device = device;
        note(devpath, std::move(here));
    }
}

// After a loss of events: the same against what the monitor itself knew, since the last time that it knew
// all. True where something differs from what was known.
bool UsbMonitor::look_again() {
    bool differs = look_again_at_hotplug();
    auto there = devices_there();
    for (const auto& [path, device] : known_) {
        const auto now = there.find(path);
        if (now != there.end() && now->second.devnum == device.devnum) continue;
        differs = true;
        go(path, device, record_of(DeviceEventKind::remove, Provenance::reconciled, good_until_ms_));
    }
    const auto boottime = host_.clock().value_or(HostClock{}).boottime_ms;
    std::erase_if(there, [&](const auto& entry) {
        return pending_.contains(entry.first);
    });  // its `add` was seen: told soon
    std::vector<std::string> came;
    for (const auto& [path, device] : there) {
        const auto before = known_.find(path);
        if (before != known_.end() && before->second.devnum == device.devnum) continue;
        differs = true;
        uses_.arrived(path, boottime);
        uses_.look_for_children(path);
        auto here = record_of(DeviceEventKind::present, Provenance::reconciled, good_until_ms_);
        here.device = device;
        note(path, std::move(here));
        came.push_back(path);
    }
    known_ = std::move(there);
    for (const auto& path : came) at_gate(path);
    return differs;
}

bool UsbMonitor::look_again_at_hotplug() {
    bool differs = false;
    auto there = hotplug::all(host_);
    for (const auto& [path, device] : known_hotplug_) {
        if (there.contains(path)) continue;
        differs = true;
        auto gone = record_of(DeviceEventKind::remove, Provenance::reconciled, good_until_ms_);
        gone.hotplug = device;
        note(path, std::move(gone));
    }
    std::erase_if(there, [&](const auto& entry) { return pending_.contains(entry.first); });
    for (const auto& [path, device] : there) {
        if (known_hotplug_.contains(path)) continue;
        differs = true;
        auto here = record_of(DeviceEventKind::present, Provenance::reconciled, good_until_ms_);
        here.hotplug = device;
        note(path, std::move(here));
    }
    known_hotplug_ = std::move(there);
    return differs;
}

// The kernel counts its events, also those that go to other network namespaces (containers): a count that is
// ahead means "look", not "attack". An event may still be on its way, so it is given some time.
void UsbMonitor::check_sequence() {
    const auto kernel = read_number(host_, "/sys/kernel/uevent_seqnum");
    if (!kernel) return;
    if (wanted_ && now_ >= wanted_->due) {
        if (sequence_ < wanted_->sequence) {
            sequence_ = wanted_->sequence;
            if (look_again()) lost(0);
        }
        wanted_.reset();
    }
    if (*kernel > sequence_ && !wanted_) wanted_ = {*kernel, now_ + kSequencePatience};
    if (*kernel <= sequence_) wanted_.reset();
}

}  // namespace assay
