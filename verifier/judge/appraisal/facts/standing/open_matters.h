#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/checks/check.h"

/// What was told of a host and is not over: carried from one result to the next, and told from here (ADR 22).
namespace assay::judge {

/// Of all open matters of a host together, encoded.
inline constexpr std::size_t kOpenMattersBytes = 256U << 10U;

/// What one piece of evidence tells: the device matters as they are after it, and what is not as before.
struct MatterNews {
    std::vector<OpenMatter> devices;   ///< all of them, with those that were open before
    std::uint64_t more = 0;            ///< of devices, beyond those, counted
    std::uint64_t more_again = 0;      ///< likewise, and to be counted anew by the next report
    std::vector<HostChange> changes;   ///< since the host last attested; planned ones too
    std::vector<HostChange> absences;  ///< of sections and of the watcher, that hold now
    std::vector<Bytes> planned;        ///< `after` of open changes that are expected by now
};

/// What a result tells of it.
struct Matters {
    /// At most limits::kOpenMatters, in the order in which they were told first.
    std::vector<OpenMatter> open;
    std::uint64_t more = 0;           ///< beyond those, counted
    std::uint64_t more_again = 0;     ///< likewise, told and not carried
    std::vector<HostChange> planned;  ///< told once, and nothing to wait for
};

/// `known.open`, and what the evidence adds to it, without what is over. The same change is told as it was
/// told first; a change back ends nothing, but is no second matter. Above the bound, also of bytes, the
/// worst are kept, the earlier where they are equally bad; long texts are cut. `now`: Unix seconds.
Matters matters_after(const KnownHost& known, MatterNews news, std::int64_t now);

/// A change as a matter that was told first at `since`, of tier warning, or none for an absence.
OpenMatter matter_of(const HostChange& change, std::int64_t since);

/// The finding's texts. Those of a device are made of what is known of it: its name, port, times and acts.
Details details_of(const OpenMatter& matter);

/// Tells each open matter that `is_told_here` of its finding id and change picks, as `judge.report`. How
/// many.
std::size_t report_matters(const Matters& matters, Judge& judge, bool (*is_told_here)(const OpenMatter&));

/// Tells the planned changes that `is_told_here` picks. How many.
std::size_t report_planned(const Matters& matters, Judge& judge, Basis basis,
                           bool (*is_told_here)(const HostChange&));

}  // namespace assay::judge
