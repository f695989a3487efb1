#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How long a certificate of our own still is good, for those who must be told in time. Times are Unix time,
/// seconds.
namespace assay::tcg {

/// From when and until when, both included: Unix time, seconds.
struct Validity {
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
    bool operator==(const Validity&) const = default;
};

/// Nearer is later in the list: what is said once is said again when it has grown.
enum class Nearness : std::uint8_t {
    far,             ///< nobody need be told
    within_60_days,  ///< to its end
    within_30_days,
    within_7_days,
    ended,
    to_come,  ///< not valid yet: a clock is wrong
};

/// A certificate is good through the second of its notAfter (RFC 5280, 4.1.2.5).
Nearness nearness(const Validity& validity, std::int64_t now);

/// "good", "60 days", "30 days", "7 days", "ended", "to come": for JSON and tables.
std::string_view to_string(Nearness nearness);

/// "ends in 9 days, at 2028-11-29 10:42:25Z", "ended at ...", "is valid only from ... on".
std::string validity_words(const Validity& validity, std::int64_t now);

/// RFC 3339, UTC: "2028-11-29T10:42:25Z".
std::string time_text(std::int64_t time_s);

/// When to say so again: at once, when it is nearer than it was, and a day later.
class Reminder {
  public:
    /// Whether to speak now; remembers that it was said.
    bool due(const Validity& validity, std::int64_t now);

  private:
    Nearness said_ = Nearness::far;
    std::int64_t said_at_ = 0;
};

}  // namespace assay::tcg
