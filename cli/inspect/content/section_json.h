#pragma once

#include <string_view>

#include "cli/context.h"

namespace assay::cli {

/// What is in a section of the evidence, by its name: logs and tables as their own inspectors show them,
/// descriptors and configuration spaces read, everything else field by field with bytes in hex. What is not
/// as its section must be has `unread`, the reason, and as much as can be shown. Texts are printable; nothing
/// is verified.
Json section_json(std::string_view name, ByteView bytes);

/// The same for a person.
void print_section(std::string_view name, ByteView bytes);

}  // namespace assay::cli
