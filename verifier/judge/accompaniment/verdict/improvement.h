#pragma once

#include <optional>

#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// A verdict that took the place of a worse one. `before`: the one before as it was told: its version,
/// outcome, row, severity and all its inputs; `at`: when the new one takes its place. Something where the one
/// before was in rows 3 to 11, or high, and `now` is less severe or has left those rows: the same, with those
/// inputs of `now` that the one before did not stand on.
std::optional<Improved> improvement(const Improved& before, const Verdict& now);

}  // namespace assay::accompaniment
