#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace assay::accompaniment {

/// Three-valued: what is not known is neither.
enum class Tri : std::uint8_t { no, yes, unknown };
/// "false", "true", "unknown".
constexpr std::string_view to_string(Tri value) {
    return value == Tri::no ? "false" : value == Tri::yes ? "true" : "unknown";
}

/// Why something is not known: it decides whether waiting can help.
enum class Cause : std::uint8_t {
    none,       ///< it is known
    feed,       ///< a feed has not been received that far: re-judged when it moves
    clock,      ///< the time lies within the clocks' bounds of an edge
    interval,   ///< true for a part of the interval in which the device came, false for another
    emergency,  ///< doors stood released
    inferred,   ///< a badge-out is missing: nothing says that the person stayed
    data,       ///< a field was never recorded: no zone, no direction, no descriptor
    late,       ///< what decides was received after the event: waiting does not help
};
std::string_view to_string(Cause cause);

/// One of A1 to A6, or a part of one: the value, and one line that says why.
struct Condition {
    Tri value = Tri::unknown;
    std::string reason;
    Cause cause = Cause::none;

    bool operator==(const Condition&) const = default;
};

inline Condition holds(std::string reason) {
    return {Tri::yes, std::move(reason), Cause::none};
}
inline Condition fails(std::string reason) {
    return {Tri::no, std::move(reason), Cause::none};
}
inline Condition unknown(Cause cause, std::string reason) {
    return {Tri::unknown, std::move(reason), cause};
}

}  // namespace assay::accompaniment
