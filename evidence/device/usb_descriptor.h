#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// USB descriptors as the kernel's `descriptors` file has them: the device descriptor, then every
/// configuration with all that belongs to it (USB 2.0 chapter 9, USB 3.2 chapter 9). Little-endian.
/// Everything in here is the device's own word about itself.
namespace assay::usb {

struct Endpoint {
    std::uint8_t address = 0;     ///< bEndpointAddress: bit 7 is IN
    std::uint8_t attributes = 0;  ///< bits 0-1: control, isochronous, bulk, interrupt
    std::uint16_t max_packet_size = 0;
    std::uint8_t interval = 0;
    bool operator==(const Endpoint&) const = default;
};

struct Interface {  ///< one alternate setting
    std::uint8_t number = 0;
    std::uint8_t alternate = 0;
    std::uint8_t interface_class = 0;
    std::uint8_t subclass = 0;
    std::uint8_t protocol = 0;
    std::uint8_t string_index = 0;
    std::vector<Endpoint> endpoints;
    bool operator==(const Interface&) const = default;
};

struct Configuration {
    std::uint8_t value = 0;
    std::uint8_t interface_count = 0;  ///< bNumInterfaces, as claimed
    std::uint8_t attributes = 0;       ///< bit 6 self-powered, bit 5 remote wake-up
    std::uint8_t max_power = 0;        ///< units of 2 mA (8 mA at SuperSpeed)
    std::vector<Interface> interfaces;
    bool operator==(const Configuration&) const = default;
};

/// Deviations that are read over and reported.
enum class Quirk : std::uint8_t {
    configuration_count_differs,  ///< bNumConfigurations is not the number of configurations that follow
    interface_count_differs,      ///< bNumInterfaces is not the number of distinct interfaces that follow
    endpoint_count_differs,       ///< bNumEndpoints is not the number of endpoints that follow
    total_length_too_long,   ///< wTotalLength runs past the next configuration or the end: the device sent
                             ///< less
    total_length_too_short,  ///< descriptors follow beyond wTotalLength that are no new configuration
    interface_class_unknown_zero,  ///< an interface of class 0, which is reserved
    descriptor_unsound,  ///< one is cut, too short for its kind or out of its place: it and what follows of
                         ///< its configuration is left out. Only of parse_sound_descriptors
};
std::string_view to_string(Quirk quirk);

struct Device {
    std::uint16_t bcd_usb = 0;
    std::uint8_t device_class = 0;
    std::uint8_t subclass = 0;
    std::uint8_t protocol = 0;
    std::uint8_t max_packet_size_0 = 0;
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::uint16_t bcd_device = 0;
    std::uint8_t manufacturer_index = 0;
    std::uint8_t product_index = 0;
    std::uint8_t serial_index = 0;
    std::uint8_t configuration_count = 0;  ///< as claimed
    std::vector<Configuration> configurations;
    std::vector<Quirk> quirks;
    std::string unread;  ///< with `descriptor_unsound`: what was wrong first, and where. Empty: all was read
    bool operator==(const Device&) const = default;

    /// Whether any interface of any configuration and alternate setting has the class.
    [[nodiscard]] bool has_interface_class(std::uint8_t wanted) const;
};

/// The whole file, at most limits::kUsbDescriptors bytes. Descriptors of a kind that is not known here are
/// skipped by their length. `malformed` for a length of 0 or 1 or one too short for its kind, for an
/// interface before any configuration and an endpoint before any interface; `truncated` where bytes end
/// inside a descriptor.
Result<Device> parse_descriptors(ByteView bytes);

/// The same, where one bad tail must not hide the device: only what is wrong with the device descriptor
/// itself, or too many bytes, is an error. A configuration is left where it becomes unsound, as the kernel
/// does (drivers/usb/core/config.c), and the next one is read where wTotalLength says that it begins. What is
/// missing may be an interface of any class: nothing may be let in by what this gives, unless `unread` is
/// empty.
Result<Device> parse_sound_descriptors(ByteView bytes);

/// Class codes (usb.org, Defined Class Codes).
inline constexpr std::uint8_t kClassAudio = 0x01;
inline constexpr std::uint8_t kClassCommunications = 0x02;
inline constexpr std::uint8_t kClassHid = 0x03;
inline constexpr std::uint8_t kClassMassStorage = 0x08;
inline constexpr std::uint8_t kClassHub = 0x09;
inline constexpr std::uint8_t kClassWirelessController = 0xe0;
inline constexpr std::uint8_t kClassVendorSpecific = 0xff;

bool is_mass_storage(const Device& device);
bool is_hid(const Device& device);
bool is_keyboard(const Device& device);  ///< HID boot keyboard (subclass 1, protocol 1)
bool is_hub(const Device& device);
bool is_network(
    const Device& device);  ///< CDC Ethernet, NCM, MBIM; RNDIS; Bluetooth and other wireless controllers
bool is_vendor_specific(const Device& device);
/// The hub that a bus begins with: a part of its host controller, which the kernel makes up. `port_path`:
/// "usb1"; `devnum`: of the device, always 1. What only carries such ids is none.
bool is_root_hub(const Device& device, std::string_view port_path, std::uint64_t devnum);

/// What people call it: "storage", "hid", "network", "hub", "other"; each that one of its interfaces is.
inline constexpr std::array<std::string_view, 5> kKinds{"storage", "hid", "network", "hub", "other"};
std::set<std::string_view> kinds(const Device& device);

/// "046b:ff10" in lower-case hex.
std::string id_text(const Device& device);
/// "mass storage", "HID", "hub"... ; "class 0xNN" for a code without a name here.
std::string class_name(std::uint8_t interface_class);

}  // namespace assay::usb
