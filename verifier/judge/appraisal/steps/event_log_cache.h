#pragma once

#include <cstddef>
#include <memory>

#include "evidence/eventlog/replay/replay.h"

namespace assay::judge {

/// Bytes of the logs that one thread keeps, and how many: the oldest go first.
inline constexpr std::size_t kKeptLogBytes = 4U << 20U;
inline constexpr std::size_t kKeptLogs = 64;

/// The log parsed, replayed and compared with its digests; of a log that this thread has seen lately, what
/// was made of it then: hosts that boot the same, and one host's reports, cost it once. It holds a copy of
/// the bytes. `digest` is their SHA-256, by which it is found: results do not change. Errors as
/// parse_event_log's.
Result<std::shared_ptr<const tcg::DigestedEventLog>> digested_event_log(ByteView bytes, const Digest& digest,
                                                                        HashAlgorithm bank);

/// How many logs this thread has parsed: for tests.
std::size_t parsed_event_logs();

}  // namespace assay::judge
