#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/appraisal/policy/policy_set.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/service/shared/kept_directory.h"
#include "verifier/service/shared/metrics.h"
#include "verifier/service/shared/refusal_log.h"
#include "verifier/service/shared/section_cache.h"
#include "verifier/service/shared/signer.h"
#include "verifier/service/shared/unproven.h"
#include "verifier/service/store/store.h"

namespace assay::api {

/// Everything that an endpoint works with. One per process, shared by all threads: only `store`, `metrics`,
/// `unproven`, `refusals`, `sections` and `directory` change, and all are thread-safe.
struct Service {
    store::Store& store;
    const judge::PolicySet& policies;
    const vendors::VendorDb& vendors;
    const judge::TpmTrust& tpm_trust;
    const std::vector<Bytes>& platform_roots;  ///< DER; of the makers of platform certificates
    const Signer& signer;
    Metrics& metrics;
    UnprovenCounter& unproven;          ///< flushed every few seconds, and before it is read
    RefusalLog& refusals;               ///< likewise
    Bytes nonce_key;                    ///< Store::shared_key
    std::function<std::int64_t()> now;  ///< Unix time, seconds
    /// `assay::judge`; a test injects failures here
    std::function<judge::Appraisal(const judge::OpenedEvidence&, const judge::Context&)> judge;
    std::string build;  ///< "assay 0.1.0"
    /// The texts that `vendors` was made of.
    std::function<Result<vendors::Sources>()> vendor_sources = [] { return Result<vendors::Sources>(); };
    SectionCache sections =
        SectionCache();  ///< so that an unchanged section is neither fetched nor decoded again
    KeptDirectory directory = KeptDirectory();  ///< likewise
};

}  // namespace assay::api
