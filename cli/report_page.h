#pragma once

#include <string>
#include <string_view>

#include "evidence/wire/attestation_result.h"

/// What all printable pages are made of: self-contained HTML, no script, no link to anything outside.
namespace assay::cli {

/// Text from evidence or a list, made printable and escaped.
std::string page_text(std::string_view text);

/// A tier with its dot; `words`: HTML of ours, else the tier's own.
std::string page_tier(Tier tier, std::string_view words);
std::string page_tier(Tier tier);

/// Everything up to the page's heading, `heading`, with it. `kind`: the small line above it, HTML of ours.
std::string page_head(std::string_view heading, std::string_view kind, std::string_view title);

/// "GO" or what else it is in large letters, and `html`, which is ours, beside it.
std::string page_verdict(Tier tier, std::string_view html);

}  // namespace assay::cli
