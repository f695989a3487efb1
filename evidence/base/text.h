#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

/// Well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF).
bool is_utf8(std::string_view text);

/// For terminals, logs and messages: control characters, escape, DEL, C1, line and paragraph separators,
/// bidirectional controls, zero-width characters and whatever is not UTF-8 become \n, \t, \xNN or \u{NNNN};
/// backslash becomes \\. So hostile text is shown as what it is, on one line.
std::string printable(std::string_view text);

/// The same, but backslashes stay: for text that was made printable before it was stored or sent, so that
/// showing it twice changes nothing, while one who sends what was never made printable gains nothing.
std::string kept_printable(std::string_view text);

/// "2026-11-22 10:42:25Z" of a Unix time in seconds; UTC, no locale. "@SECONDS" outside the years 1 to 9999.
std::string utc_text(std::int64_t unix_seconds);

/// `text` cut to at most `limit` bytes at a character boundary, with "..." when something was cut.
std::string shortened(std::string_view text, std::size_t limit);

/// &, <, >, ", ' as entities, for HTML text and attribute values.
std::string html_escaped(std::string_view text);

/// ASCII white space removed at both ends.
std::string_view trimmed(std::string_view text);

/// ASCII letters in lower case; everything else stays as it is.
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower(std::string_view text);

}  // namespace assay
