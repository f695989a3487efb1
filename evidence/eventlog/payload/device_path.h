#pragma once

#include <cstddef>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// An EFI_DEVICE_PATH_PROTOCOL in words (UEFI 2.10, 10.3 and 10.6). A claim like all event data.
struct DevicePath {
    std::string text;       ///< "PciRoot(0x0)/Pci(0x1f,0x2)/HD(1,GPT,...)/\EFI\BOOT\BOOTX64.EFI"; instances
                            ///< are joined by ','; nodes that Assay does not know as Path(type,subtype,hex)
    std::string file_path;  ///< the file path nodes alone, joined; empty when there are none
    std::size_t nodes = 0;  ///< without the end nodes
};

/// Reads nodes up to the end node; firmware pads what follows it, so that is not looked at. Node lengths are
/// little-endian. Errors carry the offset: `malformed` for a node shorter than its head or than its kind
/// says, `truncated` for one that reaches behind the end, `limit` above 256 nodes or 16 KiB of text. A path
/// without an end node is accepted, as firmware writes it.
Result<DevicePath> parse_device_path(ByteView data);

}  // namespace assay::tcg
