#include "evidence/wire/journal.h"

#include "evidence/base/limits.h"
#include "evidence/wire/names.h"
#include "evidence/wire/section_codec.h"
#include "evidence/wire/section_names.h"
#include "evidence/wire/usb_shape.h"

namespace assay {
namespace {

using wire::field;

constexpr wire::Named<DeviceEventKind, 5> kKind{{DeviceEventKind::insert, DeviceEventKind::remove,
                                                 DeviceEventKind::present, DeviceEventKind::monitor_start,
                                                 DeviceEventKind::gap}};

constexpr auto kRecord =
    wire::record(wire::Version{}, field("kind", &JournalRecord::kind, kKind),
                 field("lost", &JournalRecord::lost, wire::Unsigned{}),
                 field("device", &JournalRecord::device, wire::Maybe{wire::kUsbDevice}),
                 field("boot_id", &JournalRecord::boot_id, wire::kBootId),
                 field("wall_ms", &JournalRecord::wall_ms, wire::Integer{}),
                 field("previous", &JournalRecord::previous, wire::DigestOf{}),
                 field("sequence", &JournalRecord::sequence, wire::Unsigned{}),
                 field("boottime_ms", &JournalRecord::boottime_ms, wire::Unsigned{}),
                 field("kernel_sequence", &JournalRecord::kernel_sequence, wire::Unsigned{}));

constexpr auto kSection =
    wire::record(field("head", &JournalSection::head, wire::DigestOf{}),
                 field("records", &JournalSection::records,
                       wire::List{wire::Blob{1, limits::kJournalRecord}, limits::kJournalRecords}),
                 field("head_sequence", &JournalSection::head_sequence, wire::Unsigned{}));

bool is_about_a_device(DeviceEventKind kind) {
    return kind == DeviceEventKind::insert || kind == DeviceEventKind::remove ||
           kind == DeviceEventKind::present;
}

}  // namespace

std::string_view to_string(DeviceEventKind kind) {
    switch (kind) {
        case DeviceEventKind::insert:
            return "insert";
        case DeviceEventKind::remove:
            return "remove";
        case DeviceEventKind::present:
            return "present";
        case DeviceEventKind::monitor_start:
            return "monitor_start";
        case DeviceEventKind::gap:
            return "gap";
    }
    return "unknown";
}

Bytes encode_journal_record(const JournalRecord& record) {
    return wire::encode_document(kRecord, record);
}

Result<JournalRecord> decode_journal_record(ByteView bytes) {
    constexpr std::string_view kWhat = "journal record";
    auto record = TRY(wire::decode_document<JournalRecord>(kRecord, bytes, kWhat, limits::kJournalRecord));
    if (record.sequence == 0) return fail(ErrorCode::malformed, "journal record: sequence 0, the first is 1");
    if (record.device.has_value() != is_about_a_device(record.kind)) {
        return fail(ErrorCode::malformed,
                    "journal record: insert, remove and present have a device, no other kind has");
    }
    if (record.lost != 0 && record.kind != DeviceEventKind::gap) {
        return fail(ErrorCode::malformed, "journal record: only a gap has lost events");
    }
    return record;
}

Bytes encode_journal_section(const JournalSection& section) {
    return wire::encode_document(kSection, section);
}

Result<JournalSection> decode_journal_section(ByteView bytes) {
    return wire::decode_section<JournalSection>(kSection, bytes, section::kJournal);
}

}  // namespace assay
