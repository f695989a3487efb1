#include "evidence/eventlog/payload/padding.h"

#include <algorithm>
#include <string_view>

#include "evidence/base/byte_reader.h"
#include "evidence/base/fault.h"
#include "evidence/eventlog/event_type.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSignature = 16;
constexpr auto kSp800155 = "SP800-155 Event"sv;  // then NUL, 2 or 3

void skip_text(ByteReader& in) {
    in.bytes(in.u8("size of a text"), "text");
}
void skip_locator(ByteReader& in) {
    in.u32le("type of a locator");
    in.bytes(in.u32le("size of a locator"), "locator");
}

std::size_t sp800_155(ByteReader& in, char version) {
    in.bytes(4 + 16, "VendorId, ReferenceManifestGuid");
    auto texts = in;
    const bool ends_here = version == '\0' && texts.u8("PlatformManufacturerStrSize") == 0;
    if (!ends_here) {
        for (int i = 0; i < 4; ++i) skip_text(in);
        in.u32le("FirmwareManufacturerId");
        skip_text(in);
        if (version == '3') {
            skip_locator(in);
            skip_locator(in);
        }
    }
    return in.offset();
}

std::size_t no_action(ByteReader& in) {
    const auto signature = as_text(in.bytes(kSignature, "Signature"));
    if (signature == "StartupLocality\0"sv) return kSignature + 1;
    if (signature.starts_with(kSp800155)) return sp800_155(in, signature.back());
    if (signature != "Spec ID Event03\0"sv) return 0;
    in.bytes(8, "platformClass to uintnSize");
    const std::size_t algorithms = in.u32le("numberOfAlgorithms");
    if (algorithms > in.remaining() / 4) return 0;
    in.bytes(4 * algorithms, "algorithms");
    return in.offset() + 1 + in.u8("vendorInfoSize");
}

// A size of eight bits, a text of that size, two 64-bit numbers.
std::size_t described_blob(ByteReader& in) {
    return 1 + in.u8("BlobDescriptionSize") + 8 + 8;
}

std::size_t handoff_tables(ByteReader& in, bool described) {
    constexpr std::size_t kTable = 16 + 8;
    if (described) in.bytes(in.u8("TableDescriptionSize"), "TableDescription");
    const auto count = in.u64le("NumberOfTables");
    return count > in.remaining() / kTable ? 0 : in.offset() + static_cast<std::size_t>(count) * kTable;
}

std::size_t variable(ByteReader& in) {
    in.bytes(16, "VariableName");
    const auto characters = in.u64le("UnicodeNameLength");
    const auto size = in.u64le("VariableDataLength");
    if (characters > in.remaining() / 2 || size > in.remaining() - 2 * characters) return 0;
    return in.offset() + 2 * static_cast<std::size_t>(characters) + static_cast<std::size_t>(size);
}

std::size_t image_load(ByteReader& in) {
    in.bytes(8 + 8 + 8, "location, length, link-time address");
    const auto path = in.u64le("LengthOfDevicePath");
    return path > in.remaining() ? 0 : in.offset() + static_cast<std::size_t>(path);
}

std::size_t partition_table(ByteReader& in) {
    constexpr std::size_t kBeforeEntrySize = 84;  // EFI_PARTITION_TABLE_HEADER (UEFI 2.10, 5.3.2)
    in.bytes(kBeforeEntrySize, "header");
    const std::size_t entry = in.u32le("SizeOfPartitionEntry");
    in.u32le("PartitionEntryArrayCRC32");
    const auto count = in.u64le("NumberOfPartitions");
    if (entry == 0 || count > in.remaining() / entry) return 0;
    return in.offset() + static_cast<std::size_t>(count) * entry;
}

// 0 where the structure says no size.
std::size_t size_of(std::uint32_t type, ByteReader& in) {
    switch (type) {
        case EV_NO_ACTION:
            return no_action(in);
        case EV_SEPARATOR:
            return 4;
        case EV_EFI_PLATFORM_FIRMWARE_BLOB:
            return 8 + 8;
        case EV_EFI_PLATFORM_FIRMWARE_BLOB2:
        case EV_POST_CODE2:
            return described_blob(in);
        case EV_EFI_HANDOFF_TABLES:
            return handoff_tables(in, false);
        case EV_EFI_HANDOFF_TABLES2:
            return handoff_tables(in, true);
        case EV_EFI_VARIABLE_DRIVER_CONFIG:
        case EV_EFI_VARIABLE_BOOT:
        case EV_EFI_VARIABLE_BOOT2:
        case EV_EFI_VARIABLE_AUTHORITY:
        case EV_EFI_SPDM_DEVICE_POLICY:
        case EV_EFI_SPDM_DEVICE_AUTHORITY:
            return variable(in);
        case EV_EFI_BOOT_SERVICES_APPLICATION:
        case EV_EFI_BOOT_SERVICES_DRIVER:
        case EV_EFI_RUNTIME_SERVICES_DRIVER:
            return image_load(in);
        case EV_EFI_GPT_EVENT:
        case EV_EFI_GPT_EVENT2:
            return partition_table(in);
        default:
            return 0;
    }
}

// What was written there by mistake and may be under the digest, or fills up to a multiple of eight bytes.
std::size_t slack_of(std::uint32_t type, ByteView data) {
    switch (type) {
        case EV_NO_ACTION:
            return as_text(data).starts_with(kSp800155) ? 7 : 0;
        case EV_EFI_VARIABLE_AUTHORITY:
        case EV_EFI_SPDM_DEVICE_AUTHORITY:
            return 8;
        case EV_EFI_BOOT_SERVICES_APPLICATION:
        case EV_EFI_BOOT_SERVICES_DRIVER:
        case EV_EFI_RUNTIME_SERVICES_DRIVER:
            return 16;
        default:
            return 0;
    }
}

}  // namespace

std::optional<std::size_t> structure_size(std::uint32_t type, ByteView data) {
    const fault::LookAhead without_faults;
    ByteReader in(data);
    const auto size = size_of(type, in);
    if (!in.ok() || size == 0 || size > data.size()) return std::nullopt;
    return size;
}

ByteView without_padding(std::uint32_t type, ByteView data) {
    if (data.empty() || data.back() != std::byte{0}) return data;
    const auto size = structure_size(type, data);
    if (!size || data.size() <= *size + slack_of(type, data)) return data;
    const bool zeros =
        std::ranges::all_of(data.subspan(*size), [](std::byte byte) { return byte == std::byte{0}; });
    return zeros ? data.first(*size) : data;
}

}  // namespace assay::tcg
