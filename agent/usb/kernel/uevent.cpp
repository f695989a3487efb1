#include "agent/usb/kernel/uevent.h"

#include <charconv>
#include <map>
#include <string_view>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxKeys = 64;  // UEVENT_NUM_ENVP
constexpr std::size_t kMaxShown = 64;
constexpr std::string_view kUdevMagic = "libudev";

// Up to the next NUL, which is consumed.
std::string_view text(ByteReader& in, std::string_view what) {
    ByteReader ahead = in;
    const auto left = as_text(ahead.rest());
    const auto end = left.find('\0');
    if (end == std::string_view::npos) {
        in.fail_here(ErrorCode::truncated, fmt::format("{}: no NUL at its end", what));
        return {};
    }
    const auto found = as_text(in.bytes(end, what));
    in.u8("NUL");
    return found;
}

bool is_path_below_sys(std::string_view path) {
    constexpr std::size_t kMaxPath = 2048;
    if (!path.starts_with("/") || path.ends_with("/") || path.size() > kMaxPath) return false;
    if (path.find("//") != std::string_view::npos) return false;
    const auto whole = std::string(path) + "/";
    return whole.find("/../") == std::string::npos && whole.find("/./") == std::string::npos;
}

Result<std::uint64_t> number(std::string_view value, std::string_view key) {
    std::uint64_t out = 0;
    const auto* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, out);
    if (value.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
        return fail(ErrorCode::malformed,
                    fmt::format("{}: '{}' is no number", key, printable(shortened(value, kMaxShown))));
    }
    return out;
}

using Keys = std::map<std::string_view, std::string_view>;

void take_keys(ByteReader& in, Keys& keys) {
    while (!in.empty() && in.ok()) {
        const auto start = in.offset();
        const auto line = text(in, "key");
        const auto equals = line.find('=');
        if (!in.ok()) return;
        if (equals == 0 || equals == std::string_view::npos)
            return in.fail_at(start, ErrorCode::malformed, "expected KEY=value");
        if (keys.size() == kMaxKeys) return in.fail_at(start, ErrorCode::limit, "more than 64 keys");
        if (!keys.emplace(line.substr(0, equals), line.substr(equals + 1)).second) {
            return in.fail_at(start, ErrorCode::malformed, "a key given twice");
        }
    }
}

Result<Uevent> event_of(std::string_view header, const Keys& keys) {
    const auto value = [&keys](std::string_view key) {
        const auto it = keys.find(key);
        return it == keys.end() ? std::string_view() : it->second;
    };
    for (const auto* key : {"ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"}) {
        if (value(key).empty()) return fail(ErrorCode::malformed, fmt::format("no {}", key));
    }
    Uevent event;
    event.action = value("ACTION");
    event.devpath = value("DEVPATH");
    event.subsystem = value("SUBSYSTEM");
    event.devtype = value("DEVTYPE");
    if (header != event.action + "@" + event.devpath)
        return fail(ErrorCode::malformed, "the header is not ACTION@DEVPATH");
    if (!is_path_below_sys(event.devpath)) return fail(ErrorCode::malformed, "DEVPATH is no path below /sys");
    event.sequence = TRY(number(value("SEQNUM"), "SEQNUM"));
    if (event.subsystem == "usb" && !value("DEVNUM").empty())
        event.devnum = TRY(number(value("DEVNUM"), "DEVNUM"));
    event.synthetic = keys.contains("SYNTH_UUID");
    return event;
}

}  // namespace

Result<Uevent> parse_uevent(ByteView datagram) {
    if (datagram.size() > kMaxUevent)
        return fail(ErrorCode::limit, fmt::format("uevent: {} bytes", datagram.size()));
    return parse_exact(datagram, "uevent", [](ByteReader& in) -> Result<Uevent> {
        const auto header = text(in, "header");
        if (header == kUdevMagic)
            return fail(ErrorCode::unsupported, "a message of udevd, not of the kernel");
        Keys keys;
        take_keys(in, keys);
        if (!in.ok()) return Uevent{};  // parse_exact gives the reader's own error
        return event_of(header, keys);
    });
}

}  // namespace assay::agent
