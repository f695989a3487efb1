
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"
#include "evidence/eventlog/replay/event_log_json.h"

namespace assay::cli {

void add_inspect_eventlog(command_line::Command& parent, Context& context) {
    static constexpr FileKind kEventLog{
        "eventlog", "A boot event log: every event, what is verified about it, PCRs after replay",
        "assay inspect eventlog /sys/kernel/security/tpm0/binary_bios_measurements --json",
        tcg::inspect_event_log, limits::kEventLog};
    add_file_inspector(parent, context, kEventLog);
}

}  // namespace assay::cli
