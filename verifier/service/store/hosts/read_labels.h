#pragma once

#include <map>
#include <string>

#include <soci/soci.h>

#include "verifier/judge/appraisal/policy/policy_scope.h"

namespace assay::store {

/// In the caller's transaction: the labels that an operator set, and the registered site where none was set.
/// Throws.
Labels labels_of(soci::session& sql, const std::string& host);
/// By host; hosts without a label are left out.
std::map<std::string, Labels> labels_of_all(soci::session& sql);

}  // namespace assay::store
