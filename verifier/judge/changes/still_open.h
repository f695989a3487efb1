#pragma once

#include "verifier/judge/changes/expectation.h"

/// Changes that were told and that somebody expected afterwards: a reference or rule that came later, which
/// somebody signed. An order that came later expects nothing of before. PURE.
namespace assay::judge {

/// Adds to `news` the changes of `known.open` that are expected by now: told once as planned, and over. One
/// that left nothing behind (a part gone, an event that is measured no more) is ended by an acknowledgement
/// alone.
void add_expected_by_now(const KnownHost& known, const Expectations& by, HostNews& news);

}  // namespace assay::judge
