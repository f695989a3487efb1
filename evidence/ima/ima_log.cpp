#include "evidence/ima/ima_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kTemplateName = 256;  // MAX_TEMPLATE_NAME_LEN is 255 and a NUL
constexpr std::size_t kSha1 = 20;
constexpr std::size_t kLeastEntry = 4 + kSha1 + 4 + 1 + 4;
constexpr std::string_view kOldTemplate = "ima";
constexpr std::size_t kOldNameArea =
    256;  // IMA_EVENT_NAME_LEN_MAX + 1: what the old template hashes of the name

// The old template has no length of its own: a digest, then a length and a name.
ByteView old_template_data(ByteReader& in, ByteView list) {
    const auto begin = in.offset();
    in.bytes(kSha1, "file digest");
    const std::size_t name_size = in.u32le("file name length");
    in.bytes(name_size, kOldNameArea, "file name");
    return in.ok() ? list.subspan(begin, in.offset() - begin) : ByteView{};
}

ParsedImaEntry binary_entry(ByteReader& in, ByteView list, HashAlgorithm template_hash) {
    ParsedImaEntry entry;
    entry.offset = in.offset();
    const auto pcr_offset = in.offset();
    entry.pcr = in.u32le("PCR index");
    if (entry.pcr >= kPcrCount)
        in.fail_at(pcr_offset, ErrorCode::malformed, fmt::format("PCR index {}", entry.pcr));
    const auto digest = in.bytes(digest_size(template_hash), "template digest");
    const auto name_offset = in.offset();
    const std::size_t name_size = in.u32le("template name length");
    entry.template_name = as_text(in.bytes(name_size, kTemplateName, "template name"));
    if (in.ok() && entry.template_name.empty())
        in.fail_at(name_offset, ErrorCode::malformed, "empty template name");
    if (!in.ok()) return entry;
    entry.template_digest = *Digest::from_bytes(template_hash, digest);  // read as its size
    if (entry.template_name == kOldTemplate) {
        entry.template_data = old_template_data(in, list);
    } else {
        const std::size_t size = in.u32le("template data length");
        entry.template_data = in.bytes(size, limits::kEventData, "template data");
    }
    return entry;
}

}  // namespace

Result<ParsedImaLog> parse_ima_log(ByteView list, HashAlgorithm template_hash, ImaPosition start) {
    if (list.size() > limits::kSection) {
        return fail(ErrorCode::limit,
                    fmt::format("IMA list: {} bytes, at most {} allowed", list.size(), limits::kSection));
    }
    if (start.entries > limits::kImaEntries) return fail(ErrorCode::limit, "IMA list: too many entries");
    auto index = start.entries;
    auto parsed = parse_exact(list, "IMA list", [list, template_hash, start, &index](ByteReader& in) {
        ParsedImaLog log;
        log.start_ = start;
        log.entries_.reserve(std::min(list.size() / 96, limits::kImaEntries));
        while (in.ok() && !in.empty()) {
            index = start.entries + log.entries_.size();
            if (index >= limits::kImaEntries) {
                in.fail_here(ErrorCode::limit, fmt::format("more than {} entries", limits::kImaEntries));
            } else if (in.remaining() < kLeastEntry) {
                in.fail_here(ErrorCode::truncated, fmt::format("entry: {} bytes left", in.remaining()));
            }
            auto entry = binary_entry(in, list, template_hash);
            entry.index = static_cast<std::uint32_t>(index);
            entry.offset += start.offset;
            if (in.ok()) log.entries_.push_back(entry);
        }
        log.end_ = {start.entries + log.entries_.size(), start.offset + list.size()};
        return log;
    });
    if (!parsed && parsed.error().offset) *parsed.error().offset += start.offset;
    return with_context(std::move(parsed), fmt::format("entry {}", index));
}

std::size_t ParsedImaLog::offset_behind(std::size_t entries) const {
    const auto at = entries - std::min(entries, start_.entries);
    return at < entries_.size() ? entries_[at].offset : end_.offset;
}

// ima_calc_field_array_hash_tfm: fields with their lengths, as in the list; the old template pads its name
// instead.
Digest ima_extended_digest(const ParsedImaEntry& entry, HashAlgorithm bank) {
    if (entry.is_violation()) return Digest::filled(bank, std::byte{0xff});
    return bank == entry.template_digest.algorithm() ? entry.template_digest : ima_data_digest(entry, bank);
}

Digest ima_data_digest(const ParsedImaEntry& entry, HashAlgorithm bank) {
    if (entry.template_name != kOldTemplate) return hash(bank, {entry.template_data});
    constexpr std::array<std::byte, kOldNameArea> zeros{};
    const auto name = entry.template_data.subspan(kSha1 + 4);
    return hash(bank,
                {entry.template_data.first(kSha1), name, ByteView(zeros).first(kOldNameArea - name.size())});
}

bool ima_digest_covers_data(const ParsedImaEntry& entry) {
    return !entry.is_violation() &&
           ima_data_digest(entry, entry.template_digest.algorithm()) == entry.template_digest;
}

ImaReplayState ima_boot_state(HashAlgorithm bank) {
    return {0, Digest::filled(bank, std::byte{0})};
}

std::string_view to_string(ImaAgreement agreement) {
    switch (agreement) {
        case ImaAgreement::match:
            return "match";
        case ImaAgreement::runs_ahead:
            return "runs-ahead";
        case ImaAgreement::differs:
            return "differs";
    }
    return "differs";
}

ImaMatch match_ima(const ParsedImaLog& list, HashAlgorithm bank, std::uint32_t pcr,
                   const ImaReplayState& from, const Digest& quoted) {
    ImaMatch match;
    match.whole = from;
    const auto start = list.start().entries;
    if (from.entries < start || from.entries > list.end().entries) return match;
    const auto entries = list.unverified_entries().subspan(from.entries - start);
    bool found = from.value == quoted;
    if (found) match.verified = from;
    for (const auto& entry : entries) {
        ++match.whole.entries;
        if (entry.pcr == pcr) match.whole.value = extend(match.whole.value, ima_extended_digest(entry, bank));
        if (match.whole.value != quoted) continue;
        // Entries of other PCRs behind the last that counts are not part of what the quote covers.
        if (!found || entry.pcr == pcr) match.verified = match.whole;
        found = true;
    }
    if (!found) return match;
    const auto rest = entries.subspan(match.verified.entries - from.entries);
    const bool complete = std::ranges::none_of(rest, [pcr](const auto& entry) { return entry.pcr == pcr; });
    match.agreement = complete ? ImaAgreement::match : ImaAgreement::runs_ahead;
    for (const auto& entry : entries.first(match.verified.entries - from.entries)) {
        if (entry.pcr != pcr) continue;
        if (entry.is_violation()) {
            match.violations.push_back(entry.index);
        } else if (!ima_digest_covers_data(entry)) {
            match.edited.push_back(entry.index);
        }
    }
    return match;
}

std::optional<ImaFields> boot_aggregate(const ParsedImaLog& list) {
    const auto entries = list.unverified_entries();
    if (list.start().entries != 0 || entries.empty() || entries.front().is_violation()) return std::nullopt;
    const auto fields = ima_fields(entries.front());
    if (!fields || fields->path != "boot_aggregate") return std::nullopt;
    return *fields;
}

}  // namespace assay::tcg
