#include "verifier/judge/appraisal/policy/policy_expected.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::judge {

Result<std::vector<ExpectedChange>> read_expected(const TomlReader& in) {
    constexpr std::int64_t kDay = 86'400;
    std::vector<ExpectedChange> out;
    for (const auto& each : TRY(in.tables("expected"))) {
        TRY_VOID(each.only({"what", "component", "match", "to", "digest", "words", "until", "order"}));
        ExpectedChange expected;
        auto& change = expected.change;
        change.what = TRY(each.text("what"));
        const auto& kinds = accompaniment::kPlannedKinds;
        if (std::ranges::find(kinds, change.what) == kinds.end())
            return each.refuse("what", fmt::format("what: expected one of {}, got '{}'",
                                                   fmt::join(kinds, ", "), printable(change.what)));
        change.component = TRY(each.optional_text("component")).value_or("");
        change.match = TRY(each.optional_text("match")).value_or("");
        change.to = TRY(each.optional_text("to")).value_or("");
        change.digest = TRY(each.optional_text("digest")).value_or("");
        change.words = TRY(each.optional_text("words")).value_or("");
        expected.order = TRY(each.text("order"));
        expected.until = TRY(each.time("until")) + kDay - 1;
        out.push_back(std::move(expected));
    }
    return out;
}

}  // namespace assay::judge
