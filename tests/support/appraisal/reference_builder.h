#pragma once

#include <string>
#include <vector>

#include "tests/support/appraisal/evidence_builder.h"
#include "vendor-db/model/reference_set.h"
#include "verifier/judge/appraisal/facts/boot/boot_chain.h"

/// Reference sets of EvidenceBuilder's model "Server 1".
namespace assay::test {

inline judge::BootChain chain_of(EvidenceBuilder builder) {
    auto chain = judge::boot_chain_of(builder.build().bundle);
    require(chain.has_value(), chain ? "" : describe(chain.error()).c_str());
    return *std::move(chain);
}

/// What this host boots, captured.
inline vendors::ReferenceSet captured(EvidenceBuilder builder, const std::vector<std::uint32_t>& pcrs) {
    builder.host = "rack-7";  // the name that `build` gives to the known host
    auto set = reference_of(chain_of(std::move(builder)), pcrs);
    require(set.has_value(), set ? "" : describe(set.error()).c_str());
    set->name = "server 1 boot";
    set->version = "1";
    set->model = "Server 1";
    set->source = "captured from rack-1";
    return *std::move(set);
}

}  // namespace assay::test
