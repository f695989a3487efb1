#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/judging/knowledge.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// What an order, a technician and an escort stand on in one event.
struct Basis {
    const WorkOrder& order;
    Span span;              ///< the event, with its clock's bound
    Millis as_of = 0;       ///< what the directory knew then counts
    std::string_view zone;  ///< where the escort's rights are asked
    std::string technician;
    std::string escort;                        ///< empty: none is needed
    std::vector<const Signature*> signatures;  ///< of both
    std::vector<std::size_t> rows;             ///< of BadgeData::rows: those that make one of them present
};

/// One actor behind two or more of: the directory's entries, the order, a badge row, the signature. Several
/// hands of one person are one actor.
struct SoleHand {
    std::string who;   ///< a person, or a hand of which the directory does not say whose it is
    std::string text;  ///< "otto entered p-esc and delivered order W-1"
};

/// All of them, by name; empty: no two sides are of one. An input without a hand is of a hand of its own.
std::vector<SoleHand> sole_hands(const Basis& basis, const Knowledge& knowledge);

/// The versions of the order, whenever they are of, and those of the entries of the two that this stands on,
/// for a verdict: those that say when they were received or by whom.
std::set<Input> delivered(const Basis& basis, const Knowledge& knowledge);

}  // namespace assay::accompaniment
