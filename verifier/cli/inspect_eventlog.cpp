#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "evidence/tcg/event_log_json.h"
#include "verifier/cli/inspect.h"
#include "verifier/cli/inspect_file.h"

namespace assay::cli {

void add_inspect_eventlog(CLI::App& parent, Context& context) {
    static constexpr FileKind kEventLog{
        "eventlog", "A boot event log: every event, what is verified about it, PCRs after replay",
        "assay inspect eventlog /sys/kernel/security/tpm0/binary_bios_measurements --json",
        tcg::inspect_event_log, limits::kEventLog};
    add_file_inspector(parent, context, kEventLog);
}

}  // namespace assay::cli
