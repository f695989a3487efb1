#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/judging/judge.h"

namespace assay::cli {

/// A folder of files that say everything a judgement is told. docs/formats/accompaniment-case.md.
struct AccompanimentCase {
    std::vector<accompaniment::Occurrence> occurrences;
    std::shared_ptr<const accompaniment::Knowledge> knowledge;
    accompaniment::Millis now = 0;
};

/// Reads events.json, orders.json, badges.json, sessions.json, directory.json, policy.json and now.json. A
/// file that `folder` lacks is taken from `base`, if that is not empty. Errors name the file and the place in
/// it.
Result<AccompanimentCase> read_accompaniment_case(const std::string& folder, const std::string& base);

}  // namespace assay::cli
