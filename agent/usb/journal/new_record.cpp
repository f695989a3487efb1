#include "agent/usb/journal/new_record.h"

#include "evidence/base/text.h"

namespace assay {

Result<JournalRecord> new_record(Host& host) {
    constexpr std::size_t kBootIdFile = 64;
    JournalRecord record;
    record.boot_id = trimmed(as_text(TRY(host.read("/proc/sys/kernel/random/boot_id", kBootIdFile))));
    const auto clock = TRY(host.clock());
    record.wall_ms = clock.wall_ms;
    record.boottime_ms = clock.boottime_ms;
    return record;
}

}  // namespace assay
