#pragma once

#include "agent/devices/host/host.h"
#include "evidence/wire/section/journal.h"

namespace assay {

/// A record with this machine's boot id and clocks; the rest is the caller's.
Result<JournalRecord> new_record(Host& host);

}  // namespace assay
