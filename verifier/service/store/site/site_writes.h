#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/site/site.h"

/// What people and feeds bring of a site: stored together with the act that says who brought it and when.
namespace assay::store {

/// Of device events; Unix milliseconds, both included.
struct JudgeSpan {
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
};

struct SiteWrite {
    std::vector<SiteDocument> documents = {};
    std::vector<StoredBadgeRow> rows = {};
    std::vector<RejectedRow> rejected = {};
    /// What this can change: kept with it as a document of kind "to-judge" that is open until it is judged,
    /// so that nothing is left where the process ends in between.
    std::optional<JudgeSpan> to_judge = std::nullopt;
};

struct SiteWritten {
    std::int64_t documents = 0;  ///< that were new
    std::int64_t rows = 0;       ///< likewise
    std::int64_t refused = 0;    ///< rows that were there with other content: kept among the rejected
    ActPlace act = {};           ///< 0 where nothing was new: then nobody did anything
};

/// When something was received, and by whose hand.
struct ActReceipt {
    std::int64_t at_ms = 0;
    std::string hand;
};

/// A hand, and who keeps its key.
struct HandOfPerson {
    std::string hand;  ///< "operator:otto", "feed:doors"
    std::string person;
};

class SiteWrites : Subject {
  public:
    using Subject::Subject;
    /// Documents as SiteDocuments::put has it, the rows that were not there before, and the act, whose
    /// `object` is given here: in one transaction, or nothing. So a row is late by what was stored before it,
    /// and by nothing that came with it. `now`: Unix seconds.
    Written<SiteWritten> put(const SiteWrite& write, Act act, std::int64_t now);
    /// Of these acts, by number.
    Result<std::map<std::int64_t, ActReceipt>> receipts(const std::set<std::int64_t>& acts);
    /// Of all certificates that ever were, once each.
    Result<std::vector<HandOfPerson>> hands();
};

}  // namespace assay::store
