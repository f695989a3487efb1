#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "verifier/judge/appraisal/policy/proposal.h"

namespace assay::cli {

/// Asks the verifier what a proposal would change, a few hundred hosts a request; progress on stderr. `hosts`
/// empty: the whole fleet. {"judged": count, "changed": [...]}.
Result<Json> rehearse(const Context& context, const judge::Proposal& proposal,
                      const std::vector<std::string>& hosts);

/// Host by host.
void print_rehearsal(JsonReader& rehearsal);
/// Changes that many hosts share, once: what is gained or lost, on how many, and some of their names.
void print_rehearsal_in_groups(JsonReader& rehearsal);

}  // namespace assay::cli
