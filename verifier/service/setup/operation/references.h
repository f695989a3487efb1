#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/appraisal/facts/standing/tpm_trust.h"
#include "verifier/judge/appraisal/policy/policy_set.h"
#include "verifier/service/setup/own_certificates.h"
#include "verifier/service/setup/state_folder.h"
#include "verifier/service/store/store.h"

/// What a verifier judges by and shows of itself, as its state folder has it at one moment: read at the start
/// and at each reload.
namespace assay::setup {

struct References {
    Config config;
    judge::PolicySet policies;
    vendors::VendorDb vendors;
    judge::TpmTrust tpm_trust;
    std::vector<Bytes> platform_roots;  ///< DER
    std::vector<OwnCertificate> certificates;
};

/// All of it, or an Error that names the first file that cannot be used and what is wrong with it. Nothing is
/// remembered: what is refused as a whole leaves no trace. `now`: Unix time, seconds.
Result<References> load_references(const StateFolder& state, store::Store& store, std::int64_t now);

/// One part of References in words.
struct ReferencePart {
    std::string name;  ///< "policy", "vendor data", "TPM roots", "platform roots", "server certificate", "CA"
    std::string digest;  ///< hex SHA-256: two of the same name with the same digest are the same
    std::string words;   ///< for the log
};
std::vector<ReferencePart> parts_of(const References& references);

/// "policy: changed, ...; vendor data: unchanged, version 7, ...": each part of `now`, and whether it is as
/// `before` had it.
std::string compared(const References& before, const References& now);

}  // namespace assay::setup
