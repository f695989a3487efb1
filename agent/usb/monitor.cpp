#include "agent/usb/monitor.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/core.h>
#include <poll.h>

#include "agent/devices/host/attributes.h"
#include "evidence/base/text.h"

namespace assay::agent {

UsbMonitor::UsbMonitor(Host& host, AnchoredJournal& journal, UeventSource& source, Sources sources,
                       Events events)
    : host_(host),
      source_(source),
      sources_(std::move(sources)),
      devices_(host),
      journal_(host, journal, gaps_, events),
      gate_(
          host, sources_.gate, devices_,
          [this](const std::string& devpath, JournalRecord record) {
              return note(devpath, std::move(record));
          },
          events.trouble) {}

Result<void> UsbMonitor::run(int stop_fd) {
    for (;;) {
        int timeout = -1;
        if (const auto deadline = next_deadline()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
            timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
        }
        std::array<pollfd, 3> wait{
            // poll skips -1
            {{source_.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}, {gate_.fd(), POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), timeout) < 0 && errno != EINTR)
            return fail_errno(errno, "waiting for uevents");
        if (wait[1].revents != 0) {
            end_look();
            return {};
        }
        TRY_VOID(step(Clock::now()));
    }
}

std::optional<UsbMonitor::Clock::time_point> UsbMonitor::next_deadline() const {
    std::optional<Clock::time_point> next;
    for (const auto& due : {storms_.next_due(), devices_.next_due(), gaps_.next_due(), gate_.next_due()}) {
        if (due && (!next || *due < *next)) next = due;
    }
    return next;
}

Result<void> UsbMonitor::step(Clock::time_point now) {
    now_ = now;
    begin_look();
    handle_all(source_.take());
    look_where_events_are_missing();
    gate_.look(now_);
    if (const auto clock = host_.clock()) gaps_.all_known(clock->boottime_ms);
    end_look();
    return {};
}

void UsbMonitor::begin_look() {
    const std::scoped_lock lock(mutex_);
    ++look_;
    looking_ = true;
}

void UsbMonitor::end_look() {
    if (const auto clock = host_.clock()) {
        const WatchState state{journal_.boot_id(), clock->boottime_ms,    clock->wall_ms,    gaps_.sequence(),
                               devices_.diskseq(), journal_.started_ms(), devices_.devnums()};
        journal_.save_state(state);
        const std::scoped_lock lock(mutex_);
        state_ = state;
    }
    const std::scoped_lock lock(mutex_);
    looking_ = false;
    looked_.notify_all();
}

WatchState UsbMonitor::state_after_a_look(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto wanted = look_ + 1;  // the one that runs may have begun before what is asked about
    source_.poke();
    looked_.wait_for(lock, patience, [&] { return look_ > wanted || (look_ == wanted && !looking_); });
    return state_;
}

void UsbMonitor::handle_all(UeventSource::Batch batch) {
    if (batch.refused != 0)
        journal_.trouble(
            fmt::format("{} uevents that do not come from the kernel were dropped", batch.refused));
    for (const auto& datagram : batch.datagrams) {
        const auto event = parse_uevent(datagram);
        if (event) {
            handle(*event);
        } else {
            journal_.trouble(printable(describe(event.error())));
            ++batch.lost;
        }
    }
    while (const auto devpath = devices_.settled_by(now_)) apply(devices_.settle(*devpath));
    end_storms();
    apply(devices_.sample(now_));
    if (batch.overrun || batch.lost != 0) {
        journal_.lose(batch.lost);
        apply(devices_.compare(gaps_.good_until_ms()));
    }
}

void UsbMonitor::handle(const Uevent& event) {
    gaps_.handled(event.sequence);
    if (event.synthetic) return;
    // What goes before it was read came first: that is recorded, and asked about, before it is gone.
    if (event.action == "remove") apply(devices_.settle(event.devpath));
    apply(devices_.handle(event, now_));
}

// All is recorded before the gate is asked about what came.
void UsbMonitor::apply(DeviceChanges changes) {
    std::vector<std::string> came;
    for (auto& [port, record] : changes) {
        if (record.device && record.kind == DeviceEventKind::remove) gate_.left(port, *record.device);
        if (record.device &&
            (record.kind == DeviceEventKind::insert || record.kind == DeviceEventKind::present))
            came.push_back(port);
        if (record.kind == DeviceEventKind::authorize) gate_.overridden(port);
        note(port, std::move(record));
    }
    for (const auto& devpath : came) gate_.came(devpath, now_);
}

// True where it is on disk.
bool UsbMonitor::note(const std::string& port, JournalRecord record) {
    if (!storms_.admits(port, record, now_)) return false;
    devices_.recorded(port, record);
    return journal_.append(std::move(record));
}

void UsbMonitor::end_storms() {
    for (auto& [port, record] : storms_.take_due(now_)) {
        const auto count = record.count.value_or(0);
        journal_.append(std::move(record), count);
        for (auto& end : devices_.unrecorded(port)) journal_.append(std::move(end));
        gate_.ask(port, now_);
        if (gaps_.open()) journal_.lose(0);  // no event may follow that brings it
    }
}

void UsbMonitor::look_where_events_are_missing() {
    const auto counted = read_number(host_, "/sys/kernel/uevent_seqnum");
    if (!counted || !gaps_.calls_for_look(*counted, now_)) return;
    auto changes = devices_.compare(gaps_.good_until_ms());
    const bool differs = !changes.empty();
    apply(std::move(changes));
    if (differs) journal_.lose(0);
}

}  // namespace assay::agent
