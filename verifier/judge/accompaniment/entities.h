#pragma once

#include <vector>

#include "verifier/judge/accompaniment/directory.h"

namespace assay::accompaniment {

/// What the directory and the vendor data say of entities, as one list in the order of their ids: of each the
/// owners of both, and refused where either refuses it; else the directory's decision, or where it has none
/// the vendor data's. In versions, one for each stretch of time in which neither changed; what only begins or
/// ends without a change of the answer begins no version. The versions of one id in one source do not
/// overlap.
std::vector<Entity> joined(const std::vector<Entity>& directory, const std::vector<Entity>& vendors);

}  // namespace assay::accompaniment
