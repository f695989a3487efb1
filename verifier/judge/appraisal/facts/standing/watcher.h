#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/open_matter.h"
#include "evidence/wire/section/sections.h"
#include "verifier/judge/appraisal/steps/bind.h"

namespace assay::judge {

/// What a monitor's sign of life is judged by. Refers to its arguments.
struct WatchInputs {
    const std::optional<Heartbeat>& heartbeat;
    const std::optional<WatchPoint>& before;  ///< as of the host's last attestation
    std::string_view boot_id;                 ///< the manifest's
    std::uint64_t tpm_ms = 0;                 ///< the quote's clock
    std::int64_t interval_s = 0;              ///< at which the host attests
    std::optional<std::uint64_t> head = {};   ///< sequence of the journal's newest record; absent: no journal
    std::string gap = {};                     ///< why the journal is not whole, by the host's word; printable
    std::uint64_t acknowledged = 0;           ///< likewise, as of the last attestation
    std::span<const BoundRecord> records;     ///< that this evidence brings
    bool whole = true;                        ///< the journal is not longer than what it brings
    const std::vector<UsbDevice>* usb;        ///< that are there now; null: not told
};

/// Whether devices could have come without a record.
struct Watching {
    std::string trouble;             ///< how they could; empty: a monitor watches. No number is in it
    std::optional<WatchPoint> next;  ///< for the next attestation
};

/// The verifier believes no number by itself. What it asks is whether they go on from those of the
/// attestation before, and fit what is there and what the journal tells: the monitor has handled by now what
/// the kernel had counted then, its numbers never go back, its start is a record, and no device is there that
/// neither it nor the journal knows. What an honest host may show for a moment (a device that is being
/// announced, an event on its way, events of a container) is trouble only if it lasts. PURE.
/// docs/formats/evidence.md, "clock".
Watching watching_of(const WatchInputs& inputs);

/// The finding `usb.unwatched` as a matter that is told until it is over; nothing where a monitor watches.
std::optional<HostChange> absence_of(const Watching& watching);

}  // namespace assay::judge
