#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/judging/hands.h"
#include "verifier/judge/accompaniment/judging/scene.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// What came too late to count, in words: which input, its own time, when it was received and by which hand.
struct TooLate {
    std::set<std::string> orders;
    std::set<std::string> rows;       ///< of badges, below a watermark already passed
    std::set<std::string> directory;  ///< what it did not know at the event
};

/// One order, technician and escort, tried on one event: A1 to A6, and the row of the table that it reaches.
struct Attempt {
    std::string order, technician, escort;
    std::array<Condition, kConditions> conditions;
    Outcome outcome = Outcome::undetermined;
    std::string reason;
    int row = 15;
    bool segregation = false;  ///< INVALID_ORDER(SOD): critical
    bool late = false;         ///< A5 by a late signature
    bool edited_after = false;
    bool cloned = false;
    bool emergency = false;
    std::string exception;
    TooLate too_late;
    bool unlisted = false;            ///< A5 by an unlisted session alone
    bool signed_here = false;         ///< a session at this host names this order
    std::vector<SoleHand> sole_word;  ///< a single-handed site: who stands behind more than one side
    std::set<Input> inputs;
};

/// A badge row, as what a verdict stands on.
Input input_of(const BadgeRow& row);

/// The best of all combinations for this order: accompanied before all, else the one that gets furthest down
/// the table.
Attempt best_attempt(const WorkOrder& order, const Scene& scene);

/// A row that was received below a watermark already passed.
void add_row(TooLate& late, const BadgeRow& row);

/// Where the directory did not know something at the event: which of its entries came after it, of the two
/// persons and their employers, of the zone and of the readers of their rows.
void add_entries(Attempt& attempt, const Scene& scene, const std::vector<std::size_t>& rows);

/// a got further than b; of two that got as far the one whose order was signed at the host, then that with
/// more true conditions, then the one with the smaller ids.
bool got_further(const Attempt& a, const Attempt& b);

}  // namespace assay::accompaniment
