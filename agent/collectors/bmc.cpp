#include "agent/collectors/collectors.h"

namespace assay::agent {

/// Get Device ID, raw. A machine without a BMC has a gap `not_found`: whether there should be one is the
/// policy's question.
std::optional<Bytes> collect_bmc(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kSource = "/dev/ipmi0: Get Device ID";
    constexpr std::size_t kLeast = 11;  // IPMI 2.0, 20.1; four bytes of auxiliary revision may follow
    constexpr std::size_t kMost = 15;
    auto read = machine.host.ipmi_device_id();
    if (read && read->size() < kLeast)
        read = fail(ErrorCode::truncated, "Get Device ID: fewer than 11 bytes");
    auto answer = gaps.value_of(std::move(read), section::kBmc, kSource);
    if (!answer) return std::nullopt;
    if (answer->size() > kMost) answer->resize(kMost);
    return encode_bmc_section({std::move(*answer)});
}

}  // namespace assay::agent
