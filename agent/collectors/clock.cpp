#include "agent/collectors/collectors.h"

namespace assay::agent {

std::optional<Bytes> collect_clock(const Machine& machine, GapLog& gaps) {
    const auto clock = gaps.value_of(machine.host.clock(), section::kClock, "clock_gettime");
    if (!clock) return std::nullopt;
    return encode_clock_section({clock->wall_ms, clock->boottime_ms, clock->synchronised});
}

}  // namespace assay::agent
