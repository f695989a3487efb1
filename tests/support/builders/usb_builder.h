#pragma once

#include "evidence/base/byte_writer.h"

/// Makes a valid `descriptors` file: a composite device with mass storage and a keyboard. A test breaks one
/// thing.
namespace assay::build {

struct Usb {
    std::uint8_t device_length = 18;
    std::uint8_t configurations = 1;
    std::uint16_t total_length = 9 + 9 + 7 + 7 + 9 + 9 + 7;
    std::uint8_t interfaces = 2;
    std::uint8_t storage_endpoints = 2;
    std::uint8_t endpoint_length = 7;
};

inline Bytes usb_descriptors(const Usb& usb = {}) {
    ByteWriter out;
    out.u8(usb.device_length)
        .u8(1)
        .u16le(0x0210)
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(64)
        .u16le(0x046b)
        .u16le(0xff10)
        .u16le(0x0100);
    out.u8(1).u8(2).u8(3).u8(usb.configurations);
    out.u8(9).u8(2).u16le(usb.total_length).u8(usb.interfaces).u8(1).u8(0).u8(0x80).u8(50);
    out.u8(9).u8(4).u8(0).u8(0).u8(usb.storage_endpoints).u8(8).u8(6).u8(0x50).u8(0);
    out.u8(usb.endpoint_length).u8(5).u8(0x81).u8(2).u16le(512).u8(0);
    out.u8(7).u8(5).u8(0x02).u8(2).u16le(512).u8(0);
    out.u8(9).u8(4).u8(1).u8(0).u8(1).u8(3).u8(1).u8(1).u8(0);
    out.u8(9).u8(0x21).u16le(0x0111).u8(0).u8(1).u8(0x22).u16le(63);  // HID descriptor: skipped by its length
    out.u8(7).u8(5).u8(0x83).u8(3).u16le(8).u8(10);
    return out.take();
}

}  // namespace assay::build
