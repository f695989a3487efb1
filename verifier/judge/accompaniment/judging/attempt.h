#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/judging/scene.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

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
    std::string order_late;
    std::set<Input> inputs;
};

/// A badge row, as what a verdict stands on.
Input input_of(const BadgeRow& row);

/// The best of all combinations for this order: accompanied before all, else the one that gets furthest down
/// the table.
Attempt best_attempt(const WorkOrder& order, const Scene& scene);

/// a got further than b; of two that got as far, the one with the smaller ids.
bool got_further(const Attempt& a, const Attempt& b);

}  // namespace assay::accompaniment
