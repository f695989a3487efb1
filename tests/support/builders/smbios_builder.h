#pragma once

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <string_view>

#include "evidence/base/byte_writer.h"

/// Makes valid SMBIOS tables; a test breaks one thing.
namespace assay::build {

/// A structure of `length` bytes of formatted area, filled from `fields` (what stands after the header), then
/// its strings.
inline Bytes smbios_structure(std::uint8_t type, std::uint16_t handle, ByteView fields,
                              std::initializer_list<std::string_view> strings) {
    ByteWriter out;
    out.u8(type).u8(static_cast<std::uint8_t>(4 + fields.size())).u16le(handle).bytes(fields);
    for (const auto text : strings) out.text(text).u8(0);
    if (strings.size() == 0) out.u8(0);
    return out.u8(0).take();
}

inline Bytes smbios_end() {
    return smbios_structure(127, 0xfeff, {}, {});
}

inline Bytes smbios_bios() {
    ByteWriter f;  // DSP0134 7.1, from offset 04h
    f.u8(1).u8(2).u16le(0xf000).u8(3).u8(0xff).u64le(0).u8(3).u8(0xd).u8(5).u8(14).u8(2).u8(7);
    return smbios_structure(0, 0, f.view(), {"ACME BIOS", "2.1", "06/02/2021"});
}

inline Bytes smbios_system() {
    ByteWriter f;  // 7.2
    f.u8(1).u8(2).u8(3).u8(4);
    for (std::uint8_t i = 0; i < 16; ++i) f.u8(i);
    f.u8(6).u8(5).u8(0);
    return smbios_structure(1, 1, f.view(), {"ACME", "Server 1", "v1", "SN-1", "SKU-1"});
}

inline Bytes smbios_memory() {
    ByteWriter f;  // 7.18 up to 3.2 (54h bytes)
    f.u16le(0x1000)
        .u16le(0xfffe)
        .u16le(72)
        .u16le(64)
        .u16le(0x7fff)
        .u8(9)
        .u8(0)
        .u8(1)
        .u8(2)
        .u8(0x22)
        .u16le(0x80)
        .u16le(4800);
    f.u8(3).u8(4).u8(0).u8(5).u8(2).u32le(65536).u16le(4800).u16le(0).u16le(0).u16le(0);
    f.u8(3).u16le(8).u8(0).u16le(0xce80).u16le(0x1234).u16le(0).u16le(0).u64le(0).u64le(0).u64le(0).u64le(0);
    return smbios_structure(17, 0x1100, f.view(), {"DIMM_A1", "BANK 0", "Samsung", "S-1", "M321"});
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

inline Bytes smbios_table() {
    return joined({smbios_bios(), smbios_system(), smbios_memory(), smbios_end()});
}

inline void fix_checksum(Bytes& bytes, std::size_t begin, std::size_t size, std::size_t at) {
    bytes[at] = std::byte{0};
    unsigned sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += std::to_integer<unsigned>(bytes[begin + i]);
    bytes[at] = static_cast<std::byte>(0x100U - (sum & 0xffU));
}

inline Bytes smbios_entry_point_3(std::uint32_t size, std::uint64_t address = 0x20) {
    auto bytes = ByteWriter()
                     .text("_SM3_")
                     .u8(0)
                     .u8(0x18)
                     .u8(3)
                     .u8(4)
                     .u8(0)
                     .u8(1)
                     .u8(0)
                     .u32le(size)
                     .u64le(address)
                     .take();
    fix_checksum(bytes, 0, 0x18, 5);
    return bytes;
}

inline Bytes smbios_entry_point_2(std::uint16_t size, std::uint16_t count, std::uint8_t minor = 8) {
    ByteWriter out;
    out.text("_SM_").u8(0).u8(0x1f).u8(2).u8(minor).u16le(512).u8(0).u32le(0).u8(0);
    auto bytes = out.text("_DMI_").u8(0).u16le(size).u32le(0x20).u16le(count).u8(0x28).take();
    fix_checksum(bytes, 0x10, 0x0f, 0x15);
    fix_checksum(bytes, 0, 0x1f, 4);
    return bytes;
}

/// As `dmidecode --dump-bin` writes it: entry point, zeros up to 20h, table.
inline Bytes smbios_dump() {
    const auto table = smbios_table();
    auto file = smbios_entry_point_3(static_cast<std::uint32_t>(table.size()));
    file.resize(0x20);
    file.insert(file.end(), table.begin(), table.end());
    return file;
}

}  // namespace assay::build
