#include "agent/usb/device_uses.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "agent/devices/host/attributes.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::uint64_t kSector = 512;  // the unit of /sys/block/*/stat and size, whatever the disk's own
constexpr std::size_t kMountTable = 4U << 20U;
constexpr std::string_view kOptical = "sr";
constexpr std::array<std::string_view, 4> kChildren{"block", "net", "input", "tty"};

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (!line.empty()) {
        const auto from = line.find_first_not_of(' ');
        if (from == std::string_view::npos) break;
        line.remove_prefix(from);
        const auto end = std::min(line.find(' '), line.size());
        out.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return out;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Bytes of the medium, 0 for none; nothing where the disk is gone.
std::optional<std::uint64_t> medium_of(Host& host, const std::string& devpath) {
    constexpr std::uint64_t kNoDisc = 0x1fffff;  // what a drive without one gives (sr.c, get_sectorsize)
    const auto sectors = read_number(host, std::string(kSys) + devpath + "/size");
    if (!sectors) return std::nullopt;
    const auto name = std::string_view(devpath).substr(devpath.rfind('/') + 1);
    return name.starts_with(kOptical) && *sectors == kNoDisc ? 0 : kSector * *sectors;
}

// The kernel writes space, tab, newline and backslash in mountinfo as \040 and so on (proc(5)).
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octal = text.substr(i, 4);
        const bool escaped =
            octal.size() == 4 && octal[0] == '\\' &&
            std::ranges::all_of(octal.substr(1), [](char c) { return c >= '0' && c <= '7'; });
        if (!escaped) {
            out += text[i];
            continue;
        }
        out += static_cast<char>((octal[1] - '0') * 64 + (octal[2] - '0') * 8 + (octal[3] - '0'));
        i += 3;
    }
    return out;
}

}  // namespace

void DeviceUses::arrived(const std::string& devpath, std::uint64_t boottime_ms) {
    used_[devpath] = Used{boottime_ms, {}, {}};
}

DeviceUses::Used* DeviceUses::owner(std::string_view devpath, std::string* name) {
    // The innermost device: a stick behind a hub is the stick's.
    Used* found = nullptr;
    std::size_t length = 0;
    for (auto& [path, used] : used_) {
        if (path.size() > length && devpath.size() > path.size() && devpath.starts_with(path) &&
            devpath[path.size()] == '/') {
            found = &used;
            length = path.size();
            if (name != nullptr) *name = path;
        }
    }
    return found;
}

void DeviceUses::add_child(Used& used, std::string_view subsystem, const std::string& devpath) {
    if (used.children.size() == limits::kDeviceChildren || used.children.contains(devpath)) return;
    const auto path = std::string(kSys) + devpath;
    Child child;
    child.child.kind = subsystem;
    child.child.name = shortened(printable(devpath.substr(devpath.rfind('/') + 1)), limits::kText);
    if (subsystem == "net") child.child.id = read_optional_text(host_, path + "/address");
    if (subsystem == "block") {
        child.child.size = medium_of(host_, devpath).value_or(0);
        // A disk is its device's; a disc was put into it, and is told of by itself.
        if (!child.child.name.starts_with(kOptical))
            child.told_size = child.child.size != 0 ? std::optional(child.child.size) : std::nullopt;
        read_counters(devpath, child);
    }
    used.children.emplace(devpath, std::move(child));
}

void DeviceUses::child(const Uevent& event) {
    if (std::ranges::find(kChildren, event.subsystem) == kChildren.end()) return;
    if (event.subsystem == "block" && event.devtype != "disk") return;
    auto* used = owner(event.devpath);
    if (used == nullptr) return;
    if (event.action == "add") return add_child(*used, event.subsystem, event.devpath);
    const auto known = used->children.find(event.devpath);
    if (known == used->children.end()) return;
    if (event.action == "remove") {
        known->second.there = false;
    } else if (event.subsystem == "block") {  // a medium was put in: its size is known only now
        const auto size = medium_of(host_, event.devpath).value_or(0);
        if (size != 0) known->second.child.size = size;
    }
}

void DeviceUses::look_for_children(const std::string& devpath) {
    const auto found = used_.find(devpath);
    if (found == used_.end()) return;
    for (const auto subsystem : kChildren) {
        for (const auto& path : host_.devices(subsystem).value_or(std::vector<std::string>{})) {
            if (!path.starts_with(kSys)) continue;
            const auto below = path.substr(kSys.size());
            std::string name;
            if (owner(below, &name) != &found->second) continue;
            if (subsystem == "block" && read_number(host_, path + "/partition")) continue;
            add_child(found->second, subsystem, below);
        }
    }
}

