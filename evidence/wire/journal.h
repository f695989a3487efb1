#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/sections.h"

/// The device journal's wire form. docs/formats/journal.md is the page.
namespace assay {

enum class DeviceEventKind : std::uint8_t {
    insert,         ///< a USB device came
    remove,         ///< it went
    present,        ///< it was there when the monitor started
    monitor_start,  ///< the agent began to watch: what came before in this boot was not observed
    gap,            ///< events were lost; `lost` says how many, 0 if that is not known
};
std::string_view to_string(DeviceEventKind kind);

struct JournalRecord {
    std::uint64_t sequence = 0;  ///< from 1, without a hole
    std::string boot_id;
    std::int64_t wall_ms = 0;           ///< Unix time, milliseconds: a claim
    std::uint64_t boottime_ms = 0;      ///< CLOCK_BOOTTIME
    std::uint64_t kernel_sequence = 0;  ///< the uevent's SEQNUM, 0 if it came from none
    DeviceEventKind kind = DeviceEventKind::insert;
    std::optional<UsbDevice> device;  ///< for insert, remove, present
    std::uint64_t lost = 0;           ///< for gap
    Digest previous;                  ///< SHA-256 of the record before, encoded; all zero for the first

    bool operator==(const JournalRecord&) const = default;
};

Bytes encode_journal_record(const JournalRecord& record);
Result<JournalRecord> decode_journal_record(ByteView bytes);
/// What the next record names as `previous`.
inline Digest journal_digest(ByteView encoded_record) {
    return sha256(encoded_record);
}

/// The section: encoded records in order, those since the last acknowledged one, and the head of the chain.
struct JournalSection {
    std::uint64_t head_sequence = 0;  ///< the newest record's; 0 for an empty journal
    Digest head;                      ///< its digest; all zero for an empty journal
    std::vector<Bytes> records;
    bool operator==(const JournalSection&) const = default;
};
Bytes encode_journal_section(const JournalSection& section);
Result<JournalSection> decode_journal_section(ByteView bytes);

}  // namespace assay
