#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_maker(const Examined& examined, Judge& judge) {
    judge_smbios_structures(
        examined, judge, smbios::kSystemInformation, "system", [&](const smbios::Structure& structure) {
            const auto& entry_point = examined.claims.tables->entry_point;
            judge_smbios_maker(examined, judge, vendors::Component::system, structure,
                               smbios::system_information(structure, entry_point).manufacturer, "system");
        });
}

}  // namespace

const Check checks::system_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_maker};

}  // namespace assay
