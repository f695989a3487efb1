#include "verifier/appraisal/bind.h"

#include "evidence/wire/section_names.h"

namespace assay {
namespace {

template <typename T>
void take(NamedSections& sections, std::string_view name, Result<T> (*decode)(ByteView),
          std::optional<T>& into) {
    const auto bytes = sections.find(name);
    if (!bytes) return;
    auto value = decode(*bytes);
    if (value) {
        into = std::move(*value);
    } else {
        sections.mark_malformed(name, value.error());
    }
}

// The raw firmware table inside the section.
void take_tables(NamedSections& sections, BoundClaims& claims) {
    if (!claims.smbios) return;
    auto tables = smbios::parse_smbios(claims.smbios->entry_point, claims.smbios->table);
    if (tables) {
        claims.tables = std::move(*tables);
    } else {
        sections.mark_malformed(section::kSmbios, tables.error());
    }
}

void take_pci(NamedSections& sections, BoundClaims& claims) {
    std::optional<std::vector<PciFunction>> functions;
    take(sections, section::kPci, decode_pci_section, functions);
    if (!functions) return;
    auto& bound = claims.pci.emplace();
    bound.reserve(functions->size());
    for (auto& function : *functions) {
        auto config = pci::parse_config(function.config);
        auto& made = bound.emplace_back();
        made.function = std::move(function);
        if (config) {
            made.config = std::move(*config);
        } else {
            made.problem = describe(config.error());
        }
    }
}

void take_journal(NamedSections& sections, BoundClaims& claims) {
    take(sections, section::kJournal, decode_journal_section, claims.journal);
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
    take(sections, section::kSmbios, decode_smbios_section, claims.smbios);
    take_tables(sections, claims);
    take_pci(sections, claims);
    take(sections, section::kStorage, decode_storage_section, claims.storage);
    take(sections, section::kNetwork, decode_network_section, claims.network);
    take(sections, section::kCpu, decode_cpu_section, claims.cpu);
    take(sections, section::kBmc, decode_bmc_section, claims.bmc);
    take(sections, section::kEsrt, decode_esrt_section, claims.esrt);
    take(sections, section::kUsb, decode_usb_section, claims.usb);
    take(sections, section::kChassis, decode_chassis_section, claims.chassis);
    take(sections, section::kKernel, decode_kernel_section, claims.kernel);
    take(sections, section::kTpm, decode_tpm_section, claims.tpm);
    take(sections, section::kClock, decode_clock_section, claims.clock);
    take_journal(sections, claims);
    std::optional<std::vector<Gap>> gaps;
    take(sections, section::kGaps, decode_gaps_section, gaps);
    if (gaps) sections.set_gaps(std::move(*gaps));
    return claims;
}

}  // namespace assay
