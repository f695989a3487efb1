#include "agent/collectors/collectors.h"

namespace assay::agent {

std::optional<Bytes> collect_tpm(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kSource = "TPM2_GetCapability";
    const auto properties =
        gaps.value_of(machine.tpm != nullptr ? machine.tpm->properties() : std::unexpected(machine.no_tpm),
                      section::kTpm, kSource);
    if (!properties) return std::nullopt;
    return encode_tpm_section(*properties);
}

}  // namespace assay::agent
