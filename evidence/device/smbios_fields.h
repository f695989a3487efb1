#pragma once

#include <cstdint>
#include <span>

namespace assay::smbios {

/// Where the formatted area of a type that Assay knows has string numbers; empty for every other type.
std::span<const std::uint8_t> string_fields(std::uint8_t type);

}  // namespace assay::smbios
