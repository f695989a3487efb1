#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/journal.h"

namespace assay {

/// A record of the journal section, decoded.
struct DecodedRecord {
    std::uint64_t sequence = 0;  ///< the record's own, 0 where it does not decode
    Digest digest;               ///< what the next record names as `previous`
    std::optional<JournalRecord> record;
    std::string problem;  ///< where it does not decode: why
};
std::vector<DecodedRecord> records_of(const JournalSection& journal);

}  // namespace assay
