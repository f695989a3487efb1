#pragma once

#include <optional>
#include <string>

#include "verifier/judge/accompaniment/judging/scene.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// What is said of an event that no order covers.
struct WithoutOrder {
    Outcome outcome = Outcome::unaccompanied;
    std::string text;
    std::string reason;
    std::string order;           ///< row 6: the order that is for another host
    std::optional<Input> input;  ///< likewise
    Condition a1, a2;
    bool released = false;  ///< doors stood released
};

/// Rows 4 to 6 of docs/accompaniment.md, and staff who need no order.
WithoutOrder without_order(const Scene& scene);

/// Certainly nobody: every row of that time was received, and is still there.
bool nobody_there(const Scene& scene);

}  // namespace assay::accompaniment
