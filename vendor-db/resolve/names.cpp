#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::vendors {
namespace {

// What firmware leaves where a name should be, as seen in dumps of real servers (linuxhw/DMI) and boards;
// folded as by `folded`.
constexpr auto kPlaceholders = std::to_array<std::string_view>({
    "",
    "--",
    "-",
    "0",
    "00000000",
    "0000",
    "0x0000",
    "0123456789",
    "123456789",
    "1234567890",
    "1234",
    "12345",
    "ffff",
    "<bad index>",
    "<out of spec>",
    "[empty]",
    "; 9k",
    ". 9k",
    "w 9k",
    "asset tag",
    "base board manufacturer",
    "board manufacturer",
    "chassis manufacture",
    "chassis manufacturer",
    "default",
    "default string",
    "dimm manufacturer",
    "empty",
    "fill by oem",
    "invalid",
    "manufacturer",
    "n/a",
    "na",
    "no dimm",
    "no module installed",
    "none",
    "not applicable",
    "memundefined",
    "not available",
    "not present",
    "not provided",
    "not specified",
    "not support",
    "null",
    "o.e.m.",
    "oem",
    "other",
    "standard",
    "string",
    "system manufacturer",
    "system product name",
    "system vendor",
    "tbd",
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "to be filled by oem",
    "type1 - system vendor name1",
    "type2 - board manufacturer",
    "type2 - board vendor name1",
    "type3 - chassis manufacturer",
    "undefined",
    "unknow",
    "unknown",
    "unspecified",
    "unspecified system",
    "vendor",
    "xxxxxxxx",
});

constexpr auto kSuffixes = std::to_array<std::string_view>({
    "ag",           "ao",  "bv",  "co",      "coltd", "company", "corp", "corporation", "gmbh", "inc",
    "incorporated", "kg",  "kk",  "limited", "llc",   "ltd",     "nv",   "oao",         "ooo",  "oy",
    "plc",          "pte", "pty", "pvt",     "sa",    "sas",     "se",   "spa",         "srl",
});

constexpr bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}
constexpr bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Blanks and control characters collapsed to one blank and trimmed, ASCII letters lower case.
std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (!is_blank(c))
            out.push_back(lower(c));
        else if (!out.empty() && out.back() != ' ')
            out.push_back(' ');
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words;
    bool open = false;
    const auto put = [&](char c) {
        if (!open) words.emplace_back();
        open = true;
        words.back().push_back(c);
    };
    for (const char raw : name) {
        const char c = lower(raw);
        const auto byte = static_cast<unsigned char>(raw);
        if (is_word(c))
            put(c);
        else if (byte >= 0x80) {
            // A native name stays itself and can never become somebody else's name by losing letters.
            put('x');
            put(kHexDigits[byte >> 4U]);
            put(kHexDigits[byte & 15U]);
        } else if (c != '.' && c != '\'')
            open = false;
    }
    return words;
}

/// What AMI's tables have until a module is read: "Dimm3_Manufacturer", "DimmA1_Manufacturer",
/// "Manufacturer07".
bool names_a_slot(std::string_view folded_text) {
    constexpr std::string_view kMaker = "manufacturer", kDimm = "dimm", kTail = "_manufacturer";
    constexpr std::size_t kSlot = 2;  // characters
    const auto digits = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (folded_text.starts_with(kMaker)) {
        const auto slot = folded_text.substr(kMaker.size());
        return slot.size() == kSlot && digits(slot);
    }
    if (!folded_text.starts_with(kDimm) || !folded_text.ends_with(kTail) ||
        folded_text.size() <= kDimm.size() + kTail.size())
        return false;
    const auto slot = folded_text.substr(kDimm.size(), folded_text.size() - kDimm.size() - kTail.size());
    return slot.size() <= kSlot && std::all_of(slot.begin(), slot.end(), is_word);
}

}  // namespace

std::string normalised_name(std::string_view name) {
    auto words = words_of(name);
    const auto is_suffix = [](const std::string& word) {
        return std::find(kSuffixes.begin(), kSuffixes.end(), word) != kSuffixes.end();
    };
    while (words.size() > 1 && is_suffix(words.back())) words.pop_back();
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

bool is_placeholder(std::string_view name) {
    if (words_of(name).empty()) return true;
    const auto text = folded(name);
    return names_a_slot(text) ||
           std::find(kPlaceholders.begin(), kPlaceholders.end(), text) != kPlaceholders.end();
}

}  // namespace assay::vendors
