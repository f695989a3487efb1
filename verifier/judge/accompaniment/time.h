#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/result.h"

namespace assay::accompaniment {

/// Unix time in milliseconds.
using Millis = std::int64_t;

/// A stretch of time, both ends included. An instant has `from` == `to`.
struct Span {
    Millis from = 0;
    Millis to = 0;

    [[nodiscard]] bool covers(const Span& other) const { return from <= other.from && other.to <= to; }
    [[nodiscard]] bool meets(const Span& other) const { return from <= other.to && other.from <= to; }
    [[nodiscard]] Span widened(Millis by) const { return {from - by, to + by}; }
    bool operator==(const Span&) const = default;
};

/// RFC 3339 with its offset: "2026-03-02T14:07:00Z", "2026-03-02T15:07:00.250+01:00". A time without an
/// offset is refused: whose clock it was cannot be told later. Years 1970 to 9999. By hand, since it is PURE:
/// docs/adr/0016.
Result<Millis> parse_instant(std::string_view text);

/// "2026-03-02T14:07:00Z", with three decimals where the milliseconds are not zero.
std::string instant_text(Millis at);

}  // namespace assay::accompaniment
