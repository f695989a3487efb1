#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/provision/delivery.h"
#include "evidence/codec/json_writer.h"

/// How a delivery looks on a screen, as lines, and as JSON.
namespace assay::cli {

/// What is known beside the rows. Times: Unix seconds.
struct Standing {
    std::int64_t now = 0;
    std::int64_t looked_at = 0;     ///< when the verifier answered last; 0: it has not yet
    std::string silent_verifier;    ///< why it does not answer, printable; empty: it does
    std::int64_t silent_since = 0;  ///< with silent_verifier
    bool ended = false;             ///< nothing more is waited for
};

struct Screen {
    std::size_t width = 0;   ///< columns; 0: as wide as it gets
    std::size_t height = 0;  ///< lines; 0: all rows are shown
    bool colours = false;
};

/// The verdict in words, or "-" for none yet; "CANNOT TELL" for none where nothing more is waited for.
std::string verdict_of(const DeliveryRow& row, bool ended);
/// "expected", "asked and was refused", ...; "expected, not seen" where nothing more is waited for.
std::string stage_of(const DeliveryRow& row, bool ended);

/// All of it: a table with a row a server, and below it what is not on the list and how far it is. Where rows
/// do not fit into the height, those that most want a person stay, and the others are counted.
std::string screen_text(const Delivery& delivery, const Standing& standing, const Screen& screen);
/// How many lines a terminal of `width` columns shows it in; 0: it breaks none.
std::size_t lines_on_screen(std::string_view text, std::size_t width);
/// What stands below the table.
std::string summary_text(const Delivery& delivery, const Standing& standing);
/// One row in one line, for a log.
std::string row_line(const DeliveryRow& row, const Standing& standing);
/// "the verifier does not answer since ...: why", in a line; empty where it answers.
std::string silence_line(const Standing& standing);

/// docs/formats/provision-watch.md has the members.
Json row_json(const DeliveryRow& row);
Json silence_json(const Standing& standing);
Json end_json(const Delivery& delivery, const Standing& standing);

}  // namespace assay::cli
