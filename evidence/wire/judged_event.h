#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay {

/// A thing beside the verdict on a device event: docs/accompaniment.md.
struct JudgedNote {
    std::string id;        ///< "UNACCOMPANIED_INTERVAL"
    std::string severity;  ///< "info" to "critical"
    std::string text;

    bool operator==(const JudgedNote&) const = default;
};

/// The verdict on one device event of this host, as it stood when the host was appraised.
struct JudgedEvent {
    std::uint64_t record = 0;  ///< sequence of the journal record
    std::string outcome;       ///< "UNACCOMPANIED"
    std::int64_t row = -1;     ///< of the decision table; -1: an edge case of its own
    std::string reason;        ///< "NO_ORDER"; may be empty
    std::string severity;      ///< "info", "low", "medium", "high", "critical"
    std::string text;          ///< for a reviewer
    std::string sha256;        ///< of the whole verdict, 64 hex digits
    std::vector<JudgedNote> notes;

    bool operator==(const JudgedEvent&) const = default;
};

}  // namespace assay
