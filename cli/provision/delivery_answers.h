#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/provision/delivery.h"

/// The verifier's answers (docs/openapi.yaml) as a delivery hears them. What a row lacks reads as absent, so
/// that it affirms nothing; what is no such document is `malformed`.
namespace assay::cli {

Result<std::vector<HostSeen>> hosts_seen(std::string_view hosts);            ///< GET /v1/hosts
Result<std::vector<RefusalSeen>> refusals_seen(std::string_view refusals);   ///< GET /v1/refusals
Result<std::vector<UnprovenSeen>> unproven_seen(std::string_view unproven);  ///< GET /v1/unproven
/// GET /v1/registrations and GET /v1/replacements
Result<Papers> papers_seen(std::string_view registrations, std::string_view replacements);
/// GET /v1/hosts/{host}/result; `malformed` where it is another host's.
Result<ResultSeen> result_seen(std::string_view answer, std::string_view host);

}  // namespace assay::cli
