#include "agent/usb/journal/journal_presence.h"

#include "agent/usb/journal/journal.h"

namespace assay {

Result<JournalPresence> presence_in_journal(const std::filesystem::path& folder, std::string_view boot_id) {
    JournalPresence out;
    const auto journal = TRY(load_journal(folder));
    for (const auto& frame : journal.scan.frames) {
        auto record = TRY(decode_journal_record(frame.record));
        if (record.boot_id != boot_id) continue;
        if (record.kind == DeviceEventKind::monitor_start) out.watched = true;
        if (!record.device) continue;
        out.recorded.emplace(record.device->port_path, record.device->devnum);
        if (record.kind == DeviceEventKind::remove) out.present.erase(record.device->port_path);
        if (record.kind == DeviceEventKind::insert || record.kind == DeviceEventKind::present)
            out.present.insert_or_assign(record.device->port_path, std::move(*record.device));
    }
    return out;
}

}  // namespace assay
