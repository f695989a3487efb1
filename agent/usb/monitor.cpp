#include "agent/usb/monitor.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/core.h>
#include <poll.h>

#include "agent/devices/usb_device.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

constexpr std::string_view kSys = "/sys";
constexpr std::size_t kBootIdFile = 64;

std::string_view last_component(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// What the event alone tells of a device that is gone before it could be read.
UsbDevice from_event(const Uevent& event) {
    UsbDevice device;
    device.port_path = shortened(printable(last_component(event.devpath)), limits::kText);
    device.devnum = event.devnum;
    device.removable = "unknown";
    return device;
}

}  // namespace

UsbMonitor::UsbMonitor(Host& host, Journal& journal, UeventSocket socket, Events events)
    : host_(host), journal_(journal), socket_(std::move(socket)), events_(std::move(events)) {}

Result<void> UsbMonitor::start() {
    boot_id_ = trimmed(as_text(TRY(host_.read("/proc/sys/kernel/random/boot_id", kBootIdFile))));
    static_cast<void>(socket_.take_drops());
    TRY_VOID(write(DeviceEventKind::monitor_start, 0, {}));
    if (const auto& torn = journal_.torn_write()) {
        events_.trouble(fmt::format("the journal's last write was cut off ({} bytes at {}, kept in {})",
                                    torn->bytes, torn->offset, printable(torn->kept.string())));
        lost(1);
    }
    look_again();
    return {};
}

Result<void> UsbMonitor::run(int stop_fd) {
    for (;;) {
        int timeout = -1;
        if (const auto deadline = next_deadline()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
            timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
        }
        std::array<pollfd, 2> wait{{{socket_.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), timeout) < 0 && errno != EINTR)
            return fail_errno(errno, "waiting for uevents");
        if (wait[1].revents != 0) return {};
        TRY_VOID(step(Clock::now()));
    }
}

std::optional<UsbMonitor::Clock::time_point> UsbMonitor::next_deadline() const {
    std::optional<Clock::time_point> next;
    for (const auto& [path, pending] : pending_) {
        if (!next || pending.due < *next) next = pending.due;
    }
    return next;
}

Result<void> UsbMonitor::step(Clock::time_point now) {
    using Kind = UeventRead::Kind;
    bool overrun = false;
    std::uint64_t cut = 0;
    for (;;) {
        const auto read = TRY(socket_.read());
        if (read.kind == Kind::nothing) break;
        if (read.kind == Kind::overrun) overrun = true;
        if (read.kind == Kind::cut) ++cut;
        if (read.kind == Kind::refused)
            events_.trouble("a uevent that does not come from the kernel was dropped");
        if (read.kind != Kind::datagram) continue;
        const auto event = parse_uevent(read.datagram);
        if (event) {
            handle(*event, now);
        } else {
            events_.trouble(printable(describe(event.error())));
            ++cut;
        }
    }
    while (!pending_.empty()) {
        const auto due =
            std::ranges::find_if(pending_, [&](const auto& entry) { return entry.second.due <= now; });
        if (due == pending_.end()) break;
        arrived(Uevent(due->second.event));
    }
    const auto drops = socket_.take_drops();
    if (overrun || cut + drops != 0) {
        lost(cut + drops);
        look_again();
    }
    return {};
}

void UsbMonitor::handle(const Uevent& event, Clock::time_point now) {
    if (event.subsystem != "usb" || event.devtype != "usb_device") return;
    if (event.action == "add") pending_[event.devpath] = {event, now + kSettle};
    if (event.action == "bind") arrived(event);
    if (event.action == "remove") left(event);
}

void UsbMonitor::arrived(const Uevent& event) {
    const auto added = pending_.extract(event.devpath);
    // The device's own `add` counts, where there was one: it is the earlier of the two.
    const auto sequence = added.empty() ? event.sequence : added.mapped().event.sequence;
    auto device = read_usb_device(host_, std::string(kSys) + event.devpath).value_or(from_event(event));
    const auto known = known_.find(event.devpath);
    if (known != known_.end()) {
        if (known->second.devnum == device.devnum) return;  // seen when the monitor started, or bound anew
        note(DeviceEventKind::remove, event.sequence, std::move(known->second));
        known_.erase(known);
    }
    known_.emplace(event.devpath, device);
    note(DeviceEventKind::insert, sequence, std::move(device));
}

void UsbMonitor::left(const Uevent& event) {
    if (pending_.contains(event.devpath)) arrived(Uevent(pending_.at(event.devpath).event));
    const auto known = known_.extract(event.devpath);
    note(DeviceEventKind::remove, event.sequence, known.empty() ? from_event(event) : known.mapped());
}

void UsbMonitor::lost(std::uint64_t count) {
    gap_ = true;
    lost_ += count;
    if (const auto written = write_gap(); !written) events_.trouble(printable(describe(written.error())));
    events_.recorded();
}

// The first form of reconciliation: what came or went unseen is recorded after the gap, without the interval.
void UsbMonitor::look_again() {
    const auto paths = host_.devices("usb");
    if (!paths) return events_.trouble(printable(describe(paths.error())));
    std::map<std::string, UsbDevice> there;
    for (const auto& path : *paths) {
        if (!path.starts_with(kSys) || last_component(path).find(':') != std::string_view::npos)
            continue;  // interfaces
        if (auto device = read_usb_device(host_, path))
            there.emplace(path.substr(kSys.size()), std::move(*device));
    }
    for (const auto& [path, device] : known_) {
        const auto now = there.find(path);
        if (now == there.end() || now->second.devnum != device.devnum)
            note(DeviceEventKind::remove, 0, device);
    }
    for (const auto& [path, device] : there) {
        const auto before = known_.find(path);
        if (before == known_.end() || before->second.devnum != device.devnum)
            note(DeviceEventKind::present, 0, device);
        pending_.erase(path);
    }
    known_ = std::move(there);
}

Result<void> UsbMonitor::write(DeviceEventKind kind, std::uint64_t kernel_sequence,
                               std::optional<UsbDevice> device) {
    JournalRecord record;
    record.boot_id = boot_id_;
    const auto clock = TRY(host_.clock());
    record.wall_ms = clock.wall_ms;
    record.boottime_ms = clock.boottime_ms;
    record.kernel_sequence = kernel_sequence;
    record.kind = kind;
    record.device = std::move(device);
    if (kind == DeviceEventKind::gap) record.lost = lost_;
    TRY_VOID(journal_.append(std::move(record)));
    return {};
}

Result<void> UsbMonitor::write_gap() {
    if (!gap_) return {};
    TRY_VOID(write(DeviceEventKind::gap, 0, {}));
    gap_ = false;
    lost_ = 0;
    return {};
}

// Never drops an event in silence: what cannot be written is counted, and the count is written first when it
// can.
void UsbMonitor::note(DeviceEventKind kind, std::uint64_t kernel_sequence, std::optional<UsbDevice> device) {
    auto written = write_gap();
    if (written) written = write(kind, kernel_sequence, std::move(device));
    if (!written) {
        gap_ = true;
        ++lost_;
        events_.trouble(printable(describe(written.error())));
    }
    events_.recorded();
}

}  // namespace assay
