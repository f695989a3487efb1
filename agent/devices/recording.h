#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// What a machine answered, call by call: the last answer to each. A folder of it can be read and reviewed:
///     files/<path>   the content of each file that was read, at its own path
///     calls.tsv      one call a line: name, argument, "ok" or the error's code, then the answer's fields
///     (for an
///                    error: its words), separated by tabs; in a field \\ \t \n \r stand for those bytes
/// docs/formats/recording.md lists the calls and their fields.
struct Recording {
    struct Call {
        std::string name;
        std::string argument;
        auto operator<=>(const Call&) const = default;
    };
    using Answer = Result<std::vector<std::string>>;

    std::map<std::string, Bytes, std::less<>> files;  ///< absolute path -> content
    std::map<Call, Answer> calls;

    /// The answer recorded, or `not_found`.
    [[nodiscard]] Answer answer(std::string_view name, std::string_view argument) const;
    /// Keeps `result` as the answer, as the fields that `write` makes of its value, and hands it on.
    template <typename T, typename Write>
    Result<T> keep(std::string_view name, std::string_view argument, Result<T> result, Write&& write) {
        Answer& answer = calls[{std::string(name), std::string(argument)}];
        if (result) {
            answer = write(*result);
        } else {
            answer = std::unexpected(Error{result.error().code, result.error().context, {}});
        }
        return result;
    }
    bool operator==(const Recording&) const = default;
};

/// Reads such a folder: regular files only, at most 64 MiB and 65,536 files; symbolic links are not followed.
Result<Recording> load_recording(const std::filesystem::path& folder);

/// Writes into `folder`, which is made where it is missing. What was recorded there before is removed first;
/// other files stay. `conflict` where it has files of that name that are of no recording.
Result<> save_recording(const Recording& recording, const std::filesystem::path& folder);

}  // namespace assay::agent
