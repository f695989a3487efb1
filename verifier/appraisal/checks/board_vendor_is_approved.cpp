#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_maker(const Examined& examined, Judge& judge) {
    judge_smbios_structures(examined, judge, smbios::kBaseboard, "board",
                            [&](const smbios::Structure& structure) {
                                judge_smbios_maker(examined, judge, vendors::Component::board, structure,
                                                   smbios::baseboard(structure).manufacturer, "board");
                            });
}

}  // namespace

const Check checks::board_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_maker};

}  // namespace assay
