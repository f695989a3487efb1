#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {

/// Why applicants were refused, for operators to read: kept in memory until `flush` writes it, so that a
/// stranger's request costs no write. At most kMostPending different ones between two writes; what comes
/// after is in the metrics alone. Thread-safe.
class RefusalLog {
  public:
    static constexpr std::size_t kMostPending = 256;

    explicit RefusalLog(store::Store& store) : store_(store) {}  ///< which must outlive it
    RefusalLog(const RefusalLog&) = delete;
    RefusalLog& operator=(const RefusalLog&) = delete;

    /// Whether it is the first of its kind since the last write: one that the log should have.
    bool add(store::Refusal refusal, std::int64_t now);
    /// Writes what was added. After an error it is still here, and is written the next time.
    Result<> flush();

  private:
    using Pending = std::map<std::vector<std::string>, store::Refusal>;       // by what makes one of them
    bool merge(const Pending::key_type& key, const store::Refusal& refusal);  // under mutex_

    store::Store& store_;
    std::mutex mutex_;
    Pending pending_;
    std::mutex writing_;  // one writer at a time
};

}  // namespace assay::api
