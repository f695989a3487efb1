#include "verifier/service/casework/device_update.h"

#include <algorithm>
#include <set>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/devices/record_clock.h"

namespace assay::api {
namespace {

constexpr std::int64_t kMs = 1000;
// What happened just before the challenge may not have been in the journal yet.
constexpr std::int64_t kLag_ms = 10'000;
constexpr std::size_t kDevicesCompared = 64;  // of one attestation

bool has_journal_gap(const judge::OpenedEvidence& opened) {
    const auto& gaps = opened.sections().gaps();
    return std::ranges::find(gaps, section::kJournal, &Gap::section) != gaps.end();
}

// By the boot clock; of an earlier boot, and without one, only that it was after the last report and before
// now.
class EventTimes {
  public:
    EventTimes(const judge::OpenedEvidence& opened, std::int64_t watched_until_ms, std::int64_t challenged_at,
               std::int64_t now)
        : after_ms_(watched_until_ms), before_ms_(now * kMs) {
        const auto& clock = opened.claims().clock;
        const auto& manifest = opened.authentication().manifest;
        if (clock && manifest) clock_.emplace(manifest->boot_id, *clock, challenged_at, now);
    }
    [[nodiscard]] judge::EventTime of(const JournalRecord& record) const {
        const auto time = clock_ ? clock_->time_of(record) : judge::RecordTime{};
        if (time.by_boot_clock) {
            // Without an event of the kernel: the monitor looked again and it was gone.
            const bool unseen =
                record.kind == DeviceEventKind::remove && record.kernel_sequence == 0 && !record.since_ms;
            auto earliest = time.at_ms - time.bound_ms;
            if (record.since_ms) {
                const auto since = clock_->time_of(record, *record.since_ms);
                earliest = std::min(earliest, since.at_ms - since.bound_ms);
            }
            return {time.at_ms, unseen ? std::min(earliest, after_ms_) : earliest,
                    time.at_ms + time.bound_ms};
        }
        return {std::clamp(record.wall_ms, std::min(after_ms_, before_ms_), before_ms_), after_ms_,
                before_ms_};
    }

  private:
    std::optional<judge::RecordClock> clock_;
    std::int64_t after_ms_;
    std::int64_t before_ms_;
};

// Known to be there when the first of the new records was written. Where a start tells yet of what it found,
// what was there before it may be told.
Result<std::vector<PresentDevice>> present_before(Service& service, const std::string& host,
                                                  const std::vector<judge::DeviceSighting>& open,
                                                  const JournalRecord& first) {
    std::vector<PresentDevice> out;
    const auto add = [&out](const judge::DeviceSighting& stay, bool lost) {
        if (out.size() == limits::kUsbDevices) return;
        out.push_back({.port = stay.port,
                       .controller = stay.controller,
                       .identity = from_hex(stay.device, stay.device.size()).value_or(Bytes()),
                       .descriptors = from_hex(stay.descriptors, stay.descriptors.size()).value_or(Bytes()),
                       .record = stay.record,
                       .lost_sight = lost});
    };
    for (const auto& stay : open) add(stay, false);
    if (first.kind == DeviceEventKind::present && first.provenance == Provenance::coldplug)
        for (const auto& stay : TRY(store::Devices(service.store).lost_stays(host))) add(stay, true);
    return out;
}

}  // namespace

Result<Devices> devices_of(Service& service, const judge::OpenedEvidence& opened, const store::Host& host,
                           std::int64_t challenged_at, std::int64_t now) {
    Devices out;
    const auto& journal = opened.claims().journal;
    if (!journal) return out;
    const auto& name = host.known.name;
    const auto watched_before = host.watched_until_ms;
    const EventTimes times(opened, watched_before, challenged_at, now);
    std::vector<judge::DeviceSighting> fresh;
    const JournalRecord* first = nullptr;  // of the records that are new
    std::set<std::uint64_t> taken;         // a sequence that comes twice is a finding of the journal
    for (const auto& bound : opened.claims().journal_records) {
        const auto& record = bound.record;
        if (!record || record->sequence <= host.known.journal_sequence ||
            !taken.insert(record->sequence).second)
            continue;
        if (first == nullptr) first = &*record;
        if (auto sighting = sighting_of(name, *record, bound.digest, times.of(*record)))
            fresh.push_back(*std::move(sighting));
    }
    auto open = host.none.open_stays ? std::vector<judge::DeviceSighting>()
                                     : TRY(store::Devices(service.store).open_stays(name));
    if (first != nullptr) out.present = TRY(present_before(service, name, open, *first));
    auto& update = out.update;
    update.known_before = open.size();
    update.head = journal->head_sequence;
    update.watched_until_ms =
        has_journal_gap(opened) || journal->head_sequence == 0 ? 0 : challenged_at * kMs - kLag_ms;
    update.sightings = followed(std::move(open), fresh, watched_before);

    std::set<std::string> devices;
    for (const auto& sighting : update.sightings) {
        if (is_comparable(sighting) && devices.size() < kDevicesCompared) devices.insert(sighting.device);
    }
    std::vector<judge::KnownStay> stored;
    for (const auto& device : devices) {
        auto stays = TRY(store::Devices(service.store).stays(device));
        stored.insert(stored.end(), std::make_move_iterator(stays.begin()),
                      std::make_move_iterator(stays.end()));
    }
    out.elsewhere = devices_elsewhere(update.sightings, std::max(watched_before, update.watched_until_ms),
                                      stored, update.known_before);
    return out;
}

}  // namespace assay::api
