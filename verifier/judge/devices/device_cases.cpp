#include "verifier/judge/devices/device_cases.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/accompaniment.h"
#include "verifier/judge/devices/case_list.h"
#include "verifier/judge/devices/recorded_device.h"

namespace assay::judge {
namespace {

using accompaniment::Span;
using Kind = DeviceEventKind;

constexpr std::int64_t kMs = 1000;
constexpr std::int64_t kFlap_ms = 5000;  // docs/accompaniment.md, FLAP
constexpr std::string_view kAtStart = "usb.found_at_start";

/// A record, what it is about, and when it was.
struct Seen {
    const JournalRecord& record;
    MatterDevice device;
    Span time = {};
    std::string key = key_of(device);

    [[nodiscard]] bool is_coldplug() const { return record.provenance == Provenance::coldplug; }
    [[nodiscard]] std::uint64_t sequence() const { return record.sequence; }
};

/// How the newest monitor began.
struct Start {
    std::uint64_t record = 0;  // 0: before the records that came
    Span unwatched;            // nobody watched
    bool is_first = false;
};

class Follower {
  public:
    explicit Follower(const DeviceInputs& in)
        : in_(in),
          cases_(in.basis, in.through, in.now),
          watched_((in.known.boot_clock ? in.known.boot_clock->newest.not_before : in.known.enrolled_at) *
                   kMs),
          boot_(in.known.boot_clock ? in.known.boot_clock->boot_id : "") {
        start_.unwatched = {watched_, watched_};
        for (const auto& device : in.known.present.value_or(std::vector<PresentDevice>()))
            (device.lost_sight ? before_ : there_).insert(key_of(device));
        if (!in.known.judged) return;
        for (const auto& event : *in.known.judged) verdicts_.emplace(event.record, &event);
    }

    DeviceNews run() && {
        std::map<std::uint64_t, const JournalRecord*> fresh;
        for (const auto* record : in_.records)  // a sequence that comes twice is a finding of the journal
            if (record->sequence > in_.known.journal_sequence) fresh.emplace(record->sequence, record);
        for (const auto& matter : in_.known.open.value_or(std::vector<OpenMatter>())) {
            const auto own = fresh.find(matter.record);
            if (is_of_devices(matter)) cases_.carry_on(matter, own == fresh.end() ? nullptr : own->second);
        }
        for (const auto& [record, event] : verdicts_) {  // of earlier records, that are judged again
            if (fresh.contains(record)) continue;
            ++news_.judged;
            const auto device = event->device.value_or(MatterDevice());
            cases_.judge(*event, device, "USB port " + (device.port.empty() ? "unknown" : device.port));
        }
        for (const auto& [sequence, record] : fresh) follow(*record);
        tell_first_start();
        spare_listed();
        end_lost();
        end_first_start();
        news_.more = cases_.more();
        news_.more_again = cases_.more_again();
        news_.open = std::move(cases_).take();
        return std::move(news_);
    }

  private:
    void follow(const JournalRecord& record) {
        const auto time = in_.clock.time_of(record);
        if (record.kind == Kind::monitor_start) {
            begin(record, time.at_ms);
        } else if (record.device && record.kind != Kind::authorize && is_root_hub(*record.device)) {
            ++news_.excused;
        } else if (record.device || record.hotplug || record.kind == Kind::insert) {
            Seen seen{record, device_of(record)};
            seen.time = span_of(seen, time.at_ms);
            follow(seen);
            last_[seen.device.port] = time.at_ms;
        }
        if (time.by_boot_clock) watched_ = std::max(watched_, time.at_ms);
        boot_ = record.boot_id;
    }

