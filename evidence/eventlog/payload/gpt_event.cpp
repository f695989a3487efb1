#include "evidence/eventlog/payload/gpt_event.h"

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/eventlog/payload/device_path_nodes.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kEntrySize = 128;
constexpr std::size_t kMaxEntrySize = 4096;
constexpr std::size_t kMaxPartitions = 1024;

GptPartition partition(ByteReader& in, std::size_t size) {
    GptPartition entry;
    entry.type = in.bytes(16, "PartitionTypeGUID");
    entry.unique = in.bytes(16, "UniquePartitionGUID");
    entry.first_lba = in.u64le("StartingLBA");
    entry.last_lba = in.u64le("EndingLBA");
    entry.attributes = in.u64le("Attributes");
    entry.name = device_path_file_name(in.bytes(72, "PartitionName"));
    in.bytes(size - kEntrySize, "partition entry");
    return entry;
}

}  // namespace

Result<GptEvent> parse_gpt_event(ByteView data) {
    return parse_exact(data, "partition table", [](ByteReader& in) {
        GptEvent gpt;
        const auto signature = in.bytes(8, "Signature");
        if (in.ok() && as_text(signature) != "EFI PART")
            in.fail_at(0, ErrorCode::malformed, "not the signature EFI PART");
        gpt.revision = in.u32le("Revision");
        in.u32le("HeaderSize");
        in.bytes(8, "HeaderCRC32");
        in.bytes(16, "MyLBA");
        gpt.first_usable_lba = in.u64le("FirstUsableLBA");
        gpt.last_usable_lba = in.u64le("LastUsableLBA");
        gpt.disk = in.bytes(16, "DiskGUID");
        in.bytes(12, "PartitionEntryLBA");
        const auto size_offset = in.offset();
        const std::size_t size = in.u32le("SizeOfPartitionEntry");
        in.u32le("PartitionEntryArrayCRC32");
        const auto count = in.u64le("NumberOfPartitions");
        if (in.ok() && (size < kEntrySize || size > kMaxEntrySize))
            in.fail_at(size_offset, ErrorCode::malformed, fmt::format("SizeOfPartitionEntry: {}", size));
        if (!in.check_count(count, size, kMaxPartitions, "NumberOfPartitions")) return gpt;
        gpt.partitions.reserve(count);
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) gpt.partitions.push_back(partition(in, size));
        return gpt;
    });
}

}  // namespace assay::tcg
