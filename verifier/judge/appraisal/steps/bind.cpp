#include "verifier/judge/appraisal/steps/bind.h"

#include "evidence/wire/section/section_names.h"

namespace assay::judge {
namespace {

template <typename T>
Decoded<T> take(NamedSections& sections, std::string_view name, Result<T> (*decode)(ByteView)) {
    const auto made = [&]() -> Result<Decoded<T>> {
        if (const auto held = sections.find_held(name)) return held->decoded(decode);
        const auto bytes = sections.find(name);
        if (!bytes) return Decoded<T>();
        return std::make_shared<const T>(TRY(decode(*bytes)));
    }();
    if (made) return *made;
    sections.mark_malformed(name, made.error());
    return nullptr;
}

/// The raw firmware table inside the section, and what borrows it.
struct ParsedTables {
    SmbiosSection raw;
    smbios::Smbios tables;
};

Result<ParsedTables> decode_tables(ByteView section) {
    ParsedTables out;
    out.raw = TRY(decode_smbios_section(section));
    out.tables = TRY(smbios::parse_smbios(out.raw.entry_point, out.raw.table));
    return out;
}

Decoded<smbios::Smbios> take_tables(NamedSections& sections) {
    auto parsed = take(sections, section::kSmbios, decode_tables);
    if (!parsed) return nullptr;
    const auto* tables = &parsed->tables;
    return {std::move(parsed), tables};
}

Result<std::vector<BoundFunction>> decode_functions(ByteView section) {
    auto functions = TRY(decode_pci_section(section));
    std::vector<BoundFunction> out;
    out.reserve(functions.size());
    for (auto& function : functions) {
        auto config = pci::parse_config(function.config);
        auto& made = out.emplace_back();
        made.function = std::move(function);
        if (config) {
            made.config = std::move(*config);
        } else {
            made.problem = describe(config.error());
        }
    }
    return out;
}

void take_journal(NamedSections& sections, BoundClaims& claims) {
    claims.journal = take(sections, section::kJournal, decode_journal_section);
    if (!claims.journal) return;
    claims.journal_records.reserve(claims.journal->records.size());
    for (const auto& bytes : claims.journal->records) {
        auto& bound = claims.journal_records.emplace_back();
        bound.digest = journal_digest(bytes);
        auto record = decode_journal_record(bytes);
        if (record) {
            bound.record = std::move(*record);
        } else {
            bound.problem = describe(record.error());
        }
    }
}

}  // namespace

BoundClaims bind(const Authentication& authentication, NamedSections& sections) {
    BoundClaims claims;
    claims.basis = authentication.verified ? Basis::bound : Basis::self_reported;
    claims.tables = take_tables(sections);
    claims.pci = take(sections, section::kPci, decode_functions);
#define CLAIM_SECTION(id, constant, name, type) claims.id = take(sections, name, decode_##id##_section);
#include "evidence/wire/section/sections.inc"
    take_journal(sections, claims);
    if (const auto gaps = take(sections, section::kGaps, decode_gaps_section)) sections.set_gaps(*gaps);
    return claims;
}

}  // namespace assay::judge
