#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "evidence/codec/toml_file.h"
#include "verifier/judge/accompaniment/time.h"

namespace date {
class time_zone;
}

/// How an export of a badge or ticket system is read. docs/formats/feeds.md is the page.
namespace assay::inputs {

struct TimeForm {
    /// "rfc3339" (with the offset as ISO 8601 has it too), "unix", "unix_ms", or a pattern as strptime has
    /// them: docs/formats/feeds.md.
    std::string format = "rfc3339";
    std::optional<std::int64_t> offset_minutes;  ///< from UTC, east is positive
    const date::time_zone* zone = nullptr;       ///< the system's; with neither, nobody knows the offset
    std::int64_t unknown_span_s = 43'200;        ///< how long before its creation a row may have happened
};

struct FeedMapping {
    std::string source;          ///< name of the feed
    std::string format = "csv";  ///< "csv" or "jsonl"
    TimeForm time;
    std::map<std::string, std::string, std::less<>> columns;  ///< our member -> their column, or dotted path
    /// Columns that only together name a row, where `columns` has no event_id.
    std::vector<std::string> event_id;
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>
        words;                                              ///< by our member
    std::map<std::string, std::string, std::less<>> fixed;  ///< members that no column has
    std::string keep_column;  ///< only rows whose value here is one of `keep`; empty: all
    std::vector<std::string> keep;
};

/// The table [time] of a mapping. Reads the file of the system's that its time_zone names.
Result<TimeForm> read_time_form(const TomlReader& in);

/// `name` is for messages. Unknown keys and members are refused with file and line.
Result<FeedMapping> read_feed_mapping(const std::string& name, std::string_view toml);

/// A time as the mapping says it: a span where it is not known to the moment. In the hour that the end of
/// summer time repeats, both; without any offset, 14 hours either way. `malformed` for a time that the clocks
/// left out, `unsupported` for one of a year beyond the system's list of the zone's changes.
Result<accompaniment::Span> parse_feed_time(const TimeForm& form, std::string_view text);

}  // namespace assay::inputs
