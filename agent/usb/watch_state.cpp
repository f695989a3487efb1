#include "agent/usb/watch_state.h"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "agent/devices/private_file.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxFile = 4096;
constexpr auto kReplaced = nlohmann::json::error_handler_t::replace;

}  // namespace

std::optional<WatchState> load_watch_state(const std::filesystem::path& folder) {
    const auto text = read_small_file(folder / "watched", kMaxFile);
    if (!text) return std::nullopt;
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    try {
        WatchState state;
        if (json.at("v").get<int>() != 1) return std::nullopt;
        json.at("boot_id").get_to(state.boot_id);
        json.at("boottime_ms").get_to(state.boottime_ms);
        json.at("wall_ms").get_to(state.wall_ms);
        json.at("uevent_sequence").get_to(state.uevent_sequence);
        json.at("diskseq").get_to(state.diskseq);
        return state;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

Result<> save_watch_state(const std::filesystem::path& folder, const WatchState& state) {
    const nlohmann::json json{{"v", 1},
                              {"boot_id", state.boot_id},
                              {"boottime_ms", state.boottime_ms},
                              {"wall_ms", state.wall_ms},
                              {"uevent_sequence", state.uevent_sequence},
                              {"diskseq", state.diskseq}};
    const auto temporary = folder / "watched.new";
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << json.dump(-1, ' ', false, kReplaced) << '\n';
    file.close();
    std::error_code problem;
    if (file) std::filesystem::rename(temporary, folder / "watched", problem);
    if (!file || problem) return fail(ErrorCode::io, "writing " + printable((folder / "watched").string()));
    return {};
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

}  // namespace assay::agent
