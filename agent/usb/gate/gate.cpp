#include "agent/usb/gate/gate.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/devices/host/attributes.h"
#include "agent/devices/private_file.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/base/digest.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

constexpr std::string_view kThere = "there.json";
constexpr std::size_t kMaxThere = 1U << 20U;
constexpr std::size_t kCommandLine = 64U << 10U;
constexpr std::uint64_t kMillis = 1000;

// What one device is told by, as long as nothing better is at hand.
std::string identity_of(const UsbDevice& device) {
    return sha256(device.descriptors).hex() + " " + device.serial;
}
std::string place_of(const UsbDevice& device) {
    return device.port_path + " " + identity_of(device);
}

std::optional<usb::Device> parsed(const UsbDevice& device) {
    auto read = usb::parse_descriptors(device.descriptors);
    return read ? std::optional(*std::move(read)) : std::nullopt;
}

// A keyboard and nothing beside it.
bool is_plain_keyboard(const UsbDevice& device) {
    const auto read = parsed(device);
    return read && usb::is_keyboard(*read) && usb::kinds(*read) == std::set<std::string_view>{"hid"};
}

bool has_other_keyboard(const UsbDevice& device, const Gate::Devices& others) {
    return std::ranges::any_of(others, [&](const auto& entry) {
        return entry.second.port_path != device.port_path && entry.second.authorized &&
               parsed(entry.second).transform(usb::is_keyboard).value_or(false);
    });
}

GateRuling ruling(bool admitted, std::string_view reason, std::string_view text, Json more = Json::object()) {
    more["v"] = 1;
    more["reason"] = reason;
    more["text"] = text;
    return {admitted, to_bytes(more.dump())};
}

}  // namespace

