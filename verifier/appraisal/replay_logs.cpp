#include "verifier/appraisal/replay_logs.h"

#include <algorithm>

#include "evidence/wire/section_names.h"

namespace assay {
namespace {

constexpr unsigned kImaPcr = 10;

// The bank that is judged: the strongest that the quote selects. SHA-1 is never one.
std::optional<HashAlgorithm> judged_bank(const tcg::PcrSelection& selection) {
    std::optional<HashAlgorithm> bank;
    for (const auto& each : selection.banks()) {
        if (each.algorithm != HashAlgorithm::sha1 && each.mask != 0 && (!bank || each.algorithm > *bank))
            bank = each.algorithm;
    }
    return bank;
}

void take_values(ReplayedLogs& logs, const Authentication& authentication, NamedSections& sections) {
    const auto bytes = sections.find(section::kPcrs);
    if (!bytes) return;
    auto decoded = decode_pcr_section(*bytes);
    if (!decoded) return sections.mark_malformed(section::kPcrs, decoded.error());
    logs.values_present = true;
    if (!authentication.unverified) return;
    tcg::PcrValues values;
    for (const auto& [bank, pcrs] : *decoded) {
        for (const auto& [index, value] : pcrs) {
            if (!values.set(index, value)) return;  // an index that no TPM has: the digest can't be made
        }
    }
    const auto& quote = *authentication.unverified;
    // A quote's digest is made by the hash of the signing scheme (TPM 2.0 Part 3, 18.4).
    if (const auto& scheme_hash = authentication.scheme_hash) {
        const auto digest = tcg::pcr_digest(quote.selection, values, *scheme_hash);
        logs.values_match_digest = digest && equal(digest->view(), quote.pcr_digest);
    }
    // Values that a verified quote does not vouch for are used only where nothing else is vouched for either.
    if (authentication.verified && !logs.values_match_digest) return;
    for (unsigned pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        const auto* value = values.find(logs.bank, pcr);
        if (value != nullptr && quote.selection.contains(logs.bank, pcr)) logs.values.at(pcr) = *value;
    }
}

}  // namespace

ReplayedLogs replay_logs(const Authentication& authentication, NamedSections& sections) {
    ReplayedLogs logs;
    if (authentication.unverified) {
        logs.selection = authentication.unverified->selection;
        logs.bank = judged_bank(logs.selection).value_or(HashAlgorithm::sha256);
    }
    take_values(logs, authentication, sections);
    if (authentication.verified && logs.values_match_digest) logs.basis = Basis::quoted;

    if (const auto bytes = sections.find(section::kBootEventLog)) {
        auto parsed = tcg::parse_event_log(*bytes);
        if (parsed) {
            logs.boot = tcg::ReplayedEventLog::against(std::move(*parsed), logs.bank, logs.values);
        } else {
            sections.mark_malformed(section::kBootEventLog, parsed.error());
        }
    }
    if (const auto bytes = sections.find(section::kImaLog)) {
        auto parsed = tcg::parse_ima_log(*bytes);
        if (parsed) {
            logs.ima = std::move(*parsed);
            if (const auto& quoted = logs.values.at(kImaPcr)) {
                logs.ima_match =
                    tcg::match_ima(*logs.ima, logs.bank, kImaPcr, tcg::ima_boot_state(logs.bank), *quoted);
            }
        } else {
            sections.mark_malformed(section::kImaLog, parsed.error());
        }
    }
    return logs;
}

}  // namespace assay
