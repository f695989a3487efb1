#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_maker(const Examined& examined, Judge& judge) {
    judge_smbios_structures(examined, judge, smbios::kBiosInformation, "BIOS",
                            [&](const smbios::Structure& structure) {
                                judge_smbios_maker(examined, judge, vendors::Component::bios, structure,
                                                   smbios::bios_information(structure).vendor, "BIOS");
                            });
}

}  // namespace

const Check checks::bios_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_maker};

}  // namespace assay
