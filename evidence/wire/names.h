#pragma once

#include <string_view>

#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"

/// The shapes of names that several documents carry.
namespace assay::wire {

inline bool is_section_name(std::string_view text) {
    constexpr std::size_t kMax = 64;
    if (text.empty() || text.size() > kMax) return false;
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

inline bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::kHostName;
}

/// 8-4-4-4-12 lower-case hex digits, as /proc/sys/kernel/random/boot_id has it.
inline bool is_boot_id(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != kForm.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (kForm[i] == 'x' ? !hex : text[i] != '-') return false;
    }
    return true;
}

inline constexpr Text kSectionName{64, is_section_name, "a section name, 1 to 64 of [a-z0-9-],"};
inline constexpr Text kHostNameText{limits::kHostName, is_host_name, "a host name of 1 to 253 bytes"};
inline constexpr Text kBootId{36, is_boot_id, "a boot id of 36 characters"};

}  // namespace assay::wire
