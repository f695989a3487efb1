#pragma once

#include "evidence/base/limits.h"
#include "evidence/wire/names.h"
#include "evidence/wire/open_matter.h"

/// The shapes of a verdict on a device event and of what is open, for the documents that hold them:
/// docs/formats/saved-bundle.md.
namespace assay::wire {

inline constexpr std::size_t kSha256Bytes = 32;
/// The texts of a matter are a finding's, and a host may have many: a device's names come from the device.
inline constexpr std::size_t kMatterText = 1024;

inline constexpr auto kMatterDevice = record(
    field("how", &MatterDevice::how, Text{kMatterText}), field("ids", &MatterDevice::ids, Text{kMatterText}),
    field("name", &MatterDevice::name, Text{kMatterText}),
    field("port", &MatterDevice::port, Text{kMatterText}), field("read", &MatterDevice::read, Unsigned{}),
    field("bound", &MatterDevice::bound, List{Text{kMatterText}, limits::kMatterDetails}),
    field("count", &MatterDevice::count, Unsigned{}),
    field("serial", &MatterDevice::serial, Text{kMatterText}),
    field("mounted", &MatterDevice::mounted, List{Text{kMatterText}, limits::kMatterDetails}),
    field("written", &MatterDevice::written, Unsigned{}),
    field("identity", &MatterDevice::identity, Blob{0, kSha256Bytes}),
    field("came_to_ms", &MatterDevice::came_to_ms, Integer{}),
    field("controller", &MatterDevice::controller, Text{kMatterText}),
    field("gone_to_ms", &MatterDevice::gone_to_ms, Integer{}),
    field("descriptors", &MatterDevice::descriptors, Blob{0, kSha256Bytes}),
    field("gone_record", &MatterDevice::gone_record, Unsigned{}),
    field("came_from_ms", &MatterDevice::came_from_ms, Integer{}),
    field("gone_from_ms", &MatterDevice::gone_from_ms, Integer{}));

inline constexpr auto kJudgedNote =
    record(field("id", &JudgedNote::id, Text{}), field("text", &JudgedNote::text, Text{}),
           field("severity", &JudgedNote::severity, Text{}));
inline constexpr auto kJudgedEvent = record(
    field("row", &JudgedEvent::row, Integer{}), field("text", &JudgedEvent::text, Text{}),
    field("notes", &JudgedEvent::notes, List{kJudgedNote, limits::kJudgedNotes}),
    field("device", &JudgedEvent::device, Maybe{kMatterDevice}),
    field("reason", &JudgedEvent::reason, Text{}), field("record", &JudgedEvent::record, Unsigned{}),
    field("sha256", &JudgedEvent::sha256, Text{kSha256Digits}),
    field("outcome", &JudgedEvent::outcome, Text{}), field("severity", &JudgedEvent::severity, Text{}));

inline constexpr Named<ChangeKind, 6> kChangeKind{{ChangeKind::boot, ChangeKind::keys, ChangeKind::part,
                                                   ChangeKind::firmware, ChangeKind::section,
                                                   ChangeKind::watch}};
inline constexpr auto kMatterChange = record(field("kind", &MatterChange::kind, kChangeKind),
                                             field("after", &MatterChange::after, Blob{0, kSha256Bytes}),
                                             field("before", &MatterChange::before, Blob{0, kSha256Bytes}));
inline constexpr auto kMatterAcknowledgement = record(field("at", &MatterAcknowledgement::at, Integer{}),
                                                      field("by", &MatterAcknowledgement::by, Text{}));
inline constexpr auto kOpenMatter = record(
    field("id", &OpenMatter::id, Text{kMatterText}),
    field("acks", &OpenMatter::acks, List{kMatterAcknowledgement, limits::kAcknowledgements}),
    field("over", &OpenMatter::over, Flag{}), field("tier", &OpenMatter::tier, Text{kMatterText}),
    field("basis", &OpenMatter::basis, Text{kMatterText}), field("since", &OpenMatter::since, Integer{}),
    field("where", &OpenMatter::where, Text{kMatterText}),
    field("actual", &OpenMatter::actual, Text{kMatterText}),
    field("change", &OpenMatter::change, Maybe{kMatterChange}),
    field("device", &OpenMatter::device, Maybe{kMatterDevice}),
    field("record", &OpenMatter::record, Unsigned{}),
    field("subject", &OpenMatter::subject, Text{kMatterText}),
    field("verdict", &OpenMatter::verdict, Maybe{kJudgedEvent}),
    field("expected", &OpenMatter::expected, Text{kMatterText}));
inline constexpr List kOpenMatters{kOpenMatter, limits::kOpenMatters};

inline constexpr auto kPresentDevice =
    record(field("port", &PresentDevice::port, Text{kMatterText}),
           field("record", &PresentDevice::record, Unsigned{}),
           field("identity", &PresentDevice::identity, Blob{0, kSha256Bytes}),
           field("controller", &PresentDevice::controller, Text{kMatterText}),
           field("lost_sight", &PresentDevice::lost_sight, Flag{}),
           field("descriptors", &PresentDevice::descriptors, Blob{0, kSha256Bytes}));

inline constexpr auto kHostChange =
    record(field("id", &HostChange::id, Text{kMatterText}), field("kind", &HostChange::kind, kChangeKind),
           field("after", &HostChange::after, Blob{0, kSha256Bytes}),
           field("where", &HostChange::where, Text{kMatterText}),
           field("actual", &HostChange::actual, Text{kMatterText}),
           field("before", &HostChange::before, Blob{0, kSha256Bytes}),
           field("planned", &HostChange::planned, Text{kMatterText}),
           field("subject", &HostChange::subject, Text{kMatterText}),
           field("expected", &HostChange::expected, Text{kMatterText}));
inline constexpr auto kHostNews = record(
    field("more", &HostNews::more, Unsigned{}),
    field("changes", &HostNews::changes, List{kHostChange, limits::kHostChanges + limits::kOpenMatters}),
    field("planned", &HostNews::planned, List{Blob{0, kSha256Bytes}, limits::kOpenMatters}),
    field("not_compared", &HostNews::not_compared, Text{kMatterText}));

inline constexpr auto kWatchPoint = record(
    field("boot", &WatchPoint::boot, Blob{16, 16}), field("seen", &WatchPoint::seen, Unsigned{}),
    field("there", &WatchPoint::there, Blob{0, 8}), field("kernel", &WatchPoint::kernel, Unsigned{}),
    field("devnums", &WatchPoint::devnums, Blob{0, limits::kUsbBuses}),
    field("diskseq", &WatchPoint::diskseq, Unsigned{}), field("start_ms", &WatchPoint::start_ms, Unsigned{}),
    field("kernel_ms", &WatchPoint::kernel_ms, Unsigned{}),
    field("unlike_ms", &WatchPoint::unlike_ms, Maybe{Unsigned{}}));

}  // namespace assay::wire
