#pragma once

#include <vector>

#include "verifier/judge/accompaniment/time.h"

namespace assay::accompaniment {

/// `from` without what `covered` covers, by time; `covered` in any order. An instant leaves nothing.
std::vector<Span> without(const Span& from, std::vector<Span> covered);

/// The same time in as few spans as it takes, by time; those that touch are one.
std::vector<Span> joined(std::vector<Span> spans);

}  // namespace assay::accompaniment
