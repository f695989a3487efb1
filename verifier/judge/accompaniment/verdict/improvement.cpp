#include "verifier/judge/accompaniment/verdict/improvement.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace assay::accompaniment {

std::optional<Improved> improvement(const Improved& before, const Verdict& now) {
    const auto in_bad_rows = [](std::optional<int> row) { return row && *row >= 3 && *row <= 11; };
    const bool was_bad = in_bad_rows(before.row) || before.severity >= Severity::high;
    const bool left = in_bad_rows(before.row) && now.row.value_or(16) > 11 && now.severity <= before.severity;
    if (!was_bad || (now.severity >= before.severity && !left)) return {};
    auto out = before;
    const std::set<Input> known(before.inputs.begin(), before.inputs.end());
    out.inputs.clear();
    std::ranges::copy_if(now.inputs, std::back_inserter(out.inputs),
                         [&](const Input& input) { return !known.contains(input); });
    return out;
}

}  // namespace assay::accompaniment
