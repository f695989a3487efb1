#pragma once

#include <optional>
#include <string>

#include "evidence/wire/open_matter.h"
#include "verifier/judge/appraisal/policy/policy.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::store {
struct RememberedHost;
}

namespace assay::api {

struct ComparedHost {
    std::optional<HostNews> news;  ///< absent: all is as before, or there was nothing before
    std::string boot_of;           ///< store::Host::boot_of from now on
    std::string inventory;         ///< store::inventory_digest of the parts that are there; empty: not made
};

/// What is not as `host` last attested it. A host that is as it was costs no statement: it is told by digests
/// that are remembered (`remembered`: of this revision of it; null: nothing). Nothing of evidence that is not
/// authentic. `now`: Unix time, seconds.
Result<ComparedHost> compared_with_before(Service& service, const judge::OpenedEvidence& opened,
                                          const store::Host& host, const store::RememberedHost* remembered,
                                          const judge::Policy& policy, std::int64_t now);

}  // namespace assay::api
