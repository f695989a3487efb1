#include "verifier/judge/rim/digest_list.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/tpm/pcr.h"

namespace assay::rim {
namespace {

std::unexpected<Error> fail_at(std::size_t line, ErrorCode code, std::string_view what) {
    return fail(code, fmt::format("line {}: {}", line, what));
}

constexpr std::string_view kForms =
    "neither 'DIGEST  NAME' as sha256sum writes it nor a CSV row of algorithm,digest,name,pcr";

Result<Digest> digest_from(std::size_t line, std::string_view hex, std::optional<HashAlgorithm> algorithm) {
    const auto bytes = from_hex(hex, Digest::kMaxSize);
    if (!bytes) return fail_at(line, ErrorCode::malformed, kForms);
    if (!algorithm) {
        for (const auto each : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
            if (digest_size(each) == bytes->size()) algorithm = each;
        }
    }
    if (algorithm == HashAlgorithm::sha1 || (!algorithm && (bytes->size() == 20 || bytes->size() == 16)))
        return fail_at(
            line, ErrorCode::unsupported,
            "a digest of SHA-1 or MD5, which is no reference for anything; make the list with sha256sum");
    if (!algorithm) return fail_at(line, ErrorCode::malformed, kForms);
    auto digest = Digest::from_bytes(*algorithm, *bytes);
    if (!digest)
        return fail_at(line, ErrorCode::malformed,
                       fmt::format("{} has {} hex digits, not {}", to_string(*algorithm),
                                   2 * digest_size(*algorithm), hex.size()));
    return *digest;
}

struct Entry {
    std::size_t line = 0;
    Digest digest;
    std::string name;
    std::optional<std::uint32_t> pcr;
};

Result<> add(const Entry& entry, Rim& rim) {
    if (rim.values.size() == limits::kValues)
        return fail_at(entry.line, ErrorCode::limit, fmt::format("more than {} values", limits::kValues));
    rim.values.push_back({.kind = entry.pcr ? RimValueKind::event : RimValueKind::file,
                          .pcr = entry.pcr,
                          .event_type = {},
                          .digests = {entry.digest},
                          .description = entry.name,
                          .path = entry.name,
                          .place = fmt::format("line {}", entry.line)});
    return {};
}

std::string shown(std::string_view name) {
    return printable(shortened(trimmed(name), 1024));
}

// "HEX  NAME" or "HEX *NAME"; "SHA256 (NAME) = HEX" of --tag and of BSD. No escaped names.
Result<Entry> read_line(std::size_t number, std::string_view line) {
    if (const auto open = line.find(" ("); open != std::string_view::npos && line.starts_with("SHA")) {
        const auto close = line.rfind(") = ");
        const auto word = line.substr(3, open - 3);
        const auto algorithm = hash_algorithm_from_name("sha" + std::string(word));
        if (!algorithm || close == std::string_view::npos || close < open + 2)
            return fail_at(number, ErrorCode::malformed, kForms);
        const auto digest = TRY(digest_from(number, trimmed(line.substr(close + 4)), *algorithm));
        return Entry{number, digest, shown(line.substr(open + 2, close - open - 2)), {}};
    }
    if (line.starts_with('\\'))
        return fail_at(number, ErrorCode::unsupported, "a name with escaped characters; rename the file");
    const auto space = line.find(' ');
    if (space == std::string_view::npos || space + 2 >= line.size() ||
        (line[space + 1] != ' ' && line[space + 1] != '*'))
        return fail_at(number, ErrorCode::malformed, kForms);
    const auto digest = TRY(digest_from(number, line.substr(0, space), {}));
    return Entry{number, digest, shown(line.substr(space + 2)), {}};
}

Result<> read_lines(std::string_view text, Rim& rim) {
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (trimmed(line).empty() || line.starts_with('#')) continue;
        TRY_VOID(add(TRY(read_line(number, line)), rim));
    }
    return {};
}

Result<std::optional<std::uint32_t>> pcr_of(const CsvRow& row) {
    if (row.fields.size() < 4 || row.fields[3].empty()) return std::nullopt;
    // Spreadsheets write leading zeros; a PCR's text has none.
    const std::string_view text = row.fields[3];
    const auto zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
    const auto pcr = tcg::pcr_index_from_text(text.substr(zeros));
    if (!pcr) return fail_at(row.line, ErrorCode::malformed, "a PCR is a number from 0 to 23");
    return *pcr;
}

bool is_header(const std::vector<std::string>& fields) {
    const std::vector<std::string> names{"algorithm", "digest", "name", "pcr"};
    return (fields.size() == 3 || fields.size() == 4) &&
           std::equal(fields.begin(), fields.end(), names.begin());
}

Result<> read_csv(std::string_view text, Rim& rim) {
    const auto rows = TRY(parse_csv(
        text, {.bytes = limits::kRimFile, .rows = limits::kValues, .columns = 4, .comments = true}));
    if (rows.empty() || !is_header(rows.front().fields))
        return fail_at(rows.empty() ? 1 : rows.front().line, ErrorCode::malformed,
                       "the first row must be algorithm,digest,name or algorithm,digest,name,pcr");
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        const auto algorithm = hash_algorithm_from_name(row.fields[0]);
        if (!algorithm)
            return fail_at(
                row.line, ErrorCode::unsupported,
                fmt::format("algorithm '{}'; sha256, sha384 and sha512 are read", printable(row.fields[0])));
        if (row.fields[2].empty()) return fail_at(row.line, ErrorCode::malformed, "no name");
        const auto digest = TRY(digest_from(row.line, row.fields[1], *algorithm));
        const auto pcr = TRY(pcr_of(row));
        TRY_VOID(add({row.line, digest, shown(row.fields[2]), pcr}, rim));
    }
    return {};
}

std::string_view first_line(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end));
        if (!line.empty() && !line.starts_with('#')) return line;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

}  // namespace

Result<Rim> read_digest_list(ByteView bytes, std::string_view name) {
    if (bytes.size() > limits::kRimFile)
        return fail(ErrorCode::limit, fmt::format("{} bytes, more than {}", bytes.size(), limits::kRimFile));
    auto text = as_text(bytes);
    if (!is_utf8(text)) return fail(ErrorCode::malformed, "text that is not UTF-8: not a list of digests");
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    Rim rim;
    rim.format = RimFormat::digest_list;
    rim.name = printable(name);
    rim.file = sha256(bytes);
    TRY_VOID(first_line(text).starts_with("algorithm,") ? read_csv(text, rim) : read_lines(text, rim));
    if (rim.values.empty()) return fail(ErrorCode::truncated, "no digest in the list");
    return rim;
}

}  // namespace assay::rim
