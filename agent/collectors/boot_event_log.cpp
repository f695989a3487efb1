#include "agent/collectors/collectors.h"
#include "evidence/base/limits.h"

namespace assay::agent {

/// The firmware's log as the kernel kept it (TCG PC Client Platform Firmware Profile, 10). Raw: the verifier
/// parses it.
std::optional<Bytes> collect_boot_event_log(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kPath = "/sys/kernel/security/tpm0/binary_bios_measurements";
    return gaps.value_of(machine.host.read(kPath, limits::kEventLog), section::kBootEventLog, kPath);
}

}  // namespace assay::agent
