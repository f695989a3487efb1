#include "agent/devices/recording.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "files/output.h"

namespace assay::agent {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxBytes = 64U << 20U;
constexpr std::size_t kMaxFiles = 65'536;
constexpr std::string_view kCallsFile = "calls.tsv";
constexpr std::string_view kFilesFolder = "files";
constexpr files::OutputRules kPart{.synced = false};  // one of thousands of files

constexpr std::string_view kEscaped = "\\\t\n\r";  // these bytes of a field stand there
constexpr std::string_view kLetters = "\\tnr";     // as a backslash and this

std::string escaped(std::string_view field) {
    std::string out;
    for (const char c : field) {
        const auto at = kEscaped.find(c);
        if (at != std::string_view::npos) out += '\\';
        out += at == std::string_view::npos ? c : kLetters[at];
    }
    return out;
}

Result<std::string> unescaped(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\') {
            out += field[i];
            continue;
        }
        const auto at = ++i < field.size() ? kLetters.find(field[i]) : std::string_view::npos;
        if (at == std::string_view::npos)
            return fail(ErrorCode::malformed, "a backslash before something else than \\ t n r");
        out += kEscaped[at];
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string line_of(const Recording::Call& call, const Recording::Answer& answer) {
    std::string line = escaped(call.name) + '\t' + escaped(call.argument) + '\t';
    if (!answer)
        return line + std::string(to_string(answer.error().code)) + '\t' + escaped(answer.error().context) +
               '\n';
    line += "ok";
    for (const auto& field : *answer) line += '\t' + escaped(field);
    return line + '\n';
}

Result<ErrorCode> error_code_from_name(std::string_view name) {
    for (auto code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
        if (to_string(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
    }
    return fail(ErrorCode::malformed,
                fmt::format("\"{}\" is neither ok nor an error's code", printable(name)));
}

Result<> parse_line(std::string_view line, Recording& recording) {
    std::vector<std::string> fields;
    for (const auto part : split(line, '\t')) fields.push_back(TRY(unescaped(part)));
    constexpr std::size_t kHead = 3;
    if (fields.size() < kHead) return fail(ErrorCode::malformed, "fewer than three fields");
    Recording::Answer answer;
    if (fields[2] == "ok") {
        answer = std::vector(fields.begin() + kHead, fields.end());
    } else {
        const auto code = TRY(error_code_from_name(fields[2]));
        if (fields.size() != kHead + 1)
            return fail(ErrorCode::malformed, "an error has one field, its words");
        answer = std::unexpected(Error{code, fields[kHead], {}});
    }
    if (!recording.calls.emplace(Recording::Call{fields[0], fields[1]}, std::move(answer)).second) {
        return fail(ErrorCode::malformed, "a call that was answered on an earlier line");
    }
    return {};
}

Result<> parse_calls(std::string_view text, Recording& recording) {
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (text.empty()) return {};
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        TRY_VOID(with_context(parse_line(line, recording), fmt::format("{} line {}", kCallsFile, ++number)));
    }
    return {};
}

Result<Bytes> file_content(const fs::path& path, std::size_t limit) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(ErrorCode::io, fmt::format("{} cannot be read", path.string()));
    std::string text;
    constexpr std::size_t kChunk = 65'536;
    while (in && text.size() <= limit) {
        const auto had = text.size();
        text.resize(had + kChunk);
        in.read(text.data() + had, kChunk);
        text.resize(had + static_cast<std::size_t>(in.gcount()));
    }
    if (text.size() > limit)
        return fail(ErrorCode::limit, fmt::format("{} is larger than {} bytes", path.string(), limit));
    return to_bytes(text);
}

/// "/sys/x" -> "sys/x"; nothing that could lead out of the folder.
Result<fs::path> relative_path(std::string_view path) {
    const auto relative = fs::path(path).relative_path();
    if (!path.starts_with('/') || relative.empty() || std::ranges::find(relative, "..") != relative.end()) {
        return fail(ErrorCode::usage,
                    fmt::format("\"{}\" is no absolute path without \"..\"", printable(path)));
    }
    return relative;
}

Result<> load_files(const fs::path& root, Recording& recording) {
    std::error_code error;
    std::size_t left = kMaxBytes;
    for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
        if (it->symlink_status().type() != fs::file_type::regular) continue;
        if (recording.files.size() == kMaxFiles)
            return fail(ErrorCode::limit, fmt::format("more than {} files", kMaxFiles));
        auto content = TRY(file_content(it->path(), left));
        left -= content.size();
        recording.files.emplace("/" + it->path().lexically_relative(root).string(), std::move(content));
    }
    if (error) return fail(ErrorCode::io, fmt::format("{}: {}", root.string(), error.message()));
    return {};
}

}  // namespace

Recording::Answer Recording::answer(std::string_view name, std::string_view argument) const {
    const auto found = calls.find(Call{std::string(name), std::string(argument)});
    if (found != calls.end()) return found->second;
    return fail(ErrorCode::not_found, fmt::format("{} {}: not in the recording", name, argument));
}

Result<Recording> load_recording(const fs::path& folder) {
    Recording recording;
    std::error_code error;
    if (!fs::is_regular_file(folder / kCallsFile, error)) {
        return fail(ErrorCode::not_found,
                    fmt::format("{} is no recording: it has no {}", folder.string(), kCallsFile));
    }
    const auto calls = TRY(file_content(folder / kCallsFile, kMaxBytes));
    TRY_VOID(parse_calls(as_text(calls), recording));
    if (fs::exists(folder / kFilesFolder, error)) TRY_VOID(load_files(folder / kFilesFolder, recording));
    return recording;
}

Result<> save_recording(const Recording& recording, const fs::path& folder) {
    std::error_code error;
    // Only what a recording had there before is ours to remove.
    if (!fs::exists(folder / kCallsFile, error) && fs::exists(folder / kFilesFolder, error))
        return fail(ErrorCode::conflict,
                    fmt::format("{0} has a folder '{1}' and no {2}: expected a recording or an empty folder; "
                                "look at it ('ls {0}'), and give another folder",
                                printable(folder.string()), kFilesFolder, kCallsFile));
    fs::remove_all(folder / kFilesFolder, error);
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::io, fmt::format("{}: {}", folder.string(), error.message()));
    for (const auto& [path, content] : recording.files) {
        const auto target = folder / kFilesFolder / TRY(relative_path(path));
        fs::create_directories(target.parent_path(), error);
        TRY_VOID(files::write_output(target, content, kPart));
    }
    std::string calls;
    for (const auto& [call, answer] : recording.calls) calls += line_of(call, answer);
    return files::write_output(folder / kCallsFile, as_view(calls), kPart);
}

}  // namespace assay::agent
