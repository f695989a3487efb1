#pragma once

#include <cstdint>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// The few UEFI structures in event data that Assay reads. Reading says nothing about trust: give them
/// verified data.
namespace assay::tcg {

/// UEFI_VARIABLE_DATA (PFP 1.06, 10.2.6): VariableName GUID (16), UnicodeNameLength and VariableDataLength
/// (u64 LE, in characters and bytes), UnicodeName (UTF-16LE, no NUL), VariableData.
struct EfiVariable {
    ByteView guid;     ///< 16 bytes as stored (first three fields little-endian)
    std::string name;  ///< UTF-8; unpaired surrogates become U+FFFD
    ByteView data;     ///< borrowed
};
Result<EfiVariable> parse_efi_variable(ByteView data);
/// The same, with up to 8 bytes behind it: old shims log the slack of the C structure.
Result<EfiVariable> parse_efi_variable_with_slack(ByteView data);
/// "8be4df61-93ca-11d2-aa0d-00e098032b8c" from 16 bytes as stored.
std::string guid_text(ByteView guid);

/// UEFI_IMAGE_LOAD_EVENT (PFP 1.06, 10.2.3): where an image was and where it came from. Its digest is of the
/// image. Up to 16 bytes behind it are accepted: boot loaders log the slack of the C structure.
struct ImageLoadEvent {
    std::uint64_t location = 0;  ///< physical address
    std::uint64_t length = 0;    ///< bytes
    std::string file_path;       ///< the file path nodes alone, joined; UTF-8, hostile
    std::string device_path;     ///< in words (device_path.h); hostile
};
Result<ImageLoadEvent> parse_image_load_event(ByteView data);

/// UTF-16LE to UTF-8; an unpaired surrogate becomes U+FFFD, an odd last byte is dropped.
std::string utf8_from_utf16le(ByteView utf16);

}  // namespace assay::tcg
