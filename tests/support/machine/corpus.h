#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "tests/support/machine/text.h"

/// Real test data outside the tree, at ASSAY_CORPUS_DIR: used in place, skipped visibly where it is not
/// there.
namespace assay::corpus {

inline std::filesystem::path folder(const std::string& kind) {
    return std::filesystem::path(ASSAY_CORPUS_DIR) / kind;
}
inline bool present(const std::string& kind) {
    return std::filesystem::is_directory(folder(kind));
}

using test::read_text;
inline Bytes read(const std::filesystem::path& path) {
    return to_bytes(read_text(path));
}

inline std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

struct Entry {
    std::filesystem::path path;
    std::string what;
};

/// What each source's MANIFEST.tsv lists: its first column is the file, its seventh says what it is.
inline std::vector<Entry> manifests(const std::string& kind) {
    std::vector<Entry> out;
    for (const auto& source : std::filesystem::directory_iterator(folder(kind))) {
        const auto rows = lines(read_text(source.path() / "MANIFEST.tsv"));
        for (std::size_t i = 1; i < rows.size(); ++i) {
            std::vector<std::string> columns;
            std::istringstream in(rows[i]);
            for (std::string column; std::getline(in, column, '\t');) columns.push_back(column);
            if (columns.size() > 6) out.push_back({source.path() / columns[0], columns[6]});
        }
    }
    return out;
}

}  // namespace assay::corpus
