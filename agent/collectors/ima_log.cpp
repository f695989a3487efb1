#include "agent/collectors/collectors.h"
#include "evidence/base/limits.h"

namespace assay::agent {
namespace {

constexpr std::string_view kMeasurements = "/sys/kernel/security/ima/binary_runtime_measurements";

}  // namespace

/// The kernel's list of what it measured since boot (Documentation/security/IMA-templates). Raw.
std::optional<Bytes> collect_ima_log(const Machine& machine, GapLog& gaps) {
    return gaps.value_of(machine.host.read(kMeasurements, limits::kSection), section::kImaLog, kMeasurements);
}

std::optional<Bytes> collect_ima_log_part(const Machine& machine, const ImaStart& start, GapLog& gaps) {
    constexpr std::size_t kBesideList = 256;  // what else the section holds
    auto list =
        gaps.value_of(machine.host.read_from(kMeasurements, start.offset, limits::kSection - kBesideList),
                      section::kImaLog, kMeasurements);
    if (!list) return std::nullopt;
    return encode_ima_part_section({start.state, start.entries, start.offset, std::move(*list)});
}

}  // namespace assay::agent
