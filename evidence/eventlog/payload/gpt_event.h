#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// One entry of a GUID partition table (UEFI 2.10, 5.3.3). GUIDs as stored, borrowed.
struct GptPartition {
    ByteView type;    ///< 16 bytes
    ByteView unique;  ///< 16 bytes; zero in EV_EFI_GPT_EVENT2
    std::uint64_t first_lba = 0;
    std::uint64_t last_lba = 0;  ///< inclusive
    std::uint64_t attributes = 0;
    std::string name;  ///< UTF-8, hostile
};

/// UEFI_GPT_DATA (PFP 1.06, 10.2.7): the disk's header and the partitions in use.
struct GptEvent {
    ByteView disk;               ///< DiskGUID, 16 bytes; zero in EV_EFI_GPT_EVENT2
    std::uint32_t revision = 0;  ///< 0x00010000
    std::uint64_t first_usable_lba = 0;
    std::uint64_t last_usable_lba = 0;
    std::vector<GptPartition> partitions;
};

/// EFI_PARTITION_TABLE_HEADER (92 bytes), NumberOfPartitions (u64 LE), then that many entries of the size
/// that the header gives (at least 128). Errors carry the offset: `malformed` for another signature or entry
/// size, `truncated`, `limit` above 1024 partitions. What follows the entries is `malformed`.
Result<GptEvent> parse_gpt_event(ByteView data);

}  // namespace assay::tcg
