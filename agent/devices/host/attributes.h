#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/devices/host/host.h"

namespace assay::agent {

/// Bytes of a device's string as UTF-8: what is not UTF-8 becomes \xNN, byte by byte.
std::string utf8_text(ByteView bytes);

/// A one-line sysfs or procfs file as UTF-8, without white space at its ends; at most limits::kText bytes.
Result<std::string> read_text(Host& host, std::string_view path);

/// The same, and empty for whatever reason it cannot be read: for attributes that a device may well not have.
std::string read_optional_text(Host& host, std::string_view path);

/// A decimal number, or hexadecimal after "0x".
Result<std::uint64_t> read_number(Host& host, std::string_view path);

/// "0000:3b:00.0": the last component of a sysfs path that is a PCI function's address; empty if there is
/// none.
std::string pci_address_in(std::string_view sysfs_path);

}  // namespace assay::agent
