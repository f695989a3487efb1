#pragma once

#include <string>
#include <vector>

#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"

/// Which of the owner's rules about firmware are about a part. PURE.
namespace assay::judge {

/// Those whose maker and model the part has; for a BIOS also those of the board and the system among `parts`.
/// In the rules' order.
std::vector<const vendors::FirmwareRule*> rules_about(const vendors::VendorDb& vendors,
                                                      const std::vector<HostComponent>& parts,
                                                      const HostComponent& part);

/// What the rule compares: the version, or a BIOS's release date.
const std::string& version_of(const HostComponent& part, const vendors::FirmwareRule& rule);

}  // namespace assay::judge
