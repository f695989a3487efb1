#pragma once

#include <span>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// One verdict as docs/formats/accompaniment-case.md has it: event, row, outcome, reason, severity,
/// conditions, ...
nlohmann::json to_json(const Verdict& verdict);

/// All of them, and of each insertion group the worst: {"event": ..., "outcome": ..., "severity": ...}.
nlohmann::json to_json(const std::vector<Verdict>& verdicts);

}  // namespace assay::accompaniment