void DeviceUses::read_counters(const std::string& devpath, Child& disk) {
    constexpr std::size_t kRead = 2, kWritten = 6;  // Documentation/block/stat.rst
    const auto text = host_.read(std::string(kSys) + devpath + "/stat", limits::kText);
    if (!text) return;
    const auto words = words_of(as_text(*text));
    if (words.size() <= kWritten) return;
    disk.read = std::max(disk.read, kSector * number_of(words[kRead]));
    disk.written = std::max(disk.written, kSector * number_of(words[kWritten]));
}

// The kernel empties a disk and stops an interface that is pulled out, too, a moment before it says that it
// is gone: only where it stays, and stays so, somebody did that. True unless it is `ceased` since a moment.
bool DeviceUses::lasts(Child& child, bool ceased, std::uint64_t boottime_ms) {
    constexpr std::uint64_t kGoing_ms = 1000;
    if (!ceased) child.ceased_since_ms.reset();
    if (ceased && !child.ceased_since_ms) child.ceased_since_ms = boottime_ms;
    return !ceased || boottime_ms - *child.ceased_since_ms >= kGoing_ms;
}

bool DeviceUses::has_other_medium(const std::string& devpath, Child& disk, std::uint64_t boottime_ms) {
    const auto size = medium_of(host_, devpath);
    if (!size || !lasts(disk, *size == 0 && disk.child.size != 0, boottime_ms)) return false;
    disk.child.size = *size;
    const auto told = std::exchange(disk.told_size, disk.child.size);
    return told && *told != disk.child.size;
}

// True where a medium came or went, or a network interface began or ceased to run.
bool DeviceUses::look_at(const std::string& devpath, Child& child, std::uint64_t boottime_ms) {
    constexpr std::uint64_t kUp = 1;  // IFF_UP (netdevice(7)): for drivers that know no operational state
    if (child.child.kind == "block") {
        read_counters(devpath, child);
        return has_other_medium(devpath, child, boottime_ms);
    }
    if (child.child.kind != "net") return false;
    const auto path = std::string(kSys) + devpath;
    const auto state = read_optional_text(host_, path + "/operstate");
    const auto flags = read_number(host_, path + "/flags").value_or(0);
    const bool up = state == "up" || (state == "unknown" && (flags & kUp) != 0);
    if (state.empty() || !lasts(child, !up && child.told_up, boottime_ms)) return false;
    child.child.up = up ? std::optional(true) : std::nullopt;
    return std::exchange(child.told_up, up) != up;
}

std::vector<std::string> DeviceUses::sample() {
    std::vector<std::string> newly;
    if (!pause()) return newly;
    const auto boottime = host_.clock().value_or(HostClock{}).boottime_ms;
    for (auto& [path, used] : used_) {
        for (auto& [child_path, child] : used.children) {
            if (child.there && look_at(child_path, child, boottime)) newly.push_back(path);
        }
    }
    const auto table = host_.read("/proc/self/mountinfo", kMountTable);
    if (!table) return newly;
    auto rest = as_text(*table);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto words = words_of(line);  // proc(5): id, parent, major:minor, root, mount point
        if (words.size() < 5 || words[2].starts_with("0:")) continue;
        const auto device = host_.resolve("/sys/dev/block/" + std::string(words[2]));
        if (!device || !device->starts_with(kSys)) continue;
        std::string name;
        auto* used = owner(std::string_view(*device).substr(kSys.size()), &name);
        if (used == nullptr || used->mounted_at.size() == limits::kDeviceChildren) continue;
        const auto where = shortened(printable(unescaped(words[4])), limits::kText);
        if (used->mounted_at.insert(where).second) newly.push_back(name);
    }
    std::ranges::sort(newly);
    newly.erase(std::ranges::unique(newly).begin(), newly.end());
    return newly;
}

std::optional<std::chrono::seconds> DeviceUses::pause() const {
    std::optional<std::chrono::seconds> pause;
    for (const auto& [path, used] : used_) {
        for (const auto& [child_path, child] : used.children) {
            if (!child.there) continue;
            if (child.child.kind == "block" || child.ceased_since_ms) return kSample;
            if (child.child.kind == "net") pause = kSampleInterfaces;
        }
    }
    return pause;
}

std::optional<DeviceUse> DeviceUses::of(const std::string& devpath, std::uint64_t boottime_ms) const {
    const auto found = used_.find(devpath);
    if (found == used_.end()) return std::nullopt;
    const auto& used = found->second;
    DeviceUse out;
    out.present_ms = boottime_ms - std::min(boottime_ms, used.since_ms);
    out.mounted_at.assign(used.mounted_at.begin(), used.mounted_at.end());
    for (const auto& [path, child] : used.children) {
        out.children.push_back(child.child);
        out.bytes_read += child.read;
        out.bytes_written += child.written;
    }
    return out;
}

std::optional<DeviceUse> DeviceUses::left(const std::string& devpath, std::uint64_t boottime_ms) {
    auto out = of(devpath, boottime_ms);
    used_.erase(devpath);
    return out;
}

}  // namespace assay::agent
