#include "agent/collectors/collectors.h"
#include "evidence/base/limits.h"

namespace assay {

/// The kernel's list of what it measured since boot (Documentation/security/IMA-templates). Raw.
std::optional<Bytes> collect_ima_log(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kPath = "/sys/kernel/security/ima/binary_runtime_measurements";
    auto list = machine.host.read(kPath, limits::kSection);
    if (list) return std::move(*list);
    gaps.add(section::kImaLog, kPath, list.error());
    return std::nullopt;
}

}  // namespace assay
