#pragma once

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/policy/policy_scope.h"
#include "verifier/service/shared/service.h"

namespace assay::api {

/// Keeps the site of the host's purchase line in `known` only where another policy, or a decision about
/// makers, would count for the host if an administrator said the same: then its result says that nobody did.
void keep_purchase_site_that_chooses(const Service& service, const judge::Labels& labels, KnownHost& known);

}  // namespace assay::api
