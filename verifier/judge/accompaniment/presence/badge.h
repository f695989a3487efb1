#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/receipt.h"
#include "verifier/judge/accompaniment/time.h"

/// What doors told. docs/formats/accompaniment-case.md, badges.json.
namespace assay::accompaniment {

enum class Direction : std::uint8_t { in, out, unknown };
std::string_view to_string(Direction direction);

struct BadgeRow {
    std::string source;
    std::string position;  ///< in the feed, as the source counts
    std::string event_id;
    std::string person;      ///< empty: by the credential
    std::string credential;  ///< the badge
    std::string reader;
    std::string controller;  ///< empty: by the reader
    std::string zone_from;   ///< empty: not known
    std::string zone_to;     ///< likewise
    Direction direction = Direction::unknown;
    bool granted = true;
    /// When, by the controller's clock. A span where the row does not say it to the moment: no offset from
    /// UTC, or a producer that wrote when it knew of it.
    Span occurred;
    Receipt receipt;
    std::string digest;  ///< SHA-256 of the canonical row, hex
};

/// A watermark that a feed told, and when: a row at or below it that was received later is late.
struct PassedWatermark {
    Millis received_at = 0;
    Millis watermark = 0;

    bool operator==(const PassedWatermark&) const = default;
};

struct Feed {
    std::string source;
    /// Every row with occurred <= watermark has been received.
    Millis watermark = 0;
    std::optional<Millis> kept_since;     ///< rows before were deleted: what they would say is not known
    std::vector<std::string> zones;       ///< that it covers; those within too
    std::vector<PassedWatermark> passed;  ///< by receipt; empty: nothing says when it was told
};

/// The clock of a door controller: fast by this much (milliseconds; below 0: slow), right to `bound`.
struct ControllerClock {
    std::string id;
    Millis fast = 0;
    Millis bound = 0;
};

/// Doors of a zone stood released, as in a fire alarm: who was where then is not known.
struct Release {
    std::string zone;
    Span time;
};

struct BadgeData {
    std::vector<BadgeRow> rows;
    std::vector<Feed> feeds;
    std::vector<ControllerClock> controllers;
    std::vector<Release> releases;
};

/// It came below a watermark that its feed had told before: that says that nothing more comes up to there.
bool is_late(const BadgeRow& row, const BadgeData& badges);

}  // namespace assay::accompaniment
