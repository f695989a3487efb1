#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/service/shared/metrics.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/hosts/hosts.h"

/// Evidence whose proof failed: counted, so that a reviewer sees that somebody speaks in a host's name.
/// Nothing of it is kept.
namespace assay::api {

/// Counts in memory; `flush` writes what came since the last one, so that a stranger's request costs no
/// write. Bounded, whatever comes: names of known hosts and addresses alone become keys, at most kMostPending
/// of them between two writes. Thread-safe.
class UnprovenCounter {
  public:
    static constexpr std::size_t kMostPending = 1024;

    /// Both must outlive it.
    UnprovenCounter(store::Store& store, Metrics& metrics) : store_(store), metrics_(metrics) {}
    UnprovenCounter(const UnprovenCounter&) = delete;
    UnprovenCounter& operator=(const UnprovenCounter&) = delete;

    /// `host` is the name that was spoken in, `is_known` whether it is an enrolled host's: of others the text
    /// is not kept. `source` is the client's address as text; an IPv6 address counts as its network of 64
    /// bits, what is no address as "others". `now` is Unix time in seconds.
    void count(std::string_view host, bool is_known, std::string_view source, judge::Unproven reason,
               std::int64_t now);

    /// Writes what was counted. After an error it is still here, and is written the next time.
    Result<> flush(std::int64_t now);

    /// Of one host, what `flush` would write.
    [[nodiscard]] std::vector<store::UnprovenRow> pending(std::string_view host) const;

  private:
    using Key = std::tuple<std::string, std::string, judge::Unproven>;  // host, source, reason
    struct Count {
        std::int64_t times, first_at, last_at;
    };
    using Counts = std::map<Key, Count>;
    void add(const Key& key, const Count& count);  // under mutex_

    store::Store& store_;
    Metrics& metrics_;
    mutable std::mutex mutex_;
    Counts pending_;
    std::mutex writing_;  // one writer at a time
};

inline constexpr std::int64_t kUnprovenLately_s = 24LL * 3600;

/// Rows that say that somebody else speaks for a host: signature or binding wrong. What is late, replayed or
/// garbled may be its own agent after a restart.
bool speaks_for_host(const store::UnprovenRow& row);

/// What the appraisal of this host is told (KnownHost::unproven): of the last kUnprovenLately_s, since its
/// TPM is the one that it is now.
Result<std::vector<std::string>> unproven_of(store::Store& store, const UnprovenCounter& counter,
                                             const store::Host& host, std::int64_t now);

/// The finding `host.unproven_evidence` of the rows of one host that speak for it; none where there is none.
std::optional<Finding> unproven_finding(const std::vector<store::UnprovenRow>& rows);

}  // namespace assay::api
