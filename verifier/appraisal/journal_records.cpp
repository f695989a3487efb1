#include "verifier/appraisal/journal_records.h"

namespace assay {

std::vector<DecodedRecord> records_of(const JournalSection& journal) {
    std::vector<DecodedRecord> out;
    out.reserve(journal.records.size());
    for (const auto& bytes : journal.records) {
        auto& decoded = out.emplace_back();
        decoded.digest = journal_digest(bytes);
        auto record = decode_journal_record(bytes);
        if (record) {
            decoded.sequence = record->sequence;
            decoded.record = std::move(*record);
        } else {
            decoded.problem = describe(record.error());
        }
    }
    return out;
}

}  // namespace assay
