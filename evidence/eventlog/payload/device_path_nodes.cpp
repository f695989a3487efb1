#include "evidence/eventlog/payload/device_path_nodes.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/eventlog/payload/efi_structures.h"

namespace assay::tcg {
namespace {

using fmt::format;

constexpr std::size_t kShownBytes = 32;

std::string hex_of(ByteView bytes) {
    const auto shown = bytes.first(std::min(bytes.size(), kShownBytes));
    return to_hex(shown) + (shown.size() < bytes.size() ? "..." : "");
}

std::string guid(ByteReader& in) {
    return guid_text(in.bytes(16, "GUID"));
}

std::string text_before_nul(ByteView bytes) {
    const auto text = as_text(bytes);
    return std::string(text.substr(0, text.find('\0')));
}

// The text of a kind that is not known, or of one with a body that is not that kind's.
std::string unknown(std::uint8_t type, std::uint8_t subtype, ByteView body) {
    return format("Path({},{},{})", type, subtype, hex_of(body));
}

// PNP ids are three letters of five bits and four hexadecimal digits. (ACPI 6.5, 6.1.5)
std::string eisa_id(std::uint32_t id) {
    constexpr std::uint32_t kPnp = 0x41d0;
    if ((id & 0xffffU) == kPnp) return format("PNP{:04X}", id >> 16U);
    return format("{:#010x}", id);
}

std::string hardware(std::uint8_t subtype, ByteReader& in) {  // UEFI 2.10, 10.3.2
    switch (subtype) {
        case 1: {
            const auto function = in.u8("Function");
            return format("Pci({:#x},{:#x})", in.u8("Device"), function);
        }
        case 2:
            return format("PcCard({:#x})", in.u8("Function Number"));
        case 3: {
            const auto memory = in.u32le("Memory Type");
            const auto start = in.u64le("Start Address");
            return format("MemoryMapped({:#x},{:#x},{:#x})", memory, start, in.u64le("End Address"));
        }
        case 4: {
            const auto vendor = guid(in);
            return format("VenHw({},{})", vendor, hex_of(in.rest()));
        }
        case 5:
            return format("Ctrl({:#x})", in.u32le("Controller Number"));
        case 6: {
            const auto type = in.u8("Interface Type");
            return format("BMC({:#x},{:#x})", type, in.u64le("Base Address"));
        }
        default:
            return {};
    }
}

std::string acpi(std::uint8_t subtype, ByteReader& in) {  // UEFI 2.10, 10.3.3
    if (subtype == 3) {
        std::string text = format("AcpiAdr({:#x}", in.u32le("_ADR"));
        while (in.ok() && in.remaining() >= 4) text += format(",{:#x}", in.u32le("_ADR"));
        return text + ")";
    }
    if (subtype != 1 && subtype != 2) return {};
    const auto hid = in.u32le("_HID");
    const auto uid = in.u32le("_UID");
    if (subtype == 2) return format("AcpiEx({},{:#x},{})", eisa_id(hid), uid, hex_of(in.rest()));
    constexpr std::uint32_t kPciRoot = 0x0a0341d0;   // PNP0A03
    constexpr std::uint32_t kPcieRoot = 0x0a0841d0;  // PNP0A08
    if (hid == kPciRoot) return format("PciRoot({:#x})", uid);
    if (hid == kPcieRoot) return format("PcieRoot({:#x})", uid);
    return format("Acpi({},{:#x})", eisa_id(hid), uid);
}

std::string ipv4(ByteView address) {
    return format("{}.{}.{}.{}", std::to_integer<int>(address[0]), std::to_integer<int>(address[1]),
                  std::to_integer<int>(address[2]), std::to_integer<int>(address[3]));
}

std::string messaging(std::uint8_t subtype, ByteReader& in) {  // UEFI 2.10, 10.3.4
    switch (subtype) {
        case 1: {
            const auto primary = in.u8("PrimarySecondary");
            const auto slave = in.u8("SlaveMaster");
            return format("Ata({},{},{:#x})", primary, slave, in.u16le("Logical Unit Number"));
        }
        case 2: {
            const auto target = in.u16le("Target ID");
            return format("Scsi({:#x},{:#x})", target, in.u16le("Logical Unit Number"));
        }
        case 5: {
            const auto port = in.u8("Parent Port Number");
            return format("USB({:#x},{:#x})", port, in.u8("Interface"));
        }
        case 10: {
            const auto vendor = guid(in);
            return format("VenMsg({},{})", vendor, hex_of(in.rest()));
        }
        case 11: {
            const auto address = in.bytes(32, "MAC Address");
            const auto type = in.u8("IfType");
            if (!in.ok()) return {};
            return format("MAC({},{:#x})", to_hex(address.first(type <= 1 ? 6 : 32)), type);
        }
        case 12: {
            const auto local = in.bytes(4, "Local IP Address");
            const auto remote = in.bytes(4, "Remote IP Address");
            in.rest();
            if (!in.ok()) return {};
            return format("IPv4({},{})", ipv4(remote), ipv4(local));
        }
        case 13: {
            const auto local = in.bytes(16, "Local IP Address");
            const auto remote = in.bytes(16, "Remote IP Address");
            in.rest();
            return format("IPv6({},{})", to_hex(remote), to_hex(local));
        }
        case 15: {
            const auto vendor = in.u16le("Vendor ID");
            const auto product = in.u16le("Product ID");
            const auto device_class = in.u8("Device Class");
            const auto device_subclass = in.u8("Device Subclass");
            return format("UsbClass({:#x},{:#x},{:#x},{:#x},{:#x})", vendor, product, device_class,
                          device_subclass, in.u8("Device Protocol"));
        }
        case 16: {
            const auto interface = in.u16le("Interface Number");
            const auto vendor = in.u16le("Vendor ID");
            const auto product = in.u16le("Product ID");
            return format("UsbWwid({:#x},{:#x},{:#x},\"{}\")", vendor, product, interface,
                          device_path_file_name(in.rest()));
        }
        case 17:
            return format("Unit({:#x})", in.u8("Logical Unit Number"));
        case 18: {
            const auto port = in.u16le("HBA Port Number");
            const auto multiplier = in.u16le("Port Multiplier Port Number");
            return format("Sata({:#x},{:#x},{:#x})", port, multiplier, in.u16le("Logical Unit Number"));
        }
        case 20:
            return format("Vlan({})", in.u16le("VlanId"));
        case 22: {
            const auto address = in.bytes(8, "SAS Address");
            const auto lun = in.u64le("Logical Unit Number");
            in.rest();
            return format("SasEx({},{:#x})", to_hex(address), lun);
        }
        case 23: {
            const auto id = in.u32le("Namespace Identifier");
            return format("NVMe({:#x},{})", id, to_hex(in.bytes(8, "IEEE Extended Unique Identifier")));
        }
        case 24:
            return format("Uri({})", text_before_nul(in.rest()));
        case 25: {
            const auto pun = in.u8("Target ID");
            return format("UFS({:#x},{:#x})", pun, in.u8("Logical Unit Number"));
        }
        case 26:
            return format("SD({:#x})", in.u8("Slot Number"));
        case 27:
            return format("Bluetooth({})", to_hex(in.bytes(6, "Device Address")));
        case 28:
            return format("Wi-Fi({})", text_before_nul(in.bytes(32, "SSID")));
        case 29:
            return format("eMMC({:#x})", in.u8("Slot Number"));
        case 31:
            in.rest();
            return "Dns()";
        default:
            return {};
    }
}

std::string hard_drive(ByteReader& in) {
    const auto partition = in.u32le("Partition Number");
    const auto start = in.u64le("Partition Start");
    const auto size = in.u64le("Partition Size");
    const auto signature = in.bytes(16, "Partition Signature");
    in.u8("Partition Format");
    const auto signature_type = in.u8("Signature Type");
    if (!in.ok()) return {};
    if (signature_type == 2)
        return format("HD({},GPT,{},{:#x},{:#x})", partition, guid_text(signature), start, size);
    if (signature_type == 1) {
        ByteReader mbr(signature);
        return format("HD({},MBR,{:#010x},{:#x},{:#x})", partition, mbr.u32le("signature"), start, size);
    }
    return format("HD({},{},{},{:#x},{:#x})", partition, signature_type, to_hex(signature), start, size);
}

std::string media(std::uint8_t subtype, ByteReader& in) {  // UEFI 2.10, 10.3.5
    switch (subtype) {
        case 1:
            return hard_drive(in);
        case 2: {
            const auto entry = in.u32le("Boot Entry");
            const auto start = in.u64le("Partition Start");
            return format("CDROM({:#x},{:#x},{:#x})", entry, start, in.u64le("Partition Size"));
        }
        case 3: {
            const auto vendor = guid(in);
            return format("VenMedia({},{})", vendor, hex_of(in.rest()));
        }
        case 4:
            return device_path_file_name(in.rest());
        case 5:
            return format("Media({})", guid(in));
        case 6:
            return format("FvFile({})", guid(in));
        case 7:
            return format("Fv({})", guid(in));
        case 8: {
            if (in.remaining() != 16) in.u32le("Reserved");  // firmware of UEFI 2.0 leaves it out
            const auto start = in.u64le("Starting Offset");
            return format("Offset({:#x},{:#x})", start, in.u64le("Ending Offset"));
        }
        case 9: {
            const auto start = in.u64le("Starting Address");
            const auto end = in.u64le("Ending Address");
            const auto type = guid(in);
            return format("RamDisk({:#x},{:#x},{},{})", start, end, in.u16le("Disk Instance"), type);
        }
        default:
            return {};
    }
}

std::string bios_boot(ByteReader& in) {  // UEFI 2.10, 10.3.6
    const auto type = in.u16le("Device Type");
    in.u16le("Status Flag");
    return format("BBS({:#x},{})", type, text_before_nul(in.rest()));
}

}  // namespace

std::string device_path_file_name(ByteView body) {
    auto text = utf8_from_utf16le(body.first(body.size() & ~std::size_t{1}));
    if (const auto nul = text.find('\0'); nul != std::string::npos) text.resize(nul);
    return text;
}

std::string device_path_node_text(std::uint8_t type, std::uint8_t subtype, ByteReader& body) {
    auto whole = body;
    auto text = [&]() -> std::string {
        switch (type) {
            case 1:
                return hardware(subtype, body);
            case 2:
                return acpi(subtype, body);
            case 3:
                return messaging(subtype, body);
            case 4:
                return media(subtype, body);
            case 5:
                return subtype == 1 ? bios_boot(body) : std::string();
            default:
                return {};
        }
    }();
    const bool empty_name = type == 4 && subtype == 4;
    if (body.ok() && text.empty() && !empty_name) return unknown(type, subtype, whole.rest());
    if (body.ok() && !body.empty()) text += format("+{}", hex_of(body.rest()));
    return text;
}

}  // namespace assay::tcg