    void follow(Seen& seen) {
        if (seen.record.kind == Kind::refusal) return;
        ++news_.judged;
        if (seen.record.kind != Kind::remove) {
            seen.device.came_from_ms = seen.time.from;
            seen.device.came_to_ms = seen.time.to;
        }
        switch (seen.record.kind) {
            case Kind::insert:
            case Kind::storm:
                return came(seen);
            case Kind::present:
                return found(seen);
            case Kind::remove:
                return went(seen);
            case Kind::use:
                return used(seen);
            case Kind::ghost:
                seen.device.how = "by the kernel's log; nobody watched";
                set_gone(seen.device, seen.sequence(), seen.time);
                if (!is_judged(seen)) rule(seen, "usb.ghost_device", Tier::contraindicated, "all that time");
                return;
            case Kind::authorize:
                if (is_judged(seen) || in_.known.judged) return;
                return tell(seen,
                            {"usb.privileged_override", Tier::contraindicated, "the gate's own decision",
                             "let in on the host itself, which no session covers"});
            default:
                is_judged(seen);
        }
    }

    void begin(const JournalRecord& record, std::int64_t at) {
        const auto& downtime = record.downtime;
        const bool same_boot = downtime && !downtime->boot_id.empty() ? downtime->boot_id == record.boot_id
                                                                      : boot_ == record.boot_id;
        const bool first = start_.record == 0 && in_.known.journal_sequence == 0;
        start_ = {record.sequence, {std::min(watched_, at), at}, first};
        if (same_boot) return;
        before_ = std::exchange(there_, {});
        end_lost();
        for (std::size_t i = 0; i < cases_.all().size(); ++i)
            if (cases_.was_there(i, record.sequence) && is_told_at_start(*cases_.all()[i].device))
                lost_.emplace(i, start_);
    }

    // A device that the new monitor does not tell of is gone. It tells of no part that came by hot-plug; of
    // these a drive is known by its serial.
    [[nodiscard]] bool is_told_at_start(const MatterDevice& device) const {
        if (!came_by_hotplug(device)) return true;
        if (in_.drives == nullptr || device.serial.empty() || (device.ids != "nvme" && device.ids != "block"))
            return false;
        return std::ranges::none_of(
            *in_.drives, [&](const Drive& drive) { return printable(drive.serial) == device.serial; });
    }

    [[nodiscard]] Span span_of(const Seen& seen, std::int64_t at) const {
        const auto& record = seen.record;
        if (record.since_ms) return {std::min(in_.clock.time_of(record, *record.since_ms).at_ms, at), at};
        const bool reconciled = record.provenance == Provenance::reconciled;
        if (record.kind != Kind::present && !(record.kind == Kind::remove && reconciled)) return {at, at};
        const auto last = last_.find(seen.device.port);
        const auto from = reconciled && last != last_.end() ? last->second : start_.unwatched.from;
        return {std::min(from, at), at};
    }

    // --- What came.

    void came(Seen& seen) {
        const bool storm = seen.record.kind == Kind::storm;
        seen.device.how = storm ? "too often for a record each" : "seen as it came";
        seen.device.count = std::max<std::uint64_t>(seen.record.count.value_or(1), 1);
        end_others(seen);
        if (tell_remote(seen) || is_judged(seen) || is_same_case(seen) || is_excused(seen)) return;
        there_.insert(seen.key);
        if (!is_covered_flap(seen)) rule(seen, "usb.unaccompanied", Tier::contraindicated, "when it came");
    }

    void found(Seen& seen) {
        seen.device.how = seen.is_coldplug() ? "there at the monitor's start; nobody watched before"
                                             : "found when the monitor looked again; nobody watched";
        end_others(seen);
        if (is_judged(seen) || is_same_case(seen) || is_excused(seen)) return;
        const bool known = there_.contains(seen.key) || (seen.is_coldplug() && before_.contains(seen.key));
        there_.insert(seen.key);
        if (known || in_.known.judged) return;
        if (!start_.is_first || !seen.is_coldplug())
            return rule(seen, "usb.found_unseen", Tier::contraindicated, "all that time");
        if (seen.record.device && !may_be_left_in(*seen.record.device)) {
            found_.insert(text_at_port(seen.device));
            return;
        }
        seen.device.came_from_ms = 0;
        tell(seen, {"usb.found_unseen", Tier::contraindicated, "a host without it when it was first watched",
                    "nobody knows who left it there"});
    }

