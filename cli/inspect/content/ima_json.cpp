#include "cli/inspect/content/ima_json.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/ima/ima_signature.h"

namespace assay::cli {
namespace {

constexpr std::array kImaBanks{HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384,
                               HashAlgorithm::sha512};

bool looks_like_text(ByteView bytes) {
    // A binary list begins with a PCR's number in four bytes.
    const auto is_text = [](std::byte byte) { return byte >= std::byte{' '} && byte < std::byte{0x7f}; };
    return bytes.size() >= 2 && is_text(bytes[0]) && is_text(bytes[1]);
}

std::string hash_text(const tcg::ImaFields& fields) {
    return fmt::format("{}{}:{}", fields.is_verity ? "verity:" : "", printable(fields.file_hash_name),
                       to_hex(fields.file_hash));
}

Json signature_json(ByteView bytes) {
    const auto signature = tcg::parse_ima_signature(bytes);
    if (!signature) return {{"bytes", bytes.size()}, {"unread", describe(signature.error())}};
    const bool verity = signature->kind == tcg::ImaSignature::Kind::verity;
    return {{"bytes", bytes.size()},
            {"kind", verity ? "verity" : "file"},
            {"hash", to_string(signature->hash)},
            {"key_id", to_hex(signature->key_id)}};
}

Json entry_json(const tcg::ParsedImaEntry& entry) {
    Json out{{"index", entry.index},
             {"offset", entry.offset},
             {"pcr", entry.pcr},
             {"template", printable(entry.template_name)},
             {"template_digest", entry.template_digest.hex()},
             {"violation", entry.is_violation()},
             {"digest_covers_data", tcg::ima_digest_covers_data(entry)}};
    const auto fields = tcg::ima_fields(entry);
    if (!fields) {
        out["unread"] = describe(fields.error());
        return out;
    }
    out["path"] = printable(fields->path);
    out["file_hash"] = hash_text(*fields);
    if (!fields->signature.empty()) out["signature"] = signature_json(fields->signature);
    if (!fields->appended_signature.empty())
        out["appended_signature_bytes"] = fields->appended_signature.size();
    if (!fields->buffer.empty()) out["buffer_bytes"] = fields->buffer.size();
    return out;
}

/// PCR by PCR, after the whole list. A bank of another algorithm than the list's is that of the data itself.
Json replayed_json(const tcg::ParsedImaLog& list) {
    Json out = Json::object();
    for (const auto bank : kImaBanks) {
        std::map<std::uint32_t, Digest> values;
        for (const auto& entry : list.unverified_entries()) {
            const auto slot = values.try_emplace(entry.pcr, tcg::ima_boot_state(bank).value).first;
            slot->second = extend(slot->second, tcg::ima_extended_digest(entry, bank));
        }
        auto& pcrs = out[to_string(bank)] = Json::object();
        for (const auto& [pcr, value] : values) pcrs[std::to_string(pcr)] = value.hex();
    }
    return out;
}

std::size_t count_of(const tcg::ParsedImaLog& list, bool (*which)(const tcg::ParsedImaEntry&)) {
    return static_cast<std::size_t>(std::ranges::count_if(list.unverified_entries(), which));
}

std::size_t violations_in(const tcg::ParsedImaLog& list) {
    return count_of(list, [](const auto& entry) { return entry.is_violation(); });
}

std::size_t edited_in(const tcg::ParsedImaLog& list) {
    return count_of(
        list, [](const auto& entry) { return !entry.is_violation() && !tcg::ima_digest_covers_data(entry); });
}

}  // namespace

Result<ImaFile> read_ima_file(ByteView bytes) {
    if (looks_like_text(bytes)) {
        auto list = TRY(tcg::parse_ima_ascii(as_text(bytes)));
        return ImaFile{true, std::move(list)};
    }
    auto first = tcg::parse_ima_log(bytes);
    if (first) return ImaFile{false, std::move(*first)};
    for (const auto algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
        if (auto other = tcg::parse_ima_log(bytes, algorithm)) return ImaFile{false, std::move(*other)};
    }
    return std::unexpected(first.error());
}

Json ima_json(const tcg::ParsedImaLog& list) {
    Json out{{"kind", "ima-list"},
             {"verified", false},
             {"count", list.unverified_entries().size()},
             {"violations", violations_in(list)},
             {"edited", edited_in(list)},
             {"pcrs", replayed_json(list)},
             {"boot_aggregate", nullptr},
             {"entries", Json::array()}};
    if (const auto aggregate = tcg::boot_aggregate(list)) out["boot_aggregate"] = hash_text(*aggregate);
    if (list.start().entries != 0)
        out["after"] = {{"entries", list.start().entries}, {"offset", list.start().offset}};
    auto& entries = out["entries"];
    // As text at once: a list of a million entries is no million objects.
    for (const auto& entry : list.unverified_entries())
        entries.push_back(Json::encoded(entry_json(entry).dump()));
    return out;
}

void print_ima(const tcg::ParsedImaLog& list) {
    fmt::print("{} entries, {} violations, {} whose digest is not that of their data; nothing is verified\n",
               list.unverified_entries().size(), violations_in(list), edited_in(list));
    fmt::print("{:>6} {:>3}  {:<10} {:<72} {}\n", "ENTRY", "PCR", "TEMPLATE", "FILE HASH", "PATH");
    for (const auto& entry : list.unverified_entries()) {
        const auto fields = tcg::ima_fields(entry);
        const auto note = entry.is_violation()                   ? "  (a violation: no content is known)"
                          : !tcg::ima_digest_covers_data(entry)  ? "  (edited: the digest is of other data)"
                          : fields && !fields->signature.empty() ? "  (signed)"
                                                                 : "";
        fmt::print("{:>6} {:>3}  {:<10} {:<72} {}{}\n", entry.index, entry.pcr, cell(entry.template_name),
                   fields ? hash_text(*fields) : "-", fields ? cell(fields->path) : describe(fields.error()),
                   note);
    }
}

Result<Json> inspect_ima(ByteView bytes) {
    const auto file = TRY(read_ima_file(bytes));
    auto out = ima_json(file.list);
    out["form"] = file.is_text ? "ascii" : "binary";
    return out;
}

}  // namespace assay::cli
