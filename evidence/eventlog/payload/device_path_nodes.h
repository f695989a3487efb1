#pragma once

#include <cstdint>
#include <string>

#include "evidence/base/byte_reader.h"

/// Inside evidence/eventlog/payload: one node of a device path in words.
namespace assay::tcg {

/// `body` reads what follows the node's four bytes of head; its first error is the path's. Unknown kinds, and
/// what their kind does not say, come out as hex.
std::string device_path_node_text(std::uint8_t type, std::uint8_t subtype, ByteReader& body);

/// UTF-16LE text up to its NUL, as file paths have it.
std::string device_path_file_name(ByteView body);

}  // namespace assay::tcg
