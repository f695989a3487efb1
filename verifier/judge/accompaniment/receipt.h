#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/time.h"

/// When the verifier received an input, and by whose hand. docs/adr/0024-late-and-single-handed.md.
namespace assay::accompaniment {

/// Received at its own time: an input of a case file that does not say when.
inline constexpr Millis kAtItsOwnTime = INT64_MIN;
/// As of now: every version that is in force, whenever it was received.
inline constexpr Millis kNow = INT64_MAX;

struct Receipt {
    Millis at = kAtItsOwnTime;  ///< by the verifier's clock
    std::string hand = {};      ///< who delivered it; empty: a hand of its own

    bool operator==(const Receipt&) const = default;
};

/// Received by then. `until` is included.
constexpr bool in_time(const Receipt& receipt, Millis until) {
    return receipt.at <= until;
}

/// "at 2026-03-02T15:29:00Z by operator:otto": for the texts of reviewers.
std::string in_words(const Receipt& receipt);

/// One version of an element of the directory: known from its receipt on, until another took its place.
struct Known {
    Receipt receipt = {};                 ///< `hand`: who proposed it
    std::vector<std::string> hands = {};  ///< who else stands behind it: who approved
    Millis until = kNow;                  ///< not included; kNow: it is in force

    bool operator==(const Known&) const = default;

    /// It was the version in force.
    [[nodiscard]] constexpr bool at(Millis as_of) const {
        return receipt.at <= as_of && (until == kNow || as_of < until);
    }
};

/// The same of a version, with those who approved it.
std::string in_words(const Known& known);

/// Where a hand may stand behind a verdict: two sides of one verdict from one actor are SOD.
enum class InputSide : std::uint8_t { directory, order, badge, signature };
/// "directory", "order", "badge", "signature".
std::string_view to_string(InputSide side);

}  // namespace assay::accompaniment
