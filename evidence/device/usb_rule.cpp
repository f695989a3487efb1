#include "evidence/device/usb_rule.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/device/serial_grade.h"

namespace assay::usb {
namespace {

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_only(const Device& device, std::string_view kind) {
    auto has = kinds(device);
    has.erase("hub");
    return has.size() == 1 && has.contains(kind);
}

}  // namespace

bool allows(const Rule& rule, const Device& device, ByteView descriptors, std::string_view serial) {
    if (!rule.vid.empty() && rule.vid != hex4(device.vendor)) return false;
    if (!rule.pid.empty() && rule.pid != hex4(device.product)) return false;
    if (!rule.serial.empty() && (rule.serial != serial || grade_by_form(serial) != SerialGrade::a))
        return false;
    if (!rule.digest.empty() && rule.digest != sha256(descriptors).hex()) return false;
    return rule.kind.empty() || (rule.kind == "hub" ? kinds(device) == std::set<std::string_view>{"hub"}
                                                    : is_only(device, rule.kind));
}

std::string to_string(const Rule& rule) {
    std::vector<std::string> parts;
    if (!rule.vid.empty()) parts.push_back("vid " + rule.vid);
    if (!rule.pid.empty()) parts.push_back("pid " + rule.pid);
    if (!rule.serial.empty()) parts.push_back("serial " + printable(rule.serial));
    if (!rule.digest.empty()) parts.push_back("descriptors " + rule.digest.substr(0, 16));
    if (!rule.kind.empty()) parts.push_back("only " + rule.kind);
    return parts.empty() ? "any device" : fmt::format("{}", fmt::join(parts, ", "));
}

Result<> check(const Rule& rule) {
    constexpr std::size_t kId = 4;
    const auto id = [](std::string_view text) {
        return text.empty() || (text.size() == kId && is_lower_hex(text));
    };
    if (!id(rule.vid)) return fail(ErrorCode::malformed, "vid: expected four hex digits, lower case");
    if (!id(rule.pid)) return fail(ErrorCode::malformed, "pid: expected four hex digits, lower case");
    if (!rule.digest.empty() && (rule.digest.size() != kSha256Digits || !is_lower_hex(rule.digest)))
        return fail(ErrorCode::malformed, "digest: expected 64 hex digits, lower case");
    if (rule.serial.size() > limits::kText) return fail(ErrorCode::malformed, "serial: too long");
    if (!rule.kind.empty() && std::ranges::find(kKinds, rule.kind) == kKinds.end())
        return fail(ErrorCode::malformed, fmt::format("kind: expected one of {}", fmt::join(kKinds, ", ")));
    return {};
}

}  // namespace assay::usb
