#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"
#include "verifier/service/store/store.h"

namespace assay::store {

/// What the newest authentic report of a host showed of Secure Boot.
struct HostSecureBoot {
    std::string host;
    std::string facts, revoked;  ///< digests of documents, hex
    std::int64_t since = 0;      ///< of the appraisal that first had it
};

/// Secure Boot of the whole fleet.
class SecureBoot : Subject {
  public:
    using Subject::Subject;
    /// Every host that attested since this is kept, by name.
    Result<std::vector<HostSecureBoot>> hosts();
    /// Of every enrolled host whose parts name its model: host -> model.
    Result<std::map<std::string, std::string>> models();
    /// Those that some host shows now, by digest.
    Result<std::map<std::string, judge::SecureBootFacts>> facts();
    Result<std::map<std::string, judge::RevokedEntries>> revoked();
};

}  // namespace assay::store
