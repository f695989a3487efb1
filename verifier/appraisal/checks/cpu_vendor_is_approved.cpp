#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_maker(const Examined& examined, Judge& judge) {
    judge_smbios_structures(
        examined, judge, smbios::kProcessor, "processor", [&](const smbios::Structure& structure) {
            const auto processor = smbios::processor(structure);
            constexpr std::uint8_t kPopulated = 1U << 6U;  // DSP0134 7.5.4
            if (processor.status && (*processor.status & kPopulated) == 0) return;
            judge_smbios_maker(examined, judge, vendors::Component::cpu, structure, processor.manufacturer,
                               "processor " + shown(processor.socket));
        });
}

}  // namespace

const Check checks::cpu_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_maker};

}  // namespace assay
