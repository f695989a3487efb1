#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/order.h"

namespace assay {
class TomlReader;
}

namespace assay::judge {

/// A change of hosts that the owner expects: a table [[expected]] of a policy. docs/formats/policy.md.
struct ExpectedChange {
    accompaniment::PlannedChange change;
    std::string order;  ///< for people: the order, ticket or advisory
    std::int64_t until =
        0;  ///< Unix time, seconds: a day after what the policy names, so that a date counts whole
};

Result<std::vector<ExpectedChange>> read_expected(const TomlReader& in);

}  // namespace assay::judge
