#include <array>
#include <memory>

#include <fmt/core.h>
#include <libusb-1.0/libusb.h>

#include "agent/devices/host/ioctls.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

struct Release {
    void operator()(libusb_context* context) const { ::libusb_exit(context); }
    void operator()(libusb_device** list) const { ::libusb_free_device_list(list, 1); }
    void operator()(libusb_device_handle* handle) const { ::libusb_close(handle); }
};
using Handle = std::unique_ptr<libusb_device_handle, Release>;

std::unexpected<Error> fail_usb(int error, std::string_view what) {
    auto code = ErrorCode::io;
    if (error == LIBUSB_ERROR_ACCESS) code = ErrorCode::refused;
    if (error == LIBUSB_ERROR_NO_DEVICE || error == LIBUSB_ERROR_NOT_FOUND) code = ErrorCode::not_found;
    return fail(code, fmt::format("{}: {}", what, ::libusb_strerror(error)));
}

Result<Bytes> descriptor(const Handle& handle, std::uint8_t type, std::uint8_t index, std::size_t size) {
    Bytes bytes(size);
    const int got =
        ::libusb_get_descriptor(handle.get(), type, index, as_writable_uchar(bytes), static_cast<int>(size));
    if (got < 0) return fail_usb(got, "GET_DESCRIPTOR");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

Result<Bytes> all_descriptors(const Handle& handle) {
    constexpr std::size_t kDeviceSize = 18;        // USB 2.0, table 9-8
    constexpr std::size_t kConfigurationSize = 9;  // table 9-10; wTotalLength at 2
    auto all = TRY(descriptor(handle, LIBUSB_DT_DEVICE, 0, kDeviceSize));
    if (all.size() != kDeviceSize)
        return fail(ErrorCode::truncated, "the device descriptor is shorter than 18 bytes");
    const auto configurations = std::to_integer<std::uint8_t>(all.back());
    for (std::uint8_t index = 0; index < configurations; ++index) {
        const auto head = TRY(descriptor(handle, LIBUSB_DT_CONFIG, index, kConfigurationSize));
        if (head.size() != kConfigurationSize)
            return fail(ErrorCode::truncated, "a configuration descriptor of less than 9 bytes");
        const auto total = std::to_integer<std::size_t>(head[2]) | std::to_integer<std::size_t>(head[3])
                                                                       << 8U;
        if (all.size() + total > limits::kUsbDescriptors)
            return fail(ErrorCode::limit, "descriptors above the limit");
        const auto whole = TRY(descriptor(handle, LIBUSB_DT_CONFIG, index, total));
        all.insert(all.end(), whole.begin(), whole.end());
    }
    return all;
}

}  // namespace

Result<Bytes> libusb_descriptors(std::uint8_t bus, std::uint8_t devnum) {
    libusb_context* made = nullptr;
    if (const int error = ::libusb_init(&made); error != 0) return fail_usb(error, "libusb");
    const std::unique_ptr<libusb_context, Release> context(made);
    libusb_device** found = nullptr;
    const auto count = ::libusb_get_device_list(context.get(), &found);
    if (count < 0) return fail_usb(static_cast<int>(count), "libusb's device list");
    const std::unique_ptr<libusb_device*, Release> list(found);
    for (auto* device : std::span(list.get(), static_cast<std::size_t>(count))) {
        if (::libusb_get_bus_number(device) != bus || ::libusb_get_device_address(device) != devnum) continue;
        libusb_device_handle* opened = nullptr;
        const auto name = fmt::format("USB device {}:{}", bus, devnum);
        if (const int error = ::libusb_open(device, &opened); error != 0) return fail_usb(error, name);
        return with_context(all_descriptors(Handle(opened)), name);
    }
    return fail(ErrorCode::not_found, fmt::format("no USB device {}:{}", bus, devnum));
}

}  // namespace assay::agent
