#include "agent/usb/monitor_journal.h"

#include "evidence/base/text.h"

namespace assay::agent {

Result<> MonitorJournal::begin() {
    boot_id_ = TRY(read_boot_id(host_));
    return {};
}

MonitorJournal::Presence MonitorJournal::presence() const {
    Presence out;
    const auto journal = load_journal(journal_.folder());
    if (!journal) return out;
    for (const auto& frame : journal->scan.frames) {
        auto record = decode_journal_record(frame.record);
        if (!record) return {};
        if (record->boot_id != boot_id_) continue;
        if (record->kind == DeviceEventKind::monitor_start) out.watched = true;
        if (!record->device) continue;
        auto& device = *record->device;
        out.recorded.emplace(device.port_path, device.devnum);
        if (record->kind == DeviceEventKind::remove) out.present.erase(device.port_path);
        if (record->kind == DeviceEventKind::insert || record->kind == DeviceEventKind::present)
            out.present.insert_or_assign(device.port_path, std::move(device));
    }
    return out;
}

Result<> MonitorJournal::write(JournalRecord record) {
    const auto clock = TRY(host_.clock());
    record.boot_id = boot_id_;
    record.wall_ms = clock.wall_ms;
    record.boottime_ms = clock.boottime_ms;
    const bool starts = record.kind == DeviceEventKind::monitor_start;
    TRY_VOID(journal_.append(std::move(record)));
    if (starts) started_ms_ = clock.boottime_ms;
    return {};
}

Result<> MonitorJournal::write_gap() {
    if (auto gap = gaps_.open()) {
        TRY_VOID(write(*std::move(gap)));
        gaps_.close();
    }
    return {};
}

bool MonitorJournal::append(JournalRecord record, std::uint64_t events) {
    auto written = write_gap();
    if (written) written = write(std::move(record));
    if (!written) {
        gaps_.lose(events);
        events_.trouble(printable(describe(written.error())));
    }
    events_.recorded();
    return written.has_value();
}

void MonitorJournal::lose(std::uint64_t events) {
    gaps_.lose(events);
    if (const auto written = write_gap(); !written) events_.trouble(printable(describe(written.error())));
    events_.recorded();
}

void MonitorJournal::save_state(const WatchState& state) {
    const auto saved = save_watch_state(journal_.folder(), state);
    // Said once, not with each event. From an older state the next start finds more unwatched time, not less.
    if (!saved && !state_is_old_) events_.trouble(printable(describe(saved.error())));
    state_is_old_ = !saved;
}

}  // namespace assay::agent
