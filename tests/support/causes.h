#pragma once

#include <string>

#include "evidence/base/cause.h"

namespace assay::test {

/// Whether an error says what the row says: what happened and what to do, with the row's code.
inline bool says(const Error& error, Cause cause) {
    const auto& row = cause_row(cause);
    return error.code == row.code && error.context.contains(row.what) && error.context.contains(row.remedy);
}

}  // namespace assay::test
