#pragma once

#include <optional>
#include <string>

#include "evidence/ima/ima_log.h"
#include "evidence/tpm/pcr.h"
#include "evidence/wire/section/ima_state.h"
#include "verifier/judge/appraisal/steps/authenticate.h"
#include "verifier/judge/appraisal/steps/sections.h"

/// The IMA list, whole or in parts: docs/adr/0010-ima-lists-come-in-parts.md.
namespace assay::judge {

inline constexpr unsigned kImaPcr = 10;

/// The bank that is judged: the strongest that the quote selects. SHA-1 is never one.
std::optional<HashAlgorithm> judged_bank(const tcg::PcrSelection& selection);

/// The list held against the quoted PCR 10. What a check says of it is made of this alone: so it is the same
/// wherever the list was divided.
struct ImaProgress {
    tcg::ImaAgreement agreement = tcg::ImaAgreement::differs;
    /// After the last entry that the quote covers; only set unless `differs`. Without `files` where there are
    /// no rules for files, and where earlier entries were judged by others.
    ImaState state;
    Digest replayed;            ///< PCR 10 after the whole list
    std::uint64_t entries = 0;  ///< of the whole list

    /// The list has entries, and the quoted PCR 10 is as a reset leaves it. boot_aggregate is extended before
    /// anything else, so no race explains that: IMA runs without the TPM, and nothing vouches for the list.
    [[nodiscard]] bool is_unextended() const {
        return agreement != tcg::ImaAgreement::differs && entries != 0 &&
               state.value.is_filled_with(std::byte{0});
    }
};

/// From where the next list may go on under this policy; empty where the whole list is wanted.
std::optional<ImaStart> ima_start(const std::optional<ImaState>& known, const Policy& policy);

/// Whether a part of a list that says to go on from `from` (ImaStart::state) can be judged in full with what
/// is known. A part that says so and is another one is found out by its appraisal.
bool ima_part_continues(const Digest& from, const Manifest& manifest, const tcg::Quote& quote,
                        const KnownHost& known, const Policy& policy);

struct FollowedIma {
    std::optional<ImaProgress> progress;  ///< absent: no list, none that parses, or PCR 10 is not quoted
    std::string refused;                  ///< why a part was not taken; empty where it was, or none came
};

/// `quoted`: of PCR 10, if it is known. Marks a list that does not parse as malformed.
FollowedIma follow_ima(const Context& inputs, const Authentication& authentication, HashAlgorithm bank,
                       const std::optional<Digest>& quoted, NamedSections& sections);

}  // namespace assay::judge
