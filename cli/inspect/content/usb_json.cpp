#include "cli/inspect/content/usb_json.h"

#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

std::string class_text(std::uint8_t code) {
    return fmt::format("{:02x}", code);
}

Json endpoint_json(const usb::Endpoint& endpoint) {
    constexpr std::array kTransfers{"control", "isochronous", "bulk", "interrupt"};  // USB 2.0, 9.6.6
    return {{"address", fmt::format("{:02x}", endpoint.address)},
            {"direction", (endpoint.address & 0x80U) != 0 ? "in" : "out"},
            {"transfer", kTransfers.at(endpoint.attributes & 3U)},
            {"max_packet_size", endpoint.max_packet_size},
            {"interval", endpoint.interval}};
}

Json interface_json(const usb::Interface& each) {
    Json out{{"number", each.number},
             {"alternate", each.alternate},
             {"class", class_text(each.interface_class)},
             {"class_name", usb::class_name(each.interface_class)},
             {"subclass", class_text(each.subclass)},
             {"protocol", class_text(each.protocol)},
             {"endpoints", Json::array()}};
    for (const auto& endpoint : each.endpoints) out["endpoints"].push_back(endpoint_json(endpoint));
    return out;
}

Json configuration_json(const usb::Configuration& each) {
    Json out{{"value", each.value},
             {"interface_count", each.interface_count},
             {"self_powered", (each.attributes & 0x40U) != 0},
             {"remote_wakeup", (each.attributes & 0x20U) != 0},
             {"max_power", each.max_power},
             {"interfaces", Json::array()}};
    for (const auto& setting : each.interfaces) out["interfaces"].push_back(interface_json(setting));
    return out;
}

std::string bcd_text(std::uint16_t bcd) {
    return fmt::format("{:x}.{:02x}", bcd >> 8U, bcd & 0xffU);
}

}  // namespace

Json usb_json(const usb::Device& device) {
    Json out{{"kind", "usb-device"},
             {"verified", false},
             {"id", usb::id_text(device)},
             {"usb", bcd_text(device.bcd_usb)},
             {"revision", bcd_text(device.bcd_device)},
             {"class", class_text(device.device_class)},
             {"subclass", class_text(device.subclass)},
             {"protocol", class_text(device.protocol)},
             {"max_packet_size_0", device.max_packet_size_0},
             {"kinds", Json::array()},
             {"keyboard", usb::is_keyboard(device)},
             {"quirks", Json::array()},
             {"configuration_count", device.configuration_count},
             {"configurations", Json::array()}};
    for (const auto kind : usb::kinds(device)) out["kinds"].push_back(kind);
    for (const auto quirk : device.quirks) out["quirks"].push_back(usb::to_string(quirk));
    for (const auto& each : device.configurations) out["configurations"].push_back(configuration_json(each));
    return out;
}

Json usb_json(const UsbDevice& device) {
    Json out{{"port_path", printable(device.port_path)},
             {"controller", printable(device.controller)},
             {"devnum", device.devnum},
             {"manufacturer", printable(device.manufacturer)},
             {"product", printable(device.product)},
             {"serial", printable(device.serial)},
             {"authorized", device.authorized},
             {"removable", printable(device.removable)},
             {"drivers", Json::array()}};
    for (const auto& driver : device.drivers) out["drivers"].push_back(printable(driver));
    if (const auto parsed = usb::parse_descriptors(device.descriptors)) {
        out["descriptors"] = usb_json(*parsed);
    } else {
        out["descriptors"] = {{"unread", describe(parsed.error())}, {"bytes", to_hex(device.descriptors)}};
    }
    return out;
}

Result<Json> inspect_usb(ByteView bytes) {
    constexpr std::byte kArray{0x80};  // RFC 8949, 3.1: major type 4
    if (!bytes.empty() && (bytes.front() & std::byte{0xe0}) == kArray) {
        Json out{{"kind", "usb-section"}, {"verified", false}, {"devices", Json::array()}};
        for (const auto& device : TRY(decode_usb_section(bytes))) out["devices"].push_back(usb_json(device));
        return out;
    }
    return usb_json(TRY(usb::parse_descriptors(bytes)));
}

}  // namespace assay::cli
