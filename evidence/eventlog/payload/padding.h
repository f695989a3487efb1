#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "evidence/base/bytes.h"

namespace assay::tcg {

/// Bytes of the structure that an event of this type holds, where the structure itself says how long it is:
/// StartupLocality, SP 800-155 events, the Spec ID event of version 03, EV_SEPARATOR, firmware blobs, handoff
/// tables, UEFI variables, image loads, partition tables (PFP 1.06, 10.2, 10.4). Nothing for another one, and
/// where it is cut or claims more than there is.
std::optional<std::size_t> structure_size(std::uint32_t type, ByteView data);

/// The event's data without the zeros behind its structure: firmware whose records all have one size writes
/// them (coreboot does), and they change no meaning. Other bytes there are no padding, and up to 8 behind
/// an authority's variable and 16 behind an image load are shim's slack, whose hash may be over them, and up
/// to 7 behind an SP 800-155 event are alignment: the whole data then.
ByteView without_padding(std::uint32_t type, ByteView data);

}  // namespace assay::tcg
