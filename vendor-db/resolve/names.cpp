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
    "fill by oem",
    "invalid",
    "n/a",
    "na",
    "no dimm",
    "no module installed",
    "not applicable",
    "memundefined",
    "not available",
    "not present",
    "not provided",
    "not specified",
    "not support",
    "o.e.m.",
    "oem",
    "other",
    "standard",
    "tbd",
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "to be filled by oem",
    "unknow",
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

// Of a text that only says which field of which structure it stands in: "Dimm2_Manufacturer_Name_String",
// "NoName Chassis", "Type2 - Board Vendor Name1".
constexpr auto kThings = std::to_array<std::string_view>({
    "base",      "baseboard", "bios",   "board",  "chassis", "cpu",    "dimm",
    "enclosure", "mainboard", "memory", "module", "odm",     "oem",    "power",
    "processor", "product",   "psu",    "slot",   "supply",  "system", "type",
});
constexpr auto kFields = std::to_array<std::string_view>({
    "asset",
    "assettag",
    "define",
    "family",
    "manufacture",
    "manufacturer",
    "name",
    "number",
    "serial",
    "string",
    "tag",
    "vendor",
    "version",
});
constexpr auto kNothings = std::to_array<std::string_view>({
    "default",
    "empty",
    "noname",
    "none",
    "null",
    "undefined",
    "unknown",
    "unspecified",
});

template <typename Words>
bool is_one_of(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_slot(std::string_view text) {
    constexpr std::size_t kLongest = 2;  // "3", "A1"
    return text.size() <= kLongest && std::all_of(text.begin(), text.end(), is_word);
}

/// "name", "name1", "manufacturer07": a word with at most the number of a slot behind it.
template <typename Words>
bool is_numbered(const Words& words, std::string_view word) {
    const auto end = word.find_last_not_of("0123456789") + 1;
    return is_one_of(words, word.substr(0, end)) && is_slot(word.substr(end));
}

/// Nothing but what structure, field and slot are called: no maker is.
bool names_a_field(std::string_view name) {
    constexpr std::string_view kDimm = "dimm";
    bool names_field = false;
    bool after_thing = false;  // where a slot may stand alone: "DIMM A1 Manufacturer"
    for (const auto& word : words_of(name)) {
        const bool is_thing =
            is_numbered(kThings, word) ||
            (word.starts_with(kDimm) && is_slot(std::string_view(word).substr(kDimm.size())));
        const bool is_field = is_numbered(kFields, word) || is_one_of(kNothings, word);
        if (!is_thing && !is_field && !(after_thing && is_slot(word))) return false;
        names_field = names_field || is_field;
        after_thing = is_thing;
    }
    return names_field;
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
    return names_a_field(name) ||
           std::find(kPlaceholders.begin(), kPlaceholders.end(), text) != kPlaceholders.end();
}

}  // namespace assay::vendors
