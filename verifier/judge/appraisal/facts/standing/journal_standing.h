#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evidence/wire/saved_bundle.h"

namespace assay::judge {

struct Context;
struct BoundClaims;

/// A place in the chain: the record with this sequence and digest; 0 and zeros before the first.
struct JournalPlace {
    std::uint64_t sequence = 0;
    Digest digest;
    bool operator==(const JournalPlace&) const = default;
};

/// How the journal of this evidence stands to the TPM's word on it.
struct JournalStanding {
    enum class State : std::uint8_t {
        none,        ///< no journal
        unanchored,  ///< the TPM was never set up for it
        anchored,    ///< the TPM vouches for every record
        behind,      ///< it vouches up to `through`
        incomplete,  ///< the journal is longer than what was sent: undecided
        missing,     ///< it vouched before, and nothing is shown now
        invalid,     ///< what is shown is not its word
        renewed,     ///< it vouches, from an index that was set up anew
        rewritten,   ///< it vouches for another journal
    };
    State state = State::none;
    std::string expected, actual;         ///< for a finding
    JournalPlace through;                 ///< up to here it may be acknowledged
    std::optional<JournalAnchor> anchor;  ///< what the TPM held, or must have held, there
};

/// Folds the digests of the records that were sent into what the TPM held before, and compares with what it
/// certifies now: value and counter both. That the records chain is judged elsewhere (journal_is_continuous).
/// Pure.
JournalStanding standing_of(const Evidence& evidence, const Context& context, const Digest& binding,
                            const BoundClaims& claims);

}  // namespace assay::judge
