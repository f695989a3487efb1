#pragma once

#include <string>
#include <vector>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/judged_event.h"

/// What a verdict of the table of docs/accompaniment.md is found as. PURE.
namespace assay::judge {

struct JudgedMatter {
    std::string id;  ///< of the finding: "usb.unaccompanied"
    Tier tier = Tier::contraindicated;
    std::string expected;
    std::string actual;
};

/// Nothing for an outcome that is good news, and without a note that is none.
std::vector<JudgedMatter> matters_of(const JudgedEvent& event);

}  // namespace assay::judge
