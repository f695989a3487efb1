#pragma once

#include <optional>
#include <vector>

#include "verifier/service/store/store.h"

namespace assay::store {

inline constexpr std::int64_t kUnprovenRows = 4096;  ///< in all; the oldest go
inline constexpr std::size_t kUnprovenSources = 16;  ///< of a host; what comes after is kOtherSources
inline constexpr std::int64_t kUnprovenKept_s = 30LL * 24 * 3600;  ///< since it came last
inline constexpr const char* kOtherSources = "others";

/// Evidence whose proof failed: how often it came, and nothing of it.
struct UnprovenRow {
    std::string host;    ///< empty: the name was no host's
    std::string source;  ///< an IPv4 address, an IPv6 network of 64 bits, or kOtherSources
    std::string reason;  ///< a class: "signature"
    std::int64_t times = 1;
    std::int64_t first_at = 0;  ///< Unix time, seconds
    std::int64_t last_at = 0;

    bool operator==(const UnprovenRow&) const = default;
};

struct UnprovenQuery {
    std::optional<std::string> host = {};    ///< empty text: names of no host
    std::optional<std::int64_t> since = {};  ///< came last at or after
    std::int64_t limit = kUnprovenRows;
};

class Unproven : Subject {
  public:
    using Subject::Subject;
    /// Together: counts add up, over all copies of the verifier; `first_at` is the earliest and `last_at` the
    /// latest. Bounded as above.
    Result<> add(const std::vector<UnprovenRow>& rows, std::int64_t now);
    Result<std::vector<UnprovenRow>> list(const UnprovenQuery& query);  ///< newest first
};

}  // namespace assay::store
