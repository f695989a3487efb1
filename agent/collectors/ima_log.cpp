#include "agent/collectors/collectors.h"
#include "evidence/base/limits.h"

namespace assay {
namespace {

constexpr std::string_view kMeasurements = "/sys/kernel/security/ima/binary_runtime_measurements";

}  // namespace

/// The kernel's list of what it measured since boot (Documentation/security/IMA-templates). Raw.
std::optional<Bytes> collect_ima_log(const Machine& machine, GapLog& gaps) {
    auto list = machine.host.read(kMeasurements, limits::kSection);
    if (list) return std::move(*list);
    gaps.add(section::kImaLog, kMeasurements, list.error());
    return std::nullopt;
}

std::optional<Bytes> collect_ima_log_part(const Machine& machine, const ImaStart& start, GapLog& gaps) {
    constexpr std::size_t kBesideList = 256;  // what else the section holds
    auto list = machine.host.read_from(kMeasurements, start.offset, limits::kSection - kBesideList);
    if (list) return encode_ima_part_section({start.state, start.entries, start.offset, std::move(*list)});
    gaps.add(section::kImaLog, kMeasurements, list.error());
    return std::nullopt;
}

}  // namespace assay