    // The same device in the same place: it is still there, is there again at once, or was never seen to go.
    bool is_same_case(const Seen& seen) {
        bool same = false;
        for (std::size_t i = 0; i < cases_.all().size(); ++i) {
            const auto& matter = cases_.all()[i];
            if (!is_of_a_stay(matter) || !are_same(*matter.device, seen.device)) continue;
            const bool is_all = !is_of_a_session(matter);
            if (matter.record == seen.sequence()) {  // told already
                same = same || is_all;
                continue;
            }
            if (cases_.is_to_come(i, seen.sequence())) continue;
            if (matter.device->gone_record != 0 && !is_back(*matter.device, seen)) continue;
            same = same || is_all;
            lost_.erase(i);
            if (seen.record.kind != Kind::present)
                cases_.changed(i, seen.sequence()).count += seen.device.count;
            cases_.reopen(i, seen.sequence());
        }
        return same;
    }

    [[nodiscard]] bool is_back(const MatterDevice& device, const Seen& seen) const {
        if (seen.record.kind != Kind::present)
            return device.descriptors == seen.device.descriptors &&
                   seen.time.from - device.gone_to_ms <= kFlap_ms;
        // The start, with which it was lost, may have come in the report before.
        const bool began_before = start_.record == 0 && seen.is_coldplug();
        return went_unseen(device) && (began_before || seen.time.from <= device.gone_to_ms);
    }

    // What was in that port is gone: only one fits.
    void end_others(const Seen& seen) {
        if (seen.device.port.empty()) return;
        for (std::size_t i = 0; i < cases_.all().size(); ++i) {
            if (!cases_.was_there(i, seen.sequence())) continue;
            const auto& device = *cases_.all()[i].device;
            if (are_same(device, seen.device) || device.port != seen.device.port ||
                device.controller != seen.device.controller)
                continue;
            set_gone(cases_.changed(i, seen.sequence()), seen.sequence(),
                     {std::min(std::max(device.came_to_ms, seen.time.from), seen.time.to), seen.time.to});
            lost_.erase(i);
        }
    }

    // It had come accompanied, and went for less than a moment: neither is news.
    bool is_covered_flap(const Seen& seen) {
        const auto left = left_.find(seen.key);
        if (left == left_.end() || seen.record.kind != Kind::insert) return false;
        const auto [at, matter] = left->second;
        left_.erase(left);
        if (seen.time.from - at > kFlap_ms) return false;
        if (matter) cases_.drop(*matter);
        return true;
    }

    // --- What was done with it, and how it went.

    void used(Seen& seen) {
        const auto is_case = cases_.change(seen.device, seen.sequence(), [&](auto, auto& device) {
            if (seen.record.use) add_use(device, *seen.record.use);
        });
        if (seen.record.use) add_use(seen.device, *seen.record.use);
        seen.device.came_from_ms = seen.device.came_to_ms = 0;
        if (tell_remote(seen) || is_judged(seen) || is_case || is_excused(seen)) return;
        // A part of the host is used by the host.
        if (seen.record.device && seen.record.device->removable == "fixed") return;
        rule(seen, "usb.used_unaccompanied", Tier::warning, "when it was used");
    }

    void went(Seen& seen) {
        const auto is_case = cases_.change(seen.device, seen.sequence(), [&](auto place, auto& device) {
            set_gone(device, seen.sequence(), seen.time);
            if (seen.record.use) add_use(device, *seen.record.use);
            lost_.erase(place);
        });
        there_.erase(seen.key);
        before_.erase(seen.key);
        set_gone(seen.device, seen.sequence(), seen.time);
        if (seen.record.use) add_use(seen.device, *seen.record.use);
        if (is_judged(seen) || is_case || is_excused(seen)) return;
        const auto place = cases_.all().size();
        rule(seen, "usb.removed_unaccompanied", Tier::warning, "when it went");
        left_[seen.key] = {seen.time.to, cases_.all().size() > place ? std::optional(place) : std::nullopt};
    }

    // --- By which rule.

    // With a directory, its table says which devices are the model's.
    bool is_excused(const Seen& seen) {
        if (in_.known.judged || !seen.record.device || !in_.is_internal(*seen.record.device)) return false;
        ++news_.excused;
        --news_.judged;
        return true;
    }

