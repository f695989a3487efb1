#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "agent/usb/journal/journal_frames.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// Inside agent/usb/journal: from where on the TPM's indices can be computed for a journal.
/// docs/formats/journal-file.md.
namespace assay::agent::anchor_point {

/// What the indices held when the record of this sequence was the newest in them.
struct Point {
    std::uint64_t sequence = 0;
    Digest value;  ///< of the EXTEND index; zeros before the first record
    std::uint64_t counter = 0;
    bool operator==(const Point&) const = default;
};

/// `<folder>/anchor`; nothing where there is none. `malformed` where it cannot be read.
Result<std::optional<Point>> load(const std::filesystem::path& folder);
/// Makes or replaces it; it is on disk when this returns.
Result<> save(const std::filesystem::path& folder, const Point& point);

/// Where the TPM stands.
struct Place {
    std::size_t index = 0;   ///< into the frames: the first that the TPM lacks
    Point point;             ///< after those before
    bool uncounted = false;  ///< the value has one record more than the counter: a crash between the two
};
/// `from` folded over the records after it, until value and counter are met. Nothing where they never are:
/// the TPM vouches for another journal.
std::optional<Place> find(const journal_frames::Scan& journal, const Point& from, const Digest& value,
                          std::uint64_t counter);

/// `from` folded up to the record `sequence`, which is in the journal.
Point advanced(const journal_frames::Scan& journal, Point from, std::uint64_t sequence);

}  // namespace assay::agent::anchor_point
