#pragma once

#include <string>
#include <vector>

#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site.h"

namespace assay::api::site {

/// The span of everything that can bear on an event in `span`.
accompaniment::Span widened(const accompaniment::Span& span);

/// The documents as one JSON array.
std::string joined(const std::vector<store::SiteDocument>& documents);

}  // namespace assay::api::site
