#pragma once

#include <optional>
#include <set>
#include <string>

#include "verifier/judge/accompaniment/judging/knowledge.h"
#include "verifier/judge/accompaniment/judging/occurrence.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// What rows 1 to 3 say of a device.
struct InternalRuling {
    Outcome outcome = Outcome::baseline;
    std::string text;
    std::string reason;
    std::string order;  ///< for remote media: the order that was asked; empty: none
    std::optional<Condition> a1, a2;
    std::set<std::string> orders_late;  ///< what of them was received too late to count
    std::set<Input> inputs;
};

/// Rows 1 to 3 of docs/accompaniment.md: what belongs to the host, what the BMC shows, and what pretends to
/// be either. Nothing where none of the three matches.
std::optional<InternalRuling> internal_device(const Occurrence& occurrence, const Host& host,
                                              const Knowledge& knowledge);

}  // namespace assay::accompaniment
