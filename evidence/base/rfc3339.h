#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace assay {

/// "2026-11-22T10:42:25Z" of a Unix time in seconds (RFC 3339): how programs and the API write times for
/// others. "@SECONDS" outside the years 1 to 9999.
std::string rfc3339_text(std::int64_t unix_seconds);
/// "2026-11-22T10:42:25Z", "2026-11-22T10:42:25.120Z" of milliseconds; years 0 to 9999.
std::string rfc3339_text_of_ms(std::int64_t unix_ms);
/// Of seconds; nothing where 0 stands for what never was.
inline std::optional<std::string> rfc3339_or_none(std::int64_t unix_seconds) {
    return unix_seconds == 0 ? std::nullopt : std::optional(rfc3339_text(unix_seconds));
}

}  // namespace assay
