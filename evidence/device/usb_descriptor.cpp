#include "evidence/device/usb_descriptor.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"

namespace assay::usb {
namespace {

// bDescriptorType (USB 2.0 table 9-5).
constexpr std::uint8_t kDevice = 1;
constexpr std::uint8_t kConfiguration = 2;
constexpr std::uint8_t kInterface = 4;
constexpr std::uint8_t kEndpoint = 5;

/// One descriptor: its whole length is taken from `in`, its fields are read from what is returned.
struct Head {
    std::size_t offset = 0;
    std::uint8_t type = 0;
    ByteView body;  ///< after bLength and bDescriptorType
};

Head next_descriptor(ByteReader& in) {
    Head head{in.offset(), 0, {}};
    const std::size_t length = in.u8("bLength");
    if (in.ok() && length < 2)
        in.fail_at(head.offset, ErrorCode::malformed, "USB descriptor: a length below 2");
    head.type = in.u8("bDescriptorType");
    if (in.ok()) head.body = in.bytes(length - 2, "USB descriptor");
    return head;
}

Device read_device(ByteReader& in) {
    const auto head = next_descriptor(in);
    constexpr std::size_t kBody = 16;  // USB 2.0 table 9-8: 18 bytes
    if (in.ok() && (head.type != kDevice || head.body.size() != kBody)) {
        in.fail_at(head.offset, ErrorCode::malformed,
                   "USB descriptors: no device descriptor of 18 bytes at the start");
    }
    Device device;
    if (!in.ok()) return device;
    ByteReader body(head.body, head.offset + 2);
    device.bcd_usb = body.u16le("bcdUSB");
    device.device_class = body.u8("bDeviceClass");
    device.subclass = body.u8("bDeviceSubClass");
    device.protocol = body.u8("bDeviceProtocol");
    device.max_packet_size_0 = body.u8("bMaxPacketSize0");
    device.vendor = body.u16le("idVendor");
    device.product = body.u16le("idProduct");
    device.bcd_device = body.u16le("bcdDevice");
    device.manufacturer_index = body.u8("iManufacturer");
    device.product_index = body.u8("iProduct");
    device.serial_index = body.u8("iSerialNumber");
    device.configuration_count = body.u8("bNumConfigurations");
    if (const auto& error = body.error())
        in.fail_at(error->offset.value_or(head.offset), error->code, "USB device descriptor cut short");
    return device;
}

/// Everything after the device descriptor.
/// Bytes of the body that the kind has at least (USB 2.0 tables 9-10, 9-12, 9-13); 0 for other kinds.
constexpr std::size_t least_body(std::uint8_t type) {
    return type == kConfiguration || type == kInterface ? 7 : type == kEndpoint ? 5 : 0;
}

bool is_configuration_at(ByteView bytes, std::size_t at) {
    return at < bytes.size() && bytes.size() - at >= least_body(kConfiguration) + 2 &&
           std::to_integer<std::uint8_t>(bytes[at + 1]) == kConfiguration;
}

/// Walks descriptors until one is unsound, which is the reader's error.
class DescriptorWalk {
  public:
    /// `in` reads the end of `bytes`.
    DescriptorWalk(ByteView bytes, ByteReader& in, Device& device)
        : bytes_(bytes), in_(in), device_(device) {}

    void run() {
        while (!in_.empty()) {
            const auto head = next_descriptor(in_);
            if (in_.ok() && head.body.size() < least_body(head.type))
                in_.fail_at(head.offset, ErrorCode::truncated, "USB descriptor too short for its kind");
            if (head.offset < end_ && in_.offset() > end_ && is_configuration_at(bytes_, end_))
                in_.fail_at(head.offset, ErrorCode::malformed,
                            "USB descriptor runs into the next configuration");
            if (!in_.ok()) return;
            ByteReader body(head.body, head.offset + 2);
            if (head.type == kConfiguration) configuration(head, body);
            if (head.type == kInterface) interface(head, body);
            if (head.type == kEndpoint) endpoint(head, body);
            if (const auto& wrong = body.error()) in_.fail_at(head.offset, wrong->code, wrong->context);
        }
        if (in_.ok()) close_configuration(in_.offset());
    }

    /// Where the configuration that was begun last ends by its own word; 0 where none was.
    [[nodiscard]] std::size_t configuration_end() const { return end_; }

  private:
    void configuration(const Head& head, ByteReader& body) {  // table 9-10
        close_configuration(head.offset);
        const std::size_t total = body.u16le("wTotalLength");
        Configuration found;
        found.interface_count = body.u8("bNumInterfaces");
        found.value = body.u8("bConfigurationValue");
        body.u8("iConfiguration");
        found.attributes = body.u8("bmAttributes");
        found.max_power = body.u8("bMaxPower");
        if (total < head.body.size() + 2) {
            return in_.fail_at(head.offset + 2, ErrorCode::malformed,
                               "USB configuration: wTotalLength below its own length");
        }
        end_ = head.offset + total;
        device_.configurations.push_back(found);
    }

