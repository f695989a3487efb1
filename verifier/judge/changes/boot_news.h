#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "verifier/judge/appraisal/facts/boot/boot_chain.h"
#include "verifier/judge/changes/seen_change.h"

/// What booted now that did not boot before. PURE.
namespace assay::judge {

class OpenedEvidence;

/// PCRs that are not compared: 10, which measures what runs, and those whose events the policy says no log
/// has.
using UncomparedPcrs = std::set<std::uint32_t>;
/// With 10.
UncomparedPcrs uncompared_pcrs(const std::set<std::uint32_t>& unlogged);

struct BootNews {
    std::vector<SeenChange> changes;
    /// Why nothing could be compared; empty where something was.
    std::string not_compared;
};

/// Of the PCRs that are explained on both sides: quoted, and their events replay.
BootNews boot_news(const BootChain& before, const BootChain& after, const UncomparedPcrs& uncompared,
                   const ChangeSpan& when);

/// Whether later boots may be compared with this one: every PCR with events replays, and so does every quoted
/// one that `before` has events of. Else a boot whose log hides something would be what the next is compared
/// with. `before` is null where there is none.
bool is_whole(const BootChain& boot, const BootChain* before, const UncomparedPcrs& uncompared);

/// What a boot is told from another by, without a look at either: 32 hex digits over bank, boot event log and
/// the values of the PCRs that have events in it. Empty where no quote vouches for them, or there is no log.
std::string boot_mark(const OpenedEvidence& opened, const UncomparedPcrs& uncompared);

}  // namespace assay::judge
