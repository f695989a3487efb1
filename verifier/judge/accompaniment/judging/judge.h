#pragma once

#include <vector>

#include "verifier/judge/accompaniment/judging/knowledge.h"
#include "verifier/judge/accompaniment/judging/occurrence.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// Was it accompanied? The decision table of docs/accompaniment.md: the first row that matches, with A1 to A6
/// of the order, technician and escort that came nearest. ACCOMPANIED only if all six are true. Same
/// arguments, same verdict, to the byte.
Verdict judge(const Occurrence& occurrence, const Knowledge& knowledge, Millis now);

/// All of them, in the order of the occurrences.
std::vector<Verdict> judge_all(const std::vector<Occurrence>& occurrences, const Knowledge& knowledge,
                               Millis now);

/// Whether a later judgement of the same event can differ because `now` moves or a feed comes in.
bool is_open(const Verdict& verdict);

}  // namespace assay::accompaniment
