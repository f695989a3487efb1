#include <openssl/crypto.h>

#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"
#include "evidence/eventlog/replay/event_log_json.h"

namespace assay::cli {
namespace {

// Nothing here depends on OpenSSL's configuration: no key is used, and the digests of a log alone prove
// nothing. Reading it would be a tenth of the command; so is what OpenSSL would free one by one at the end of
// the process.
Result<void> write_event_log(ByteView log, const std::function<void(std::string_view)>& out) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
    return tcg::write_event_log(log, out);
}

}  // namespace

void add_inspect_eventlog(command_line::Command& parent, Context& context) {
    static constexpr FileKind kEventLog{
        "eventlog",
        "A boot event log: every event, what is verified about it, PCRs after replay",
        "assay inspect eventlog /sys/kernel/security/tpm0/binary_bios_measurements --json",
        tcg::inspect_event_log,
        limits::kEventLog,
        write_event_log};
    add_file_inspector(parent, context, kEventLog);
}

}  // namespace assay::cli
