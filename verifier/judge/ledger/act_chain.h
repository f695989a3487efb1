#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/digest.h"

/// The chain of acts: what each act is to those that follow. docs/adr/0024-late-and-single-handed.md. PURE.
namespace assay::judge {

/// One act, as it is chained.
struct ChainedAct {
    std::int64_t number = 0;  ///< 1 for the first; none is left out
    std::int64_t at_ms = 0;   ///< Unix time, milliseconds; never before that of the act before
    std::string kind;         ///< of verifier/service/store/acts/act_kinds.inc
    std::string hand;         ///< "operator:otto", "feed:doors", "host:rack-7", "verifier", "local:root"
    std::string subject;      ///< "host:rack-7", "order:W-1", "directory"
    std::string object;       ///< what it is of: a digest or an id; may be empty
    Digest document;          ///< SHA-256 of what it says, so that persons' data can be erased later

    bool operator==(const ChainedAct&) const = default;
};

/// SHA-256 of the act's canonical JSON.
Digest entry_of(const ChainedAct& act);
/// Before the first act: 32 bytes of zero.
Digest empty_chain();
/// SHA-256("assay-act/v1\n" || head before || entry).
Digest head_after(const Digest& before, const Digest& entry);

}  // namespace assay::judge
