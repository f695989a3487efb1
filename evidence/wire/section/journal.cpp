#include "evidence/wire/section/journal.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/wire/names.h"

namespace assay {
namespace {

using wire::field;

using Kind = DeviceEventKind;
using wire::Maybe;
using wire::Text;
using wire::Unsigned;

constexpr wire::Named<Kind, 13> kKind{{Kind::insert, Kind::remove, Kind::present, Kind::monitor_start,
                                       Kind::gap, Kind::anchor, Kind::authorize, Kind::use, Kind::ghost,
                                       Kind::storm, Kind::grant, Kind::refusal, Kind::session}};
constexpr wire::Named<Provenance, 4> kProvenance{
    {Provenance::live, Provenance::coldplug, Provenance::reconciled, Provenance::inferred}};

constexpr auto kHotplug = wire::record(
    field("name", &HotplugDevice::name, Text{}), field("path", &HotplugDevice::path, Text{}),
    field("model", &HotplugDevice::model, Text{}), field("serial", &HotplugDevice::serial, Text{}),
    field("subsystem", &HotplugDevice::subsystem, Text{}),
    field("controller", &HotplugDevice::controller, Text{}));

constexpr auto kChild =
    wire::record(field("id", &DeviceChild::id, Text{}), field("up", &DeviceChild::up, Maybe{wire::Flag{}}),
                 field("kind", &DeviceChild::kind, Text{}), field("name", &DeviceChild::name, Text{}),
                 field("size", &DeviceChild::size, Unsigned{}));

constexpr auto kUse =
    wire::record(field("children", &DeviceUse::children, wire::List{kChild, limits::kDeviceChildren}),
                 field("bytes_read", &DeviceUse::bytes_read, Unsigned{}),
                 field("mounted_at", &DeviceUse::mounted_at, wire::List{Text{}, limits::kDeviceChildren}),
                 field("present_ms", &DeviceUse::present_ms, Unsigned{}),
                 field("bytes_written", &DeviceUse::bytes_written, Unsigned{}));

constexpr auto kDowntime = wire::record(
    field("log", &Downtime::log, Text{}), field("disks", &Downtime::disks, Unsigned{}),
    field("quiet", &Downtime::quiet, wire::Flag{}), field("boot_id", &Downtime::boot_id, Text{}),
    field("devnums", &Downtime::devnums, Unsigned{}), field("uevents", &Downtime::uevents, Unsigned{}),
    field("last_wall_ms", &Downtime::last_wall_ms, wire::Integer{}),
    field("last_boottime_ms", &Downtime::last_boottime_ms, Unsigned{}));

constexpr auto kRecord =
    wire::record(wire::Version{}, field("use", &JournalRecord::use, Maybe{kUse}),
                 field("kind", &JournalRecord::kind, kKind), field("lost", &JournalRecord::lost, Unsigned{}),
                 field("count", &JournalRecord::count, Maybe{Unsigned{}}),
                 field("device", &JournalRecord::device, Maybe{wire::kUsbDevice}),
                 field("resets", &JournalRecord::resets, Maybe{Unsigned{}}),
                 field("boot_id", &JournalRecord::boot_id, wire::kBootId),
                 field("counter", &JournalRecord::counter, Maybe{Unsigned{}}),
                 field("hotplug", &JournalRecord::hotplug, Maybe{kHotplug}),
                 field("wall_ms", &JournalRecord::wall_ms, wire::Integer{}),
                 field("document", &JournalRecord::document, Maybe{wire::Blob{0, limits::kJournalDocument}}),
                 field("downtime", &JournalRecord::downtime, Maybe{kDowntime}),
                 field("previous", &JournalRecord::previous, wire::DigestOf{}),
                 field("sequence", &JournalRecord::sequence, Unsigned{}),
                 field("since_ms", &JournalRecord::since_ms, Maybe{Unsigned{}}),
                 field("provenance", &JournalRecord::provenance, Maybe{kProvenance}),
                 field("boottime_ms", &JournalRecord::boottime_ms, Unsigned{}),
                 field("kernel_sequence", &JournalRecord::kernel_sequence, Unsigned{}));

// What a record of each kind tells beside itself.
struct Rule {
    Kind kind;
    std::string_view name;
    bool device, hotplug, use, count, counter, document;
};
constexpr std::array kRules{
    //   kind                 name             device hotpl. use    count  counter document
    Rule{Kind::insert, "insert", true, true, false, false, false, false},
    Rule{Kind::remove, "remove", true, true, true, false, false, false},
    Rule{Kind::present, "present", true, true, false, false, false, false},
    Rule{Kind::monitor_start, "monitor_start", false, false, false, false, false, false},
    Rule{Kind::gap, "gap", false, false, false, false, false, false},
    Rule{Kind::anchor, "anchor", false, false, false, false, true, false},
    Rule{Kind::authorize, "authorize", true, false, false, false, false, false},
    Rule{Kind::use, "use", true, false, true, false, false, false},
    Rule{Kind::ghost, "ghost", true, false, false, false, false, false},
    Rule{Kind::storm, "storm", true, true, false, true, false, false},
    Rule{Kind::grant, "grant", true, false, false, false, false, true},
    Rule{Kind::refusal, "refusal", true, false, false, false, false, true},
    Rule{Kind::session, "session", false, false, false, false, false, true},
};
const Rule& rule_of(Kind kind) {
    return *std::ranges::find(kRules, kind, &Rule::kind);
}

Result<> check_kind(const JournalRecord& record) {
    const auto& rule = rule_of(record.kind);
    const auto wrong = [&rule](std::string_view what) {
        return fail(ErrorCode::malformed, fmt::format("journal record: {} of kind {}", what, rule.name));
    };
    const bool one = record.device.has_value() != record.hotplug.has_value();
    if (rule.device && !one) return wrong(record.device ? "two devices in one" : "no device in one");
    if (!rule.device && record.device) return wrong("a device in one");
    if (!rule.hotplug && record.hotplug) return wrong("a device of another subsystem than usb in one");
    if (record.lost != 0 && record.kind != Kind::gap) return wrong("lost events in one");
    if (record.use && !rule.use) return wrong("'use' in one");
    if (record.count.has_value() != rule.count)
        return wrong(rule.count ? "no 'count' in one" : "'count' in one");
    if (record.counter.has_value() != rule.counter)
        return wrong(rule.counter ? "no 'counter' in one" : "'counter' in one");
    if (record.document.has_value() != rule.document)
        return wrong(rule.document ? "no 'document' in one" : "'document' in one");
    if ((record.downtime || record.resets) && record.kind != Kind::monitor_start)
        return wrong("what is of a start in one");
    return {};
}

}  // namespace

std::string_view to_string(DeviceEventKind kind) {
    return rule_of(kind).name;
}

std::string_view to_string(Provenance provenance) {
    switch (provenance) {
        case Provenance::live:
            return "live";
        case Provenance::coldplug:
            return "coldplug";
        case Provenance::reconciled:
            return "reconciled";
        case Provenance::inferred:
            return "inferred";
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
    TRY_VOID(check_kind(record));
    return record;
}

}  // namespace assay
