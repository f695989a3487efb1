#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "tests/support/builders/event_log_builder.h"

/// Valid event payloads, field by field; a test spoils one field.
namespace assay::test {

/// A GUID as firmware stores it, of its text.
inline Bytes guid(std::string_view text) {
    std::string hex;
    for (const char c : text) {
        if (c != '-') hex += c;
    }
    const auto bytes = from_hex(hex, 16).value();
    constexpr std::size_t order[]{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    Bytes stored;
    for (const auto at : order) stored.push_back(bytes.at(at));
    return stored;
}
inline constexpr std::string_view kX509Guid = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072";
inline constexpr std::string_view kSha256Guid = "c1c41626-504c-4092-aca9-41f936934328";
inline constexpr std::string_view kOwnerGuid = "77fa9abd-0359-4d32-bd60-28f4e78f784b";
inline constexpr std::string_view kImageDatabaseGuid = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
inline constexpr std::string_view kShimLockGuid = "605dab50-e046-4300-abb6-3dd810dd8b23";

/// UEFI_VARIABLE_DATA under any GUID.
inline Bytes efi_variable_of(std::string_view vendor, std::string_view name, ByteView data) {
    return ByteWriter()
        .bytes(guid(vendor))
        .u64le(name.size())
        .u64le(data.size())
        .bytes(utf16le(name))
        .bytes(data)
        .take();
}

/// An EFI_SIGNATURE_LIST whose entries all have the first one's size.
inline Bytes signature_list(std::string_view type, const std::vector<Bytes>& entries,
                            std::string_view owner = kOwnerGuid) {
    const auto size = static_cast<std::uint32_t>(16 + (entries.empty() ? 1 : entries.front().size()));
    ByteWriter out;
    out.bytes(guid(type)).u32le(static_cast<std::uint32_t>(28 + entries.size() * size)).u32le(0).u32le(size);
    for (const auto& entry : entries) out.bytes(guid(owner)).bytes(entry);
    return out.take();
}

/// One device path node.
inline Bytes node(std::uint8_t type, std::uint8_t subtype, const Bytes& body) {
    return ByteWriter()
        .u8(type)
        .u8(subtype)
        .u16le(static_cast<std::uint16_t>(4 + body.size()))
        .bytes(body)
        .take();
}
inline Bytes end_node() {
    return node(0x7f, 0xff, {});
}
inline Bytes joined_bytes(const std::vector<Bytes>& parts) {
    ByteWriter out;
    for (const auto& part : parts) out.bytes(part);
    return out.take();
}
/// PciRoot(0x0)/Pci(0x2,0x1f)/Sata(0x1,0xffff,0x0)/HD(1,GPT,...)/\EFI\BOOT\BOOTX64.EFI
inline Bytes boot_device_path() {
    return joined_bytes(
        {node(2, 1, ByteWriter().u32le(0x0a0341d0).u32le(0).take()),
         node(1, 1, ByteWriter().u8(0x1f).u8(2).take()),
         node(3, 18, ByteWriter().u16le(1).u16le(0xffff).u16le(0).take()),
         node(4, 1,
              ByteWriter().u32le(1).u64le(0x800).u64le(0x100000).bytes(guid(kOwnerGuid)).u8(2).u8(2).take()),
         node(4, 4, ByteWriter().bytes(utf16le("\\EFI\\BOOT\\BOOTX64.EFI")).u16le(0).take()), end_node()});
}

/// EFI_LOAD_OPTION "Linux" of that path.
inline Bytes load_option(std::string_view description = "Linux", std::uint32_t attributes = 1) {
    const auto path = boot_device_path();
    return ByteWriter()
        .u32le(attributes)
        .u16le(static_cast<std::uint16_t>(path.size()))
        .bytes(utf16le(description))
        .u16le(0)
        .bytes(path)
        .text("optional")
        .take();
}

/// UEFI_GPT_DATA of one partition, "root".
inline Bytes gpt_event(std::uint64_t partitions = 1) {
    ByteWriter out;
    out.text("EFI PART").u32le(0x10000).u32le(92).u32le(0).u32le(0).u64le(1).u64le(99).u64le(34).u64le(66);
    out.bytes(guid(kOwnerGuid)).u64le(2).u32le(128).u32le(128).u32le(0).u64le(partitions);
    auto name = utf16le("root");
    name.resize(72);
    for (std::uint64_t i = 0; i < partitions; ++i)
        out.bytes(guid(kX509Guid)).bytes(guid(kSha256Guid)).u64le(34).u64le(60).u64le(1).bytes(name);
    return out.take();
}

inline Bytes spdm_measurement(std::uint16_t size = 35) {
    return ByteWriter().u8(1).u8(1).u16le(size).u8(1).u16le(32).bytes(Bytes(32, std::byte{0xab})).take();
}
inline Bytes spdm_pci_context() {
    return ByteWriter()
        .u16le(0)
        .u16le(16)
        .u16le(0x15b3)
        .u16le(0x1021)
        .u8(1)
        .u16le(0)
        .u8(2)
        .u16le(0x15b3)
        .u16le(8)
        .take();
}
/// TCG_DEVICE_SECURITY_EVENT_DATA, version 1.
inline Bytes spdm_event_1() {
    const auto path = boot_device_path();
    return ByteWriter()
        .text("SPDM Device Sec\0"sv)
        .u16le(1)
        .u16le(0)
        .u32le(2)
        .u32le(1)
        .bytes(spdm_measurement())
        .u64le(path.size())
        .bytes(path)
        .bytes(spdm_pci_context())
        .take();
}
/// The same, version 2, with a sub header of `type` (0 measurement, 1 certificate chain) holding `body`.
inline Bytes spdm_event_2(std::uint32_t type = 0, const Bytes& body = spdm_measurement()) {
    const auto path = boot_device_path();
    return ByteWriter()
        .text("SPDM Device Sec2")
        .u16le(2)
        .u8(0)
        .u8(0)
        .u32le(0)
        .u32le(1)
        .u32le(type)
        .u32le(static_cast<std::uint32_t>(8 + body.size()))
        .u64le(77)
        .u64le(path.size())
        .bytes(path)
        .u16le(0x12)
        .u8(1)
        .u8(0)
        .u32le(2)
        .bytes(body)
        .bytes(spdm_pci_context())
        .take();
}

/// "SP800-155 Event", 1 to 3.
inline Bytes sp800_155_event(unsigned version) {
    ByteWriter out;
    out.text(version == 1   ? "SP800-155 Event\0"sv
             : version == 2 ? "SP800-155 Event2"sv
                            : "SP800-155 Event3"sv);
    out.u32le(11129).bytes(guid(kOwnerGuid));
    if (version == 1) return out.take();
    for (const auto text : {"Maker\0"sv, "Model 1\0"sv, "2\0"sv, "Firm\0"sv})
        out.u8(static_cast<std::uint8_t>(text.size())).text(text);
    out.u32le(11129).u8(4).text("2.7\0"sv);
    if (version == 2) return out.take();
    const auto uri = "https://rim.example/1"sv;
    out.u32le(1).u32le(static_cast<std::uint32_t>(uri.size())).text(uri);
    return out.u32le(0).u32le(0).take();
}

}  // namespace assay::test
