#pragma once

#include <vector>

#include "evidence/device/smbios.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

namespace assay::judge {

/// The parts that SMBIOS names. `with_tpm`: type 43 as well.
std::vector<HostComponent> components_of_smbios(const smbios::Smbios& tables, bool with_tpm);

}  // namespace assay::judge
