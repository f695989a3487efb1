#include "verifier/judge/appraisal/facts/standing/watcher.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/device/usb_numbers.h"
#include "verifier/judge/appraisal/facts/standing/silence.h"

namespace assay::judge {
namespace {

// Longer than the monitor waits for an event that the kernel has counted (twice 10 s, the second time for
// what was counted while it waited), and than the steps of a monitor that waits for a slow TPM.
constexpr std::uint64_t kHandledWithin_ms = 60'000;
// Longer than a device takes from its announcement to its record (2 s).
constexpr std::uint64_t kRecordedWithin_ms = 10'000;

Bytes first_bytes(const Digest& digest, std::size_t count) {
    return to_bytes(digest.view().first(count));
}

std::uint64_t since(std::uint64_t then, std::uint64_t now) {
    return now - std::min(now, then);
}

// Which devices are there: one that was exchanged has another number.
Bytes digest_of(const std::vector<UsbDevice>& devices) {
    constexpr std::size_t kKept = 8;
    std::vector<std::string> each;
    each.reserve(devices.size());
    for (const auto& device : devices)
        each.push_back(fmt::format("{} {} {}\n", device.controller, device.port_path, device.devnum));
    std::ranges::sort(each);
    std::string all;
    for (const auto& line : each) all += line;
    return first_bytes(sha256(as_view(all)), kKept);
}

bool tells_start(std::span<const BoundRecord> records, std::string_view boot_id, std::uint64_t at_ms) {
    return std::ranges::any_of(records, [&](const BoundRecord& bound) {
        return bound.record && bound.record->kind == DeviceEventKind::monitor_start &&
               bound.record->boot_id == boot_id && bound.record->boottime_ms == at_ms;
    });
}

// Numbers of one monitor that only grow.
bool went_back(const Heartbeat& now, const WatchPoint& before) {
    return now.seen < before.seen || now.diskseq < before.diskseq ||
           !usb::is_within(before.devnums, now.devnums);
}

class Watcher {
  public:
    explicit Watcher(const WatchInputs& inputs)
        : in_(inputs), now_(*inputs.heartbeat), boot_(boot_of(inputs.boot_id)) {
        if (in_.before && in_.before->boot == boot_) same_boot_ = &*in_.before;
        if (same_boot_ != nullptr && same_boot_->start_ms == now_.start_ms) same_start_ = same_boot_;
        next_ = {.boot = boot_,
                 .kernel = now_.kernel,
                 .kernel_ms = in_.tpm_ms,
                 .seen = now_.seen,
                 .start_ms = now_.start_ms,
                 .diskseq = now_.diskseq,
                 .devnums = now_.devnums};
    }

    Watching judged() {
        judge_start();
        judge_numbers();
        judge_devices();
        return {std::move(trouble_), std::move(next_)};
    }

  private:
    static Bytes boot_of(std::string_view boot_id) {
        constexpr std::size_t kKept = 16;
        return first_bytes(sha256(as_view(boot_id)), kKept);
    }
    void trouble(std::string_view text) {
        if (trouble_.empty()) trouble_ = text;
    }

    // A monitor that starts writes that first of all. The newest start that was told is kept, also where an
    // older monitor's note is told once more beside it.
    void judge_start() {
        if (in_.before && same_start_ == nullptr && in_.whole &&
            !tells_start(in_.records, in_.boot_id, now_.start_ms))
            trouble("a monitor whose start is in no record");
        for (const auto& bound : in_.records) {
            if (bound.record && bound.record->kind == DeviceEventKind::monitor_start &&
                bound.record->boot_id == in_.boot_id)
                next_.start_ms = std::max(next_.start_ms, bound.record->boottime_ms);
        }
        if (!trouble_.empty()) next_.start_ms = in_.before->start_ms;
        if (next_.start_ms == now_.start_ms) return;
        next_.seen = next_.diskseq = 0;  // what is known is of another monitor than the next one
        next_.devnums.clear();
    }

    void judge_numbers() {
        if (now_.idle_s.value_or(0) > static_cast<std::uint64_t>(kSilentIntervals * in_.interval_s))
            trouble("the monitor has not looked for more than three intervals");
        if (same_start_ == nullptr) return;
        if (went_back(now_, *same_start_)) trouble("numbers of the monitor went back");
        if (now_.seen >= same_start_->kernel) return;
        if (since(same_start_->kernel_ms, in_.tpm_ms) > kHandledWithin_ms)
            trouble("the kernel counted events that the monitor had not handled by the report after");
        next_.kernel = same_start_->kernel;
        next_.kernel_ms = same_start_->kernel_ms;
    }

    void judge_devices() {
        if (same_boot_ != nullptr) next_.there = same_boot_->there;
        if (in_.usb == nullptr) return;
        auto there = digest_of(*in_.usb);
        const bool unmoved = in_.head.value_or(0) != 0 && in_.head == in_.acknowledged;
        Bytes numbers;
        for (const auto& device : *in_.usb) usb::count_number(numbers, device.port_path, device.devnum);
        const bool unknown = !usb::is_within(numbers, now_.devnums);
        const bool others = !next_.there.empty() && next_.there != there;
        if (!unmoved || (!unknown && !others)) {
            next_.there = std::move(there);
            return;
        }
        if (next_.there.empty()) next_.there = std::move(there);
        next_.unlike_ms = in_.tpm_ms;
        if (same_boot_ == nullptr || !same_boot_->unlike_ms) return;
        next_.unlike_ms = same_boot_->unlike_ms;
        if (since(*next_.unlike_ms, in_.tpm_ms) <= kRecordedWithin_ms) return;
        trouble(unknown ? "USB device numbers that the monitor does not know, and no record in the journal"
                        : "other USB devices than in the report before, and no record in the journal");
    }

    const WatchInputs& in_;
    const Heartbeat& now_;
    Bytes boot_;
    const WatchPoint* same_boot_ = nullptr;   // what is known of this boot
    const WatchPoint* same_start_ = nullptr;  // and of this very monitor
    WatchPoint next_;
    std::string trouble_;
};

}  // namespace

Watching watching_of(const WatchInputs& inputs) {
    // What was known stays: who leaves a sign of life out does not begin anew.
    auto out =
        inputs.heartbeat ? Watcher(inputs).judged() : Watching{"no sign of life of a monitor", inputs.before};
    if (!inputs.head) out.trouble = "no journal";
    if (inputs.head == 0U) out.trouble = "an empty journal: no monitor ever started";
    if (!inputs.gap.empty()) out.trouble = inputs.gap;
    return out;
}

std::optional<HostChange> absence_of(const Watching& watching) {
    if (watching.trouble.empty()) return std::nullopt;
    return HostChange{.kind = ChangeKind::watch,
                      .id = "usb.unwatched",
                      .subject = "USB ports",
                      .expected = "a monitor that watches them",
                      .actual = watching.trouble,
                      .where = "journal: head; gaps; clock: watch",
                      .before = {},
                      .after = {},
                      .planned = {}};
}

}  // namespace assay::judge
