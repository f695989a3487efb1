#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// "shim,4": images of this component below this generation are revoked.
struct SbatEntry {
    std::string component;
    std::uint32_t generation = 0;
};

/// The content of shim's variable SbatLevel: "sbat,1,2024010900" and a line for each component.
struct SbatLevel {
    std::uint32_t version = 0;
    std::string date;  ///< ten digits, or empty: the original level "sbat,1" has none
    std::vector<SbatEntry> entries;
};

/// ASCII lines of at most 256 bytes, ended by a newline or by a NUL that ends the text. `malformed`, with
/// the line's offset, where a line is none; `limit` above 1024 lines.
Result<SbatLevel> parse_sbat_level(ByteView data);

}  // namespace assay::tcg
