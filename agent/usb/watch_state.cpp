#include "agent/usb/watch_state.h"

#include <algorithm>

#include "agent/devices/host/attributes.h"
#include "agent/devices/private_file.h"
#include "agent/usb/journal/anchored_journal.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxFile = 4096;

}  // namespace

std::optional<WatchState> load_watch_state(const std::filesystem::path& folder) {
    const auto text = read_small_file(folder / "watched", kMaxFile);
    if (!text) return std::nullopt;
    JsonReader in(*text, {.open = true});
    in.integer("v", 1, 1);
    const WatchState state{.boot_id = in.text("boot_id", kMaxFile, 0),
                           .boottime_ms = in.count("boottime_ms"),
                           .wall_ms = in.integer("wall_ms"),
                           .uevent_sequence = in.count("uevent_sequence"),
                           .diskseq = in.count("diskseq"),
                           .started_ms = in.count("started_ms"),
                           .devnums = in.bytes_or_none("devnums", limits::kUsbBuses)};
    return in.finish() ? std::optional(state) : std::nullopt;
}

Result<> save_watch_state(const std::filesystem::path& folder, const WatchState& state) {
    Json json{{"v", 1},
              {"boot_id", state.boot_id},
              {"boottime_ms", state.boottime_ms},
              {"wall_ms", state.wall_ms},
              {"uevent_sequence", state.uevent_sequence},
              {"diskseq", state.diskseq},
              {"started_ms", state.started_ms}};
    if (!state.devnums.empty()) json["devnums"] = to_base64url(state.devnums);
    return write_private_file(folder / "watched", as_view(json.dump() + "\n"), false);
}

Downtime downtime_between(const std::optional<WatchState>& before, const WatchState& now,
                          const std::vector<Bytes>& waited) {
    Downtime downtime;
    if (!before) return downtime;
    downtime.boot_id = before->boot_id;
    downtime.last_boottime_ms = before->boottime_ms;
    downtime.last_wall_ms = before->wall_ms;
    if (before->boot_id != now.boot_id) return downtime;
    const auto last = now.uevent_sequence;
    const auto seen = static_cast<std::uint64_t>(std::ranges::count_if(waited, [&](const Bytes& datagram) {
        const auto event = parse_uevent(datagram);
        return event && event->sequence > before->uevent_sequence && event->sequence <= last;
    }));
    const auto sent = last - std::min(last, before->uevent_sequence);
    downtime.uevents = sent - std::min(sent, seen);
    downtime.disks = now.diskseq - std::min(now.diskseq, before->diskseq);
    downtime.quiet = last != 0 && downtime.uevents == 0 && last >= before->uevent_sequence;
    return downtime;
}

std::optional<Heartbeat> heartbeat_of(Host& host, const WatchState& state) {
    constexpr std::uint64_t kMsPerSecond = 1000;
    const auto boot = read_boot_id(host);
    const auto clock = host.clock();
    if (!boot || *boot != state.boot_id || !clock) return std::nullopt;
    const auto kernel = read_number(host, "/sys/kernel/uevent_seqnum");
    const auto idle_s = (clock->boottime_ms - std::min(clock->boottime_ms, state.boottime_ms)) / kMsPerSecond;
    return Heartbeat{.seen = state.uevent_sequence,
                     .kernel = kernel.value_or(0),
                     .start_ms = state.started_ms,
                     .idle_s = idle_s == 0 ? std::nullopt : std::optional(idle_s),
                     .diskseq = state.diskseq,
                     .devnums = state.devnums};
}

}  // namespace assay::agent
