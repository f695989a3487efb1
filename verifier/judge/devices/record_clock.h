#pragma once

#include <cstdint>
#include <string>

#include "evidence/wire/section/journal.h"

namespace assay::judge {

/// Unix milliseconds, on the verifier's clock where `by_boot_clock`.
struct RecordTime {
    std::int64_t at_ms = 0;  ///< from 1970 to 9999, whatever the host says
    std::int64_t bound_ms = 0;
    bool by_boot_clock =
        false;             ///< else by the host's wall clock, which is believed as far as it is right now
    bool stepped = false;  ///< the wall clock was set since then
};

/// When journal records of one piece of evidence were written.
class RecordClock {
  public:
    /// The clock section was written between `challenged_at` and `now`, Unix seconds. `boot_id`: the
    /// manifest's.
    RecordClock(std::string boot_id, const ClockSection& clock, std::int64_t challenged_at, std::int64_t now);
    [[nodiscard]] RecordTime time_of(const JournalRecord& record) const;
    /// Of an earlier moment of the same boot, by CLOCK_BOOTTIME: where the record's span begins.
    [[nodiscard]] RecordTime time_of(const JournalRecord& record, std::uint64_t boottime_ms) const;

  private:
    std::string boot_id_;
    ClockSection clock_;
    std::int64_t anchor_ms_;
    std::int64_t bound_ms_;
};

}  // namespace assay::judge
