#include "agent/collectors/collectors.h"

namespace assay {

std::optional<Bytes> collect_tpm(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kSource = "TPM2_GetCapability";
    if (machine.tpm == nullptr) {
        gaps.add(section::kTpm, kSource, machine.no_tpm);
        return std::nullopt;
    }
    const auto properties = machine.tpm->properties();
    if (!properties) {
        gaps.add(section::kTpm, kSource, properties.error());
        return std::nullopt;
    }
    return encode_tpm_section(*properties);
}

}  // namespace assay
