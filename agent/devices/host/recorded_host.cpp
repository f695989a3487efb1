#include "agent/devices/host/recorded_host.h"

#include <charconv>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

// The calls by name, as in docs/formats/recording.md.
constexpr std::string_view kRead = "read";
constexpr std::string_view kList = "list";
constexpr std::string_view kLinkName = "link_name";
constexpr std::string_view kResolve = "resolve";
constexpr std::string_view kDevices = "devices";
constexpr std::string_view kDriverInfo = "driver_info";
constexpr std::string_view kIpmiDeviceId = "ipmi_device_id";
constexpr std::string_view kUsbDescriptors = "usb_descriptors";
constexpr std::string_view kClock = "clock";

using Fields = std::vector<std::string>;

std::string usb_argument(std::uint8_t bus, std::uint8_t devnum) {
    return fmt::format("{}:{}", bus, devnum);
}

Result<Fields> expect_fields(Recording::Answer answer, std::size_t count) {
    if (answer && answer->size() != count) {
        return fail(ErrorCode::malformed,
                    fmt::format("recording: expected {} fields, got {}", count, answer->size()));
    }
    return answer;
}

Result<std::string> one_field(Recording::Answer answer) {
    return TRY(expect_fields(std::move(answer), 1)).front();
}

Result<Bytes> one_hex_field(Recording::Answer answer, std::size_t limit) {
    return from_hex(TRY(one_field(std::move(answer))), limit);
}

template <typename Integer>
Result<Integer> integer(const std::string& field) {
    Integer value = 0;
    const auto* end = field.data() + field.size();
    const auto [stopped, error] = std::from_chars(field.data(), end, value);
    if (error != std::errc{} || stopped != end)
        return fail(ErrorCode::malformed, "recording: expected a number");
    return value;
}

Fields same(const Fields& fields) {
    return fields;
}
Fields text(const std::string& value) {
    return {value};
}
Fields hex(const Bytes& value) {
    return {to_hex(value)};
}

}  // namespace

Result<Bytes> RecordedHost::read(std::string_view path, std::size_t limit) {
    const auto found = recording_.files.find(path);
    if (found == recording_.files.end()) {
        TRY_VOID(recording_.answer(kRead, path));
        return fail(ErrorCode::malformed,
                    fmt::format("recording: read {} is ok, and its content is missing", path));
    }
    if (found->second.size() > limit)
        return fail(ErrorCode::limit, fmt::format("{} is larger than {} bytes", path, limit));
    return found->second;
}

Result<std::vector<std::string>> RecordedHost::list(std::string_view path) {
    return recording_.answer(kList, path);
}
Result<std::string> RecordedHost::link_name(std::string_view path) {
    return one_field(recording_.answer(kLinkName, path));
}
Result<std::string> RecordedHost::resolve(std::string_view path) {
    return one_field(recording_.answer(kResolve, path));
}

Result<std::vector<std::string>> RecordedHost::devices(std::string_view subsystem) {
    return recording_.answer(kDevices, subsystem);
}

Result<DriverInfo> RecordedHost::driver_info(std::string_view interface) {
    const auto fields = TRY(expect_fields(recording_.answer(kDriverInfo, interface), 3));
    auto permanent_address = TRY(from_hex(fields[2], 32));
    return DriverInfo{fields[0], fields[1], std::move(permanent_address)};
}

Result<Bytes> RecordedHost::ipmi_device_id() {
    return one_hex_field(recording_.answer(kIpmiDeviceId, ""), limits::kText);
}

Result<Bytes> RecordedHost::usb_descriptors(std::uint8_t bus, std::uint8_t devnum) {
    return one_hex_field(recording_.answer(kUsbDescriptors, usb_argument(bus, devnum)),
                         limits::kUsbDescriptors);
}

Result<HostClock> RecordedHost::clock() {
    const auto fields = TRY(expect_fields(recording_.answer(kClock, ""), 3));
    const auto wall_ms = TRY(integer<std::int64_t>(fields[0]));
    const auto boottime_ms = TRY(integer<std::uint64_t>(fields[1]));
    return HostClock{wall_ms, boottime_ms, fields[2] == "synchronised"};
}

Result<Bytes> RecordingHost::read(std::string_view path, std::size_t limit) {
    auto result = host_.read(path, limit);
    if (result) {
        recording_.files.insert_or_assign(std::string(path), *result);
        recording_.calls.erase({std::string(kRead), std::string(path)});
        return result;
    }
    if (const auto found = recording_.files.find(path); found != recording_.files.end())
        recording_.files.erase(found);
    return recording_.keep(kRead, path, std::move(result), hex);
}

Result<std::vector<std::string>> RecordingHost::list(std::string_view path) {
    return recording_.keep(kList, path, host_.list(path), same);
}

Result<std::string> RecordingHost::link_name(std::string_view path) {
    return recording_.keep(kLinkName, path, host_.link_name(path), text);
}

Result<std::string> RecordingHost::resolve(std::string_view path) {
    return recording_.keep(kResolve, path, host_.resolve(path), text);
}

Result<std::vector<std::string>> RecordingHost::devices(std::string_view subsystem) {
    return recording_.keep(kDevices, subsystem, host_.devices(subsystem), same);
}

Result<DriverInfo> RecordingHost::driver_info(std::string_view interface) {
    return recording_.keep(kDriverInfo, interface, host_.driver_info(interface), [](const DriverInfo& info) {
        return Fields{info.driver, info.firmware_version, to_hex(info.permanent_address)};
    });
}

Result<Bytes> RecordingHost::ipmi_device_id() {
    return recording_.keep(kIpmiDeviceId, "", host_.ipmi_device_id(), hex);
}

Result<Bytes> RecordingHost::usb_descriptors(std::uint8_t bus, std::uint8_t devnum) {
    return recording_.keep(kUsbDescriptors, usb_argument(bus, devnum), host_.usb_descriptors(bus, devnum),
                           hex);
}

Result<HostClock> RecordingHost::clock() {
    return recording_.keep(kClock, "", host_.clock(), [](const HostClock& clock) {
        return Fields{std::to_string(clock.wall_ms), std::to_string(clock.boottime_ms),
                      clock.synchronised ? "synchronised" : "unsynchronised"};
    });
}

Result<std::unique_ptr<Host>> open_recorded_host(const std::filesystem::path& folder) {
    return std::make_unique<RecordedHost>(TRY(load_recording(folder)));
}

}  // namespace assay::agent
