#pragma once

#include <cstdint>
#include <string_view>

#include "evidence/base/bytes.h"

/// The highest device number of each USB bus: one byte a bus, of bus 1 first, at most limits::kUsbBuses;
/// 0 where none is known. The kernel gives 1 to 127, each higher than the last until it begins anew: what is
/// above the highest that somebody knows came without his knowledge.
namespace assay::usb {

/// `highest` with the number of a device at `port_path` ("1-4.2", "usb1"). Another path, a bus beyond the
/// limit or a number that no bus has counts nothing.
void count_number(Bytes& highest, std::string_view port_path, std::uint64_t devnum);

/// Whether no bus has a higher number in `numbers` than in `highest`.
bool is_within(ByteView numbers, ByteView highest);

}  // namespace assay::usb
