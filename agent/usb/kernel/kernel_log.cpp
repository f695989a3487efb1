#include "agent/usb/kernel/kernel_log.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxTraces = 1024;
constexpr std::size_t kMaxRecords = 65'536;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return value;
}

// "KEY" and what stands behind it up to `end`.
std::string_view after(std::string_view text, std::string_view key, std::string_view end) {
    const auto at = text.find(key);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + key.size());
    return text.substr(0, text.find_first_of(end));
}

struct Line {
    std::uint64_t at_ms;
    std::string_view port, text;
};

// "usb 1-4: text", with its time in microseconds as the third number of the prefix.
std::optional<Line> line_of(std::string_view record) {
    const auto text_at = record.find(';');
    if (text_at == std::string_view::npos) return std::nullopt;
    auto prefix = record.substr(0, text_at);
    for (int i = 0; i < 2; ++i) {
        const auto comma = prefix.find(',');
        if (comma == std::string_view::npos) return std::nullopt;
        prefix.remove_prefix(comma + 1);
    }
    const auto us = number(prefix);
    auto text = record.substr(text_at + 1);
    text = text.substr(0, text.find('\n'));
    if (!us || !text.starts_with("usb ")) return std::nullopt;
    text.remove_prefix(4);
    const auto colon = text.find(": ");
    if (colon == std::string_view::npos) return std::nullopt;
    return Line{*us / 1000, text.substr(0, colon), text.substr(colon + 2)};
}

std::string shown_text(std::string_view text) {
    return shortened(printable(text), limits::kText / 4);
}

}  // namespace

std::vector<UsbTrace> usb_traces(const std::vector<std::string>& records, std::uint64_t since_ms) {
    std::vector<UsbTrace> out;
    for (const auto& record : records) {
        const auto line = line_of(record);
        if (!line || line->at_ms < since_ms) continue;
        if (line->text.starts_with("new ")) {
            const auto devnum = number(after(line->text, "USB device number ", " "));
            if (!devnum || out.size() == kMaxTraces) continue;
            UsbTrace trace;
            trace.at_ms = line->at_ms;
            trace.port_path = shown_text(line->port);
            trace.devnum = *devnum;
            out.push_back(std::move(trace));
            continue;
        }
        // What follows is of the newest device on the port.
        for (auto trace = out.rbegin(); trace != out.rend(); ++trace) {
            if (trace->port_path != shown_text(line->port)) continue;
            if (line->text.starts_with("New USB device found")) {
                trace->vendor = shown_text(after(line->text, "idVendor=", ", "));
                trace->product = shown_text(after(line->text, "idProduct=", ", "));
            }
            if (line->text.starts_with("Product: ")) trace->name = shown_text(line->text.substr(9));
            if (line->text.starts_with("Manufacturer: "))
                trace->manufacturer = shown_text(line->text.substr(14));
            if (line->text.starts_with("SerialNumber: ")) trace->serial = shown_text(line->text.substr(14));
            break;
        }
    }
    return out;
}

Result<std::vector<std::string>> read_kernel_log() {
    constexpr std::size_t kRecord = 8192;  // CONSOLE_EXT_LOG_MAX
    const FileDescriptor file(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file) return fail_errno(errno, "/dev/kmsg");
    std::vector<std::string> out;
    std::array<char, kRecord> buffer{};
    while (out.size() < kMaxRecords) {
        const auto n = ::read(file.get(), buffer.data(), buffer.size());
        if (n < 0 && (errno == EPIPE || errno == EINTR))
            continue;  // EPIPE: older ones were overwritten meanwhile
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) return fail_errno(errno, "/dev/kmsg");
        if (n == 0) break;
        out.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    }
    return out;
}

}  // namespace assay::agent