    bool is_judged(const Seen& seen) {
        const auto own = verdicts_.find(seen.sequence());
        if (own == verdicts_.end()) return false;
        if (seen.device.gone_record == 0) there_.insert(seen.key);
        cases_.judge(*own->second, seen.device, subject_of(seen.record));
        return true;
    }

    // What the BMC shows was plugged in by nobody who was there.
    bool tell_remote(const Seen& seen) {
        if (in_.known.judged) return false;
        const auto acts = in_.remote(seen.record);
        for (const auto& act : acts) {
            const auto told = [&](const OpenMatter& each) {
                return each.id == act.id && is_there(each) && are_same(*each.device, seen.device);
            };
            if (std::ranges::none_of(cases_.all(), told))
                cases_.tell(act, "BMC's " + subject_of(seen.record), seen.device, seen.sequence());
        }
        return !acts.empty();
    }

    void rule(const Seen& seen, std::string_view id, Tier tier, std::string_view when) {
        if (in_.known.judged) return;
        const auto cover = accompaniment::by_session(in_.known.name, seen.time, in_.sessions);
        if (cover.accompanied)
            return cases_.tell_covered(cover, subject_of(seen.record), seen.device, seen.sequence());
        tell(seen, {std::string(id), tier, fmt::format("a work session of this host, open {}", when),
                    cover.reason});
    }

    void tell(const Seen& seen, const JudgedMatter& what) {
        cases_.tell(what, subject_of(seen.record), seen.device, seen.sequence());
    }

    // One for the whole host, so that the hosts of a model are one group.
    void tell_first_start() {
        if (found_.empty()) return;
        const JudgedMatter what{std::string(kAtStart), Tier::warning, "devices that the model's baseline has",
                                fmt::format("{}", fmt::join(found_, kNextDevice))};
        cases_.tell(what, "USB", {}, start_.record);
        for (auto& matter : cases_.all()) {
            if (matter.id != kAtStart) continue;
            matter.device.reset();
            matter.actual = what.actual;  // the start's records may come again, and more of them
        }
    }

    void end_lost() {
        for (const auto& [place, start] : lost_)
            if (is_there(cases_.all()[place]))
                set_gone(cases_.changed(place, start.record), start.record, start.unwatched);
        lost_.clear();
    }

    // What the newest start tells yet, in the part of the journal that is to come.
    void spare_listed() {
        if (lost_.empty() || in_.usb == nullptr) return;
        std::set<std::string> listed;
        for (const auto& device : *in_.usb) listed.insert(key_of(device_of(device)));
        std::erase_if(lost_, [&](const auto& lost) {
            return listed.contains(key_of(*cases_.all()[lost.first].device));
        });
    }

    // By a baseline that came later: all that was told is still there, and of the model.
    void end_first_start() {
        if (in_.usb == nullptr || !found_.empty()) return;
        DeviceTexts known;
        for (const auto& device : *in_.usb)
            if (in_.is_internal(device)) known.insert(text_at_port(device_of(device)));
        for (std::size_t i = 0; i < cases_.all().size(); ++i) {
            const auto& matter = cases_.all()[i];
            if (matter.id == kAtStart && are_all_among(known, matter.actual)) cases_.drop(i);
        }
    }

    const DeviceInputs& in_;
    DeviceNews news_;
    CaseList cases_;
    std::int64_t watched_;                      // Unix milliseconds: the monitor is known to have lived then
    std::string boot_;                          // of the newest record
    std::set<std::string> there_;               // keys of devices that are no news
    std::set<std::string> before_;              // likewise, of the boot before, until they are found again
    std::map<std::string, std::int64_t> last_;  // port -> when its newest record was written
    std::map<std::string, std::pair<std::int64_t, std::optional<std::size_t>>> left_;  // when; its matter
    std::map<std::uint64_t, const JudgedEvent*> verdicts_;
    std::map<std::size_t, Start> lost_;  // matters whose device was not found again since a start
    DeviceTexts found_;                  // at the first start
    Start start_;
};

}  // namespace

bool is_of_devices(const OpenMatter& matter) {
    return matter.device.has_value() || matter.id == kAtStart;
}

DeviceNews follow_devices(const DeviceInputs& in) {
    return Follower(in).run();
}

}  // namespace assay::judge
