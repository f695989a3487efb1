#pragma once

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/replay_logs.h"

namespace assay::judge {

/// The IMA list's part of the check logs_replay_to_the_quoted_pcrs: agreement with PCR 10, boot_aggregate,
/// violations, edited entries.
void judge_ima(const ReplayedLogs& logs, Judge& judge);

/// A finding for each entry that is named, and one that counts the others.
void judge_notes(const ImaNotes& notes, const FindingKind& kind, Tier tier, Basis basis, Judge& judge);

/// "ima-log: entry 7 (offset 0x2f1)"
std::string ima_place(std::uint64_t entry, std::uint64_t offset);

}  // namespace assay::judge
