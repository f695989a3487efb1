#pragma once

#include "evidence/base/bytes.h"

/// Makes valid PCI configuration spaces of 4,096 bytes; a test breaks one thing.
namespace assay::build {

inline void poke(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8U * i));
}

inline Bytes pci_header(std::uint8_t header_type) {
    Bytes bytes(4096);
    poke(bytes, 0x00, 0x15728086, 4);
    poke(bytes, 0x06, 0x0010, 2);      // status: there are capabilities
    poke(bytes, 0x08, 0x02000002, 4);  // Ethernet controller, revision 2
    poke(bytes, 0x0e, header_type, 1);
    poke(bytes, 0x34, 0x40, 1);
    return bytes;
}

inline void poke_express(Bytes& bytes, std::size_t at, std::uint16_t flags) {
    poke(bytes, at, 0x10, 1);
    poke(bytes, at + 0x02, flags, 2);
    poke(bytes, at + 0x0c, 0x0083, 4);     // 8 GT/s, 8 lanes
    poke(bytes, at + 0x12, 0x0043, 2);     // 8 GT/s, 4 lanes
    poke(bytes, at + 0x14, 7U << 19U, 4);  // slot 7, where the flags say that there is one
}

/// A multi-function endpoint with a PCI Express capability at 40h and a serial number at 100h.
inline Bytes pci_function() {
    auto bytes = pci_header(0x80);
    poke(bytes, 0x2c, 0x1f991028, 4);
    poke_express(bytes, 0x40, 0x0002);
    poke(bytes, 0x100, 0x00010003, 4);
    poke(bytes, 0x104, 0x001122fffe334455, 8);
    return bytes;
}

/// A root port with subsystem ids at 40h and a PCI Express capability at 48h.
inline Bytes pci_bridge() {
    auto bytes = pci_header(0x01);
    poke(bytes, 0x40, 0x480d, 2);
    poke(bytes, 0x44, 0x123415d9, 4);
    poke_express(bytes, 0x48, 0x0142);
    return bytes;
}

}  // namespace assay::build
