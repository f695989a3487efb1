#include <fmt/core.h>

#include "agent/devices/host/attributes.h"
#include "agent/usb/monitor.h"
#include "evidence/base/text.h"

// How the monitor begins: what is known of the time before it.
namespace assay::agent {
namespace {

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

}  // namespace

Result<void> UsbMonitor::start() {
    now_ = Clock::now();
    TRY_VOID(journal_.begin());
    const auto before = load_watch_state(journal_.journal().folder());
    gaps_.handled(read_number(host_, "/sys/kernel/uevent_seqnum").value_or(0));
    devices_.count_disks();
    auto presence = journal_.presence();
    gate_.start(journal_.boot_id());
    TRY_VOID(source_.pump());
    auto waited = source_.take();
    std::vector<UsbTrace> traces;
    TRY_VOID(write_start(before, waited, traces));
    if (const auto& torn = journal_.journal().torn_write()) {
        journal_.trouble(fmt::format("the journal's last write was cut off ({} bytes at {}, kept in {})",
                                     torn->bytes, torn->offset, printable(torn->kept.string())));
        journal_.lose(1);
    }
    // The order decides what is recorded. Events that waited while the monitor was down are of a device's own
    // moment and prove more than a comparison, so they come first, but only onto a journal that says what was
    // there when they began; else the comparison comes first and they are read on top of it. Ghosts come
    // last: a trace is one only if neither of both explains it.
    devices_.begin(std::move(presence.present));
    if (presence.watched) handle_all(std::exchange(waited, {}));
    const bool same_boot = before && before->boot_id == journal_.boot_id();
    const auto since = same_boot ? std::optional(before->boottime_ms) : std::nullopt;
    for (auto& [port, record] : devices_.compare_with_journal(since)) note(port, std::move(record));
    handle_all(std::move(waited));
    report_ghosts(traces);
    devices_.started();
    gate_.ask_all(now_);
    gaps_.all_known(TRY(host_.clock()).boottime_ms);
    end_look();
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
    const WatchState now{
        .boot_id = journal_.boot_id(), .uevent_sequence = gaps_.sequence(), .diskseq = devices_.diskseq()};
    auto& downtime = record.downtime.emplace(downtime_between(before, now, waited.datagrams));
    const bool same_boot = before && before->boot_id == now.boot_id;
    const auto log =
        sources_.kernel_log ? sources_.kernel_log() : fail(ErrorCode::unsupported, "not asked for");
    downtime.log = log ? "read" : printable(describe(log.error()));
    if (log) traces = usb_traces(*log, same_boot ? before->boottime_ms : 0);
    if (same_boot) downtime.devnums = traces.size();
    return journal_.write(std::move(record));
}

// Devices that the kernel announced while nobody watched, and that are in no record and not there any more.
void UsbMonitor::report_ghosts(const std::vector<UsbTrace>& traces) {
    if (traces.empty()) return;
    const auto recorded = journal_.presence().recorded;
    for (const auto& trace : traces) {
        if (devices_.is_announced(trace.devnum) || recorded.contains({trace.port_path, trace.devnum}))
            continue;
        JournalRecord ghost;
        ghost.kind = DeviceEventKind::ghost;
        ghost.provenance = Provenance::inferred;
        ghost.since_ms = trace.at_ms;
        ghost.device = ghost_of(trace);
        note(trace.port_path, std::move(ghost));
    }
}

}  // namespace assay::agent