    void interface(const Head& head, ByteReader& body) {  // table 9-12
        if (end_ == 0) {
            return in_.fail_at(head.offset, ErrorCode::malformed, "USB interface before any configuration");
        }
        close_interface();
        Interface found;
        found.number = body.u8("bInterfaceNumber");
        found.alternate = body.u8("bAlternateSetting");
        endpoints_claimed_ = body.u8("bNumEndpoints");
        found.interface_class = body.u8("bInterfaceClass");
        found.subclass = body.u8("bInterfaceSubClass");
        found.protocol = body.u8("bInterfaceProtocol");
        found.string_index = body.u8("iInterface");
        if (found.interface_class == 0) note(Quirk::interface_class_unknown_zero);
        device_.configurations.back().interfaces.push_back(found);
    }

    void endpoint(const Head& head, ByteReader& body) {  // table 9-13
        if (end_ == 0 || device_.configurations.back().interfaces.empty()) {
            return in_.fail_at(head.offset, ErrorCode::malformed, "USB endpoint before any interface");
        }
        Endpoint found;
        found.address = body.u8("bEndpointAddress");
        found.attributes = body.u8("bmAttributes");
        found.max_packet_size = body.u16le("wMaxPacketSize");
        found.interval = body.u8("bInterval");
        device_.configurations.back().interfaces.back().endpoints.push_back(found);
    }

    void close_interface() {
        auto& interfaces = device_.configurations.back().interfaces;
        if (!interfaces.empty() && interfaces.back().endpoints.size() != endpoints_claimed_) {
            note(Quirk::endpoint_count_differs);
        }
    }

    /// `here` is where it really ends: the next one's start, or the end of the file.
    void close_configuration(std::size_t here) {
        if (end_ == 0) return;
        close_interface();
        const auto& configuration = device_.configurations.back();
        std::set<std::uint8_t> numbers;
        for (const auto& interface : configuration.interfaces) numbers.insert(interface.number);
        if (numbers.size() != configuration.interface_count) note(Quirk::interface_count_differs);
        if (end_ > here) note(Quirk::total_length_too_long);
        if (end_ < here) note(Quirk::total_length_too_short);
    }

    void note(Quirk quirk) {
        if (std::ranges::find(device_.quirks, quirk) == device_.quirks.end()) device_.quirks.push_back(quirk);
    }

    ByteView bytes_;
    ByteReader& in_;
    Device& device_;
    std::size_t end_ = 0;  // of the configuration that is open; 0: none is
    std::size_t endpoints_claimed_ = 0;
};

/// All descriptors of which the device descriptor is sound; `first`: what is wrong with the others.
Result<Device> walk_descriptors(ByteView bytes, std::optional<Error>& first) {
    if (bytes.size() > limits::kUsbDescriptors)
        return fail(ErrorCode::limit, "USB descriptors: too many bytes");
    ByteReader head(bytes);
    auto device = read_device(head);
    if (head.error()) return std::unexpected(*head.error());
    for (auto at = head.offset(); at < bytes.size();) {
        ByteReader in(bytes.subspan(at), at);
        DescriptorWalk walk(bytes, in, device);
        walk.run();
        if (in.ok()) break;
        if (!first) first = in.error();
        const auto next = walk.configuration_end();
        if (next <= in.error()->offset.value_or(at) || !is_configuration_at(bytes, next)) break;
        at = next;
    }
    if (!first && device.configurations.size() != device.configuration_count)
        device.quirks.push_back(Quirk::configuration_count_differs);
    return device;
}

}  // namespace

std::string_view to_string(Quirk quirk) {
    switch (quirk) {
        case Quirk::configuration_count_differs:
            return "configuration_count_differs";
        case Quirk::interface_count_differs:
            return "interface_count_differs";
        case Quirk::endpoint_count_differs:
            return "endpoint_count_differs";
        case Quirk::total_length_too_long:
            return "total_length_too_long";
        case Quirk::total_length_too_short:
            return "total_length_too_short";
        case Quirk::interface_class_unknown_zero:
            return "interface_class_unknown_zero";
        case Quirk::descriptor_unsound:
            return "descriptor_unsound";
    }
    return "unknown";
}

Result<Device> parse_descriptors(ByteView bytes) {
    std::optional<Error> wrong;
    auto device = walk_descriptors(bytes, wrong);
    if (device && wrong) device = std::unexpected(*wrong);
    return with_context(std::move(device), "USB descriptors");
}

Result<Device> parse_sound_descriptors(ByteView bytes) {
    std::optional<Error> wrong;
    auto device = TRY(with_context(walk_descriptors(bytes, wrong), "USB descriptors"));
    if (wrong) {
        device.unread = describe(*wrong);
        device.quirks.push_back(Quirk::descriptor_unsound);
    }
    return device;
}

}  // namespace assay::usb
