#pragma once

#include <string>
#include <vector>

#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/accompaniment/judging/judge.h"

namespace assay::accompaniment {

/// A stretch of a row: covered, or of which it is not known.
struct Stretch {
    Span time;
    Tri value = Tri::yes;
};

struct TimelineRow {
    std::string name;                ///< "order", "technician", "escort", "session", "device"
    std::string label;               ///< whose it is: an id; empty: nobody's
    std::vector<Stretch> stretches;  ///< by time, within the view; between them nothing covers
};

/// The decision as a picture: five rows over one stretch of time, and where they leave the device alone.
struct Timeline {
    Span view;
    Span device;  ///< from the insertion to the removal, or to now
    std::vector<TimelineRow> rows;
    std::vector<Span>
        uncovered;  ///< of the device's stay: an order, technician, escort or signature is missing
};

Timeline timeline_of(const Verdict& verdict, const Occurrence& occurrence, const Knowledge& knowledge,
                     Millis now);

Json to_json(const Timeline& timeline);

/// For a terminal of `width` columns: one line a row, "=" covered, "?" not known, "!" the device uncovered.
std::string drawn(JsonReader& timeline, std::size_t width);

/// The same as SVG, with its texts escaped; red where uncovered. It needs no style sheet and no font.
std::string svg(JsonReader& timeline);

}  // namespace assay::accompaniment
