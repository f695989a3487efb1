#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/ima/ima_log.h"

// ascii_runtime_measurements: the text that the kernel prints is turned back into the template data that it
// hashed. (security/integrity/ima/ima_fs.c, ima_ascii_measurements_show; ima_template_lib.c)
namespace assay::tcg {
namespace {

constexpr std::size_t kHexField = 1U << 20U;
constexpr std::size_t kFields = 16;  // TEMPLATE_NUM_FIELDS_MAX is 15

enum class Shown : std::uint8_t { digest, named_digest, text, list, hex, wide_number, number };

struct KnownField {
    std::string_view id;
    Shown shown;
};
constexpr std::array kKnown{
    KnownField{"d", Shown::digest},          KnownField{"n", Shown::text},
    KnownField{"d-ng", Shown::named_digest}, KnownField{"d-ngv2", Shown::named_digest},
    KnownField{"n-ng", Shown::text},         KnownField{"sig", Shown::hex},
    KnownField{"buf", Shown::hex},           KnownField{"d-modsig", Shown::named_digest},
    KnownField{"modsig", Shown::hex},        KnownField{"evmsig", Shown::hex},
    KnownField{"iuid", Shown::wide_number},  KnownField{"igid", Shown::wide_number},
    KnownField{"imode", Shown::number},      KnownField{"xattrnames", Shown::list},
    KnownField{"xattrlengths", Shown::hex},  KnownField{"xattrvalues", Shown::hex}};

std::string_view next_word(std::string_view& line) {
    const auto end = line.find(' ');
    const auto word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

Result<std::vector<Shown>> fields_of(std::string_view name) {
    std::vector<Shown> out;
    auto format = ima_template_format(name);
    while (true) {
        const auto bar = format.find('|');
        const auto id = format.substr(0, bar);
        const auto known = std::ranges::find(kKnown, id, &KnownField::id);
        if (known == kKnown.end() || out.size() == kFields)
            return fail(ErrorCode::unsupported, "template '" + printable(name) + "'");
        out.push_back(known->shown);
        if (bar == std::string_view::npos) return out;
        format.remove_prefix(bar + 1);
    }
}

// One word for each field; what is too much are blanks in the one text field. A field without data is an
// empty word.
Result<std::vector<std::string_view>> words_of(std::string_view line, const std::vector<Shown>& fields) {
    std::vector<std::string_view> words;
    for (auto rest = line;;) {
        const auto end = rest.find(' ');
        words.push_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (words.size() == fields.size()) return words;
    const auto text = std::ranges::find(fields, Shown::text);
    if (words.size() < fields.size() || text == fields.end() || std::ranges::count(fields, Shown::text) > 1)
        return fail(ErrorCode::malformed,
                    fmt::format("{} fields where the template has {}", words.size(), fields.size()));
    const auto at = static_cast<std::ptrdiff_t>(text - fields.begin());
    const auto extra = static_cast<std::ptrdiff_t>(words.size() - fields.size());
    auto& first = words[static_cast<std::size_t>(at)];
    const auto& last = words[static_cast<std::size_t>(at + extra)];
    first = {first.data(), static_cast<std::size_t>(last.data() - first.data()) + last.size()};
    words.erase(words.begin() + at + 1, words.begin() + at + 1 + extra);
    return words;
}

// "sha256:hex" becomes "sha256:" NUL digest; "ima:sha256:hex" likewise.
Result<Bytes> named_digest(std::string_view word) {
    const auto colon = word.rfind(':');
    if (colon == std::string_view::npos)
        return fail(ErrorCode::malformed, "file digest without an algorithm");
    const auto digest = TRY(from_hex(word.substr(colon + 1), Digest::kMaxSize));
    return ByteWriter().text(word.substr(0, colon + 1)).u8(0).bytes(digest).take();
}

template <typename T>
Result<T> decimal(std::string_view word) {
    T value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size())
        return fail(ErrorCode::malformed, "expected a decimal number");
    return value;
}

Result<Bytes> field_data(Shown shown, std::string_view word) {
    // Only a name always has its NUL; any other field that shows nothing has no data.
    if (word.empty() && shown != Shown::text) return Bytes{};
    switch (shown) {
        case Shown::digest:
        case Shown::hex:
            return from_hex(word, kHexField);
        case Shown::named_digest:
            return named_digest(word);
        case Shown::text:
        case Shown::list:
            return ByteWriter().text(word).u8(0).take();
        case Shown::wide_number:
            return ByteWriter().u32le(TRY(decimal<std::uint32_t>(word))).take();
        case Shown::number:
            return ByteWriter().u16le(TRY(decimal<std::uint16_t>(word))).take();
    }
    return Bytes{};
}

// The template "ima": its fields stand without lengths but for that of the name, which has no NUL.
Result<Bytes> old_data(std::string_view line) {
    const auto digest = TRY(from_hex(next_word(line), digest_size(HashAlgorithm::sha1)));
    if (digest.size() != digest_size(HashAlgorithm::sha1))
        return fail(ErrorCode::malformed, "file digest is not SHA-1");
    if (line.size() > 255) return fail(ErrorCode::limit, "file name is longer than 255 bytes");
    return ByteWriter().bytes(digest).u32le(static_cast<std::uint32_t>(line.size())).text(line).take();
}

Result<Bytes> template_data(std::string_view name, std::string_view line) {
    if (name == "ima") return old_data(line);
    const auto fields = TRY(fields_of(name));
    const auto words = TRY(words_of(line, fields));
    ByteWriter out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto data = TRY(field_data(fields[i], words[i]));
        out.u32le(static_cast<std::uint32_t>(data.size())).bytes(data);
    }
    return out.take();
}

struct Line {
    std::uint32_t pcr = 0;
    Digest digest;
    std::string_view name;
    Bytes data;
};

Result<HashAlgorithm> algorithm_of(std::size_t size) {
    for (const auto each :
         {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
        if (digest_size(each) == size) return each;
    }
    return fail(ErrorCode::malformed, fmt::format("template digest of {} bytes", size));
}

Result<Line> parse_line(std::string_view line) {
    Line out;
    auto pcr = next_word(line);
    while (pcr.empty() && !line.empty()) pcr = next_word(line);  // "%2d": a leading space below 10
    const auto index = decimal<std::uint32_t>(pcr);
    if (!index || *index >= kPcrCount) return fail(ErrorCode::malformed, "PCR index");
    out.pcr = *index;
    const auto digest = TRY(from_hex(next_word(line), Digest::kMaxSize));
    out.digest = TRY(Digest::from_bytes(TRY(algorithm_of(digest.size())), digest));
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
        if (line && index > 0 && line->digest.algorithm() != log.entries_.front().template_digest.algorithm())
            line = fail(ErrorCode::malformed, "a template digest of another size than those before");
        if (!line) {
            line.error().offset = at;
            return std::unexpected(
                with_context(std::move(line), fmt::format("IMA list: line {}", index + 1)).error());
        }
        log.rebuilt_.push_back(std::move(line->data));
        log.entries_.push_back({static_cast<std::uint32_t>(index), at, line->pcr, line->digest, line->name,
                                log.rebuilt_.back()});
        at = end + 1;
    }
    log.end_ = {log.entries_.size(), list.size()};
    return log;
}

}  // namespace assay::tcg
