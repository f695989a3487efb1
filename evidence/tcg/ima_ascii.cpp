#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/tcg/ima_log.h"

// ascii_runtime_measurements: the text that the kernel prints is turned back into the template data that it
// hashed.
namespace assay::tcg {
namespace {

constexpr std::size_t kHexField = 1U << 20U;

std::string_view next_word(std::string_view& line) {
    const auto end = line.find(' ');
    const auto word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

// The last word, if the template has one behind the path: it is hexadecimal, or empty behind a space.
std::string_view last_word(std::string_view& line) {
    const auto space = line.rfind(' ');
    if (space == std::string_view::npos) return {};
    const auto word = line.substr(space + 1);
    line.remove_suffix(word.size() + 1);
    return word;
}

void field(ByteWriter& out, ByteView data) {
    out.u32le(static_cast<std::uint32_t>(data.size())).bytes(data);
}

void path_field(ByteWriter& out, std::string_view path) {
    out.u32le(static_cast<std::uint32_t>(path.size() + 1)).text(path).u8(0);
}

// "sha256:hex" becomes "sha256:" NUL digest.
Result<Bytes> digest_field(std::string_view word) {
    const auto colon = word.rfind(':');
    if (colon == std::string_view::npos)
        return fail(ErrorCode::malformed, "file digest without an algorithm");
    const auto digest = TRY(from_hex(word.substr(colon + 1), Digest::kMaxSize));
    return ByteWriter().text(word.substr(0, colon + 1)).u8(0).bytes(digest).take();
}

Result<Bytes> template_data(std::string_view name, std::string_view line) {
    ByteWriter out;
    if (name == "ima") {
        const auto digest = TRY(from_hex(next_word(line), digest_size(HashAlgorithm::sha1)));
        if (digest.size() != digest_size(HashAlgorithm::sha1))
            return fail(ErrorCode::malformed, "file digest is not SHA-1");
        if (line.size() > 255) return fail(ErrorCode::limit, "file name is longer than 255 bytes");
        out.bytes(digest).u32le(static_cast<std::uint32_t>(line.size())).text(line);
        return out.take();
    }
    field(out, TRY(digest_field(next_word(line))));
    if (name == "ima-ng") {
        path_field(out, line);
    } else if (name == "ima-sig" || name == "ima-buf") {
        const auto bytes = TRY(from_hex(last_word(line), kHexField));
        path_field(out, line);
        field(out, bytes);
    } else {
        return fail(ErrorCode::unsupported, "only ima, ima-ng, ima-sig and ima-buf are read from text");
    }
    return out.take();
}

struct Line {
    std::uint32_t pcr = 0;
    Digest sha1;
    std::string_view name;
    Bytes data;
};

Result<Line> parse_line(std::string_view line) {
    Line out;
    auto pcr = next_word(line);
    while (pcr.empty() && !line.empty()) pcr = next_word(line);  // "%2d": a leading space below 10
    const auto [end, error] = std::from_chars(pcr.data(), pcr.data() + pcr.size(), out.pcr);
    if (error != std::errc() || end != pcr.data() + pcr.size() || out.pcr >= kPcrCount) {
        return fail(ErrorCode::malformed, "PCR index");
    }
    const auto digest = TRY(from_hex(next_word(line), Digest::kMaxSize));
    out.sha1 = TRY(Digest::from_bytes(HashAlgorithm::sha1, digest));
    out.name = next_word(line);
    out.data = TRY(template_data(out.name, line));
    return out;
}

}  // namespace

Result<ParsedImaLog> parse_ima_ascii(std::string_view list) {
    if (list.size() > limits::kSection) {
        return fail(ErrorCode::limit,
                    fmt::format("IMA list: {} bytes, at most {} allowed", list.size(), limits::kSection));
    }
    ParsedImaLog log;
    for (std::size_t at = 0; at < list.size();) {
        const auto end = std::min(list.find('\n', at), list.size());
        auto line = parse_line(list.substr(at, end - at));
        const auto index = log.entries_.size();
        if (line && index >= limits::kImaEntries) line = fail(ErrorCode::limit, "too many entries");
        if (!line) {
            line.error().offset = at;
            return std::unexpected(
                with_context(std::move(line), fmt::format("IMA list: line {}", index + 1)).error());
        }
        log.rebuilt_.push_back(std::move(line->data));
        log.entries_.push_back(
            {static_cast<std::uint32_t>(index), at, line->pcr, line->sha1, line->name, log.rebuilt_.back()});
        at = end + 1;
    }
    return log;
}

}  // namespace assay::tcg
