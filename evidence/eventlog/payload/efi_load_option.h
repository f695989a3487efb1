#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/eventlog/payload/device_path.h"

namespace assay::tcg {

/// EFI_LOAD_OPTION, the content of Boot####, Driver#### and the like (UEFI 2.10, 3.1.3).
struct EfiLoadOption {
    std::uint32_t attributes = 0;  ///< LOAD_OPTION_*: 1 active, 8 hidden
    std::string description;       ///< UTF-8, hostile
    DevicePath path;
    ByteView optional_data;  ///< what the loaded image gets; borrowed
    [[nodiscard]] bool is_active() const { return (attributes & 1U) != 0; }
};

/// Attributes (u32 LE), FilePathListLength (u16 LE, bytes), Description (UTF-16LE with NUL), FilePathList,
/// OptionalData. Errors carry the offset; a description without NUL is `truncated`, one above 4096 bytes
/// `limit`.
Result<EfiLoadOption> parse_load_option(ByteView data);

/// BootOrder, DriverOrder: option numbers, u16 LE each. An odd last byte is `malformed`, more than 4096
/// numbers `limit`.
Result<std::vector<std::uint16_t>> parse_boot_order(ByteView data);

}  // namespace assay::tcg
