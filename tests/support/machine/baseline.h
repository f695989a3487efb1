#pragma once

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/hex.h"
#include "tests/support/machine/text.h"

/// Files of the tree that our own encoders made: tests compare them with what the encoders make today.
/// Running the test with ASSAY_REBASELINE=1 writes them anew.
namespace assay::baseline {

inline bool rebaselining() {
    return std::getenv("ASSAY_REBASELINE") != nullptr;
}
inline std::filesystem::path in_tree(const std::string& path) {
    return std::filesystem::path(ASSAY_SOURCE_DIR) / path;
}

/// The file's bytes; after a rebaseline they are `bytes`.
inline Bytes file(const std::string& path, ByteView bytes) {
    if (rebaselining()) {
        std::filesystem::create_directories(in_tree(path).parent_path());
        std::ofstream(in_tree(path), std::ios::binary) << as_text(bytes);
    }
    return to_bytes(test::read_text(in_tree(path)));
}

/// The digits of the page's block that begins with "```hex NAME", without white space; after a rebaseline
/// those of `bytes`.
inline std::string hex_block(const std::string& page, const std::string& name, ByteView bytes) {
    auto text = test::read_text(in_tree(page));
    const auto fence = "```hex " + name + "\n";
    const auto begin = text.find(fence);
    if (begin == std::string::npos) return "no block " + name;
    const auto start = begin + fence.size();
    const auto end = text.find("```", start);
    if (rebaselining()) {
        std::string lines;
        const auto digits = to_hex(bytes);
        for (std::size_t i = 0; i < digits.size(); i += 64) lines += digits.substr(i, 64) + "\n";
        text.replace(start, end - start, lines);
        std::ofstream(in_tree(page), std::ios::binary) << text;
        return digits;
    }
    std::string digits;
    for (const char c : text.substr(start, end - start)) {
        if (std::isspace(static_cast<unsigned char>(c)) == 0) digits.push_back(c);
    }
    return digits;
}

}  // namespace assay::baseline
