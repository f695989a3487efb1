#pragma once

#include <span>
#include <vector>

#include "evidence/codec/json_writer.h"
#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {

/// One verdict as docs/formats/accompaniment-case.md has it: event, row, outcome, reason, severity,
/// conditions, ...
Json to_json(const Verdict& verdict);

/// All of them, and of each insertion group the worst: {"event": ..., "outcome": ..., "severity": ...}.
/// `timelines`: of each verdict, or none.
Json to_json(const std::vector<Verdict>& verdicts, const std::vector<Json>& timelines = {});

}  // namespace assay::accompaniment
