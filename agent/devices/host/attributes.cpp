#include "agent/devices/host/attributes.h"

#include <charconv>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {

namespace {

/// dddd:bb:dd.f (a domain may have more than four digits)
bool is_pci_address(std::string_view text) {
    constexpr std::string_view kTail = ":bb:dd.f";
    constexpr std::size_t kDomain = 4;
    if (text.size() < kDomain + kTail.size() || text.size() > 2 * kDomain + kTail.size()) return false;
    const auto domain = text.substr(0, text.size() - kTail.size());
    const auto tail = text.substr(domain.size());
    if (domain.find_first_not_of(kHexDigits) != std::string_view::npos) return false;
    for (std::size_t i = 0; i < kTail.size(); ++i) {
        const bool separator = kTail[i] == ':' || kTail[i] == '.';
        if (separator ? tail[i] != kTail[i] : kHexDigits.find(tail[i]) == std::string_view::npos)
            return false;
    }
    return true;
}

}  // namespace

std::string utf8_text(ByteView bytes) {
    const auto text = as_text(bytes);
    if (is_utf8(text)) return std::string(text);
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        // The longest character at i that is UTF-8 by itself; UTF-8 has at most four bytes a character.
        std::size_t size = 1;
        while (size <= 4 && i + size <= text.size() && !is_utf8(text.substr(i, size))) ++size;
        if (size <= 4 && i + size <= text.size()) {
            out += text.substr(i, size);
            i += size;
        } else {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
            ++i;
        }
    }
    return out;
}

Result<std::string> read_text(Host& host, std::string_view path) {
    const auto content = TRY(host.read(path, limits::kText));
    // An \xNN takes four bytes for one: what a text field of the evidence holds at most stays its limit.
    return shortened(trimmed(utf8_text(content)), limits::kText);
}

std::string read_optional_text(Host& host, std::string_view path) {
    return read_text(host, path).value_or("");
}

Result<std::uint64_t> read_number(Host& host, std::string_view path) {
    const auto text = TRY(read_text(host, path));
    std::string_view digits = text;
    const bool hex = digits.starts_with("0x");
    if (hex) digits.remove_prefix(2);
    std::uint64_t value = 0;
    const char* start = digits.data();
    const char* end = start + digits.size();
    const auto [stopped, error] = std::from_chars(start, end, value, hex ? 16 : 10);
    if (error != std::errc{} || stopped != end) {
        return fail(ErrorCode::malformed, fmt::format("{}: \"{}\" is no number", path, printable(text)));
    }
    return value;
}

std::string pci_address_in(std::string_view sysfs_path) {
    while (!sysfs_path.empty()) {
        const auto slash = sysfs_path.rfind('/');
        const auto name = sysfs_path.substr(slash == std::string_view::npos ? 0 : slash + 1);
        if (is_pci_address(name)) return std::string(name);
        if (slash == std::string_view::npos) break;
        sysfs_path = sysfs_path.substr(0, slash);
    }
    return {};
}

}  // namespace assay::agent