bool gate_is_off(Host& host) {
    const auto line = host.read("/proc/cmdline", kCommandLine);
    if (!line) return false;
    auto text = as_text(*line);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        if (text.substr(0, end) == Gate::kOff) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

Gate::Gate(Host& host, std::filesystem::path folder, std::vector<usb::Rule> allow, Write write)
    : host_(host),
      folder_(std::move(folder)),
      allow_(std::move(allow)),
      write_(std::move(write)),
      notify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

Result<> Gate::start(const std::string& boot_id, const Devices& there) {
    off_ = gate_is_off(host_);
    boot_id_ = boot_id;
    load(boot_id);
    for (const auto& [devpath, device] : there) {
        if (is_root_hub(device.port_path)) close(devpath);
        if (is_plain_keyboard(device) && device.authorized) last_keyboard_ = identity_of(device);
    }
    if (!there_.contains("")) {  // this boot's first start: the mark is an identity that no device has
        there_.insert("");
        for (const auto& [devpath, device] : there) {
            if (device.authorized) there_.insert(place_of(device));
        }
    }
    const auto saved = save();  // makes the folder, which then can be watched
    constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB;
    if (notify_ && inotify_add_watch(notify_.get(), folder_.c_str(), kChanges) < 0 && saved)
        return fail_errno(errno, "watching " + printable(folder_.string()));
    return saved;
}

void Gate::close(const std::string& root_hub) {
    const auto written =
        write_(fmt::format("{}{}/authorized_default", kSys, root_hub), off_ ? std::string_view("1") : "0");
    const std::lock_guard lock(mutex_);
    trouble_.erase(root_hub);
    if (!written) trouble_[root_hub] = describe(written.error());
    if (off_) trouble_[root_hub] = fmt::format("open: the kernel's command line has {}", kOff);
}

GateRuling Gate::rule(const UsbDevice& device, const Devices& others, const HostClock& now) {
    if (off_) return ruling(true, "kernel-argument", fmt::format("the kernel's command line has {}", kOff));
    std::string why;
    if (const auto grace = grace_of(folder_, now.wall_ms / static_cast<std::int64_t>(kMillis), &why)) {
        return ruling(true, "grace",
                      fmt::format("held open until {}: {}", utc_text(grace->until_s), grace->reason));
    }
    const auto read = parsed(device);
    for (const auto& allowed : allow_) {
        if (read && usb::allows(allowed, *read, device.descriptors, device.serial))
            return ruling(true, "allow-list", "allowed: " + usb::to_string(allowed));
    }
    if (there_.contains(place_of(device)))
        return ruling(true, "present-at-start", "it was in this port when the gate was closed");
    if (is_plain_keyboard(device) && identity_of(device) == last_keyboard_ &&
        !has_other_keyboard(device, others))
        return ruling(true, "last-keyboard", "it is the keyboard that was there last, and no other is");
    std::string text;
    if (auto granted = by_session(device, read, now.boottime_ms, text)) return *std::move(granted);
    return ruling(false, "no-rule",
                  fmt::format("neither the allow list nor a session lets it in{}{}", text.empty() ? "" : ": ",
                              text + (why.empty() ? "" : "; " + why)));
}

// `text` where sessions are open and none of them is for this device.
std::optional<GateRuling> Gate::by_session(const UsbDevice& device, const std::optional<usb::Device>& read,
                                           std::uint64_t now_ms, std::string& text) {
    const std::lock_guard lock(mutex_);
    std::erase_if(grants_, [&](const Granted& granted) { return granted.until_ms <= now_ms; });
    for (const auto& [grant, token, until] : grants_) {
        const bool meant = std::ranges::any_of(grant.devices, [&](const usb::Rule& rule) {
            return read && usb::allows(rule, *read, device.descriptors, device.serial);
        });
        if (!meant) {
            text = fmt::format("session {} is open, and its order does not name this device",
                               printable(grant.session));
            continue;
        }
        return ruling(
            true, "session",
            fmt::format("session {} of order {} is open", printable(grant.session), printable(grant.order)),
            {{"session", grant.session}, {"order", grant.order}, {"token", token}});
    }
    return {};
}

Result<> Gate::admit(const std::string& devpath) {
    return write_(fmt::format("{}{}/authorized", kSys, devpath), "1");
}

Result<> Gate::left(const UsbDevice& device) {
    if (!device.authorized || !is_plain_keyboard(device)) return {};
    last_keyboard_ = identity_of(device);
    return save();
}

void Gate::take(std::vector<std::pair<DeviceGrant, std::string>> grants, std::uint64_t received_ms) {
    const std::lock_guard lock(mutex_);
    grants_.clear();
    for (auto& [grant, token] : grants) {
        const auto until = received_ms + grant.lifetime_s * kMillis;
        grants_.push_back({std::move(grant), std::move(token), until});
    }
    new_grant_ = !grants_.empty();
}

bool Gate::changed() {
    bool touched = false;
    std::array<char, 4096> buffer{};
    while (notify_) {
        const auto n = ::read(notify_.get(), buffer.data(), buffer.size());
        if (n <= 0) break;
        // Its own file changes here as well: looking once more costs nothing.
        touched = true;
    }
    return new_grant_.exchange(false) || touched;
}

std::optional<std::string> Gate::trouble() const {
    const std::lock_guard lock(mutex_);
    if (trouble_.empty()) return {};
    return fmt::format("{} of the buses: {}", trouble_.size(), trouble_.begin()->second);
}

void Gate::load(const std::string& boot_id) {
    const auto text = read_small_file(folder_ / kThere, kMaxThere);
    if (!text) return;
    JsonReader in(*text, {.open = true});
    const bool same_boot = in.peek("boot_id") == boot_id;
    std::set<std::string, std::less<>> there;
    // The mark of a first start is empty.
    in.each("there", [&](JsonReader& place) { there.insert(place.text("", JsonReader::kText, 0)); });
    const auto keyboard = in.text_or("keyboard");
    if (!in.finish() || !same_boot) return;
    there_.merge(there);
    last_keyboard_ = keyboard;
}

Result<> Gate::save() {
    const Json json{{"boot_id", boot_id_}, {"there", there_}, {"keyboard", last_keyboard_}};
    return write_private_file(folder_ / kThere, as_view(json.dump()));
}

}  // namespace assay::agent
