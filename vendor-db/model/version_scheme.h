#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"

/// How makers write firmware versions. Nothing is guessed: a text that is not of its scheme has no version.
/// docs/formats/firmware.md has the schemes with examples. PURE.
namespace assay::vendors {

enum class VersionScheme : std::uint8_t { dotted, hpe, dell, date };
std::string_view to_string(VersionScheme scheme);
Result<VersionScheme> version_scheme_from_name(std::string_view name);

/// A version that can be compared with others of its family.
struct Version {
    std::string family;  ///< "U30" of "U30 v2.68", "P" of "P1.30", "A" of Dell's "A12"; or empty
    std::vector<std::uint32_t> fields;  ///< most significant first; a missing one is 0
    char suffix = 0;                    ///< a letter behind the last field, later than none; or 0
};

/// Of at most 64 bytes of ASCII, the whole text. None for anything else.
std::optional<Version> parse_version(VersionScheme scheme, std::string_view text);

/// `unordered` for different families: neither is known to be the later one.
std::partial_ordering compare(const Version& a, const Version& b);

}  // namespace assay::vendors
