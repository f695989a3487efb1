#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "evidence/wire/section/journal.h"
#include "verifier/judge/devices/judged_matter.h"
#include "verifier/judge/devices/record_clock.h"

/// Which devices came, were used and went unaccompanied, by the simple rule of work sessions or by the
/// verdicts of a directory of persons: followed from the matters that are open, through the records of one
/// journal part. PURE.
namespace assay::judge {

/// Refers to its arguments.
struct DeviceInputs {
    const KnownHost& known;  ///< with `judged` the verdicts decide, else `sessions`
    /// As they were sent. Those that were acknowledged before are passed over.
    std::span<const JournalRecord* const> records;
    /// Sequence up to which they are taken over. What comes after it is told already, and comes again: it
    /// ends nothing.
    std::uint64_t through = 0;
    const std::vector<WorkSession>& sessions;
    const RecordClock& clock;
    std::string_view basis;  ///< on which the journal stands
    std::int64_t now = 0;    ///< Unix time, seconds
    /// A device of the model's baseline, in its place.
    std::function<bool(const UsbDevice&)> is_internal;
    /// What becomes active from afar at a port of the BMC.
    std::function<std::vector<JudgedMatter>(const JournalRecord&)> remote;
    const std::vector<UsbDevice>* usb = nullptr;  ///< that are there now; null: not told
    const std::vector<Drive>* drives = nullptr;   ///< likewise
};

/// What the journal brings: the matters that are open after it.
struct DeviceNews {
    std::vector<OpenMatter> open;  ///< of devices only; those of `known` that are not over, and new ones
    std::uint64_t more = 0;        ///< beyond what one journal part may bring, counted
    std::uint64_t more_again = 0;  ///< likewise, of records that are not taken over and so come again
    std::size_t judged = 0;        ///< records that were judged
    std::size_t excused = 0;       ///< of root hubs and of the model's internal devices
};

/// A matter begins with a record that nothing covers, and is known by it, however often the record comes.
/// Later records of the same device belong to it, until it is gone; it stays with what is open until it is
/// acknowledged. docs/accompaniment.md, "Without a directory".
DeviceNews follow_devices(const DeviceInputs& in);

/// Of a device, or of those that were found at the host's first start.
bool is_of_devices(const OpenMatter& matter);

}  // namespace assay::judge
