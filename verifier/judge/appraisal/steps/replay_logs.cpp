#include "verifier/judge/appraisal/steps/replay_logs.h"

#include <algorithm>

#include "evidence/tpm/judge_quote.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/event_log_cache.h"

namespace assay::judge {
namespace {

// A host quotes all PCRs that it has; which of them are judged is the policy's business.
tcg::PcrSelection judged_selection(const tcg::PcrSelection& quoted, const std::string& policy) {
    const auto wanted = tcg::pcr_selection_from_text(policy);
    if (!wanted) return quoted;  // the policy's reader lets none through
    tcg::PcrSelection judged;
    for (const auto& bank : quoted.banks())  // each is there once, and its PCRs are: nothing is refused
        static_cast<void>(judged.add_bank(bank.algorithm, bank.mask & wanted->mask(bank.algorithm)));
    return judged;
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
    logs.values_match_digest = tcg::judge_pcrs(quote, authentication.scheme_hash, values).match;
    // Values that a verified quote does not vouch for are used only where nothing else is vouched for either.
    if (authentication.verified && !logs.values_match_digest) return;
    for (unsigned pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        const auto* value = values.find(logs.bank, pcr);
        if (value != nullptr && logs.selection.contains(logs.bank, pcr)) logs.values.at(pcr) = *value;
    }
}

}  // namespace

ReplayedLogs replay_logs(const Context& inputs, const Authentication& authentication,
                         NamedSections& sections) {
    ReplayedLogs logs;
    if (authentication.unverified) {
        logs.selection = judged_selection(authentication.unverified->selection, inputs.policy.pcr_selection);
        logs.bank = judged_bank(logs.selection).value_or(HashAlgorithm::sha256);
    }
    take_values(logs, authentication, sections);
    if (authentication.verified && logs.values_match_digest) logs.basis = Basis::quoted;

    if (const auto bytes = sections.find(section::kBootEventLog)) {
        const auto log = digested_event_log(
            *bytes, *sections.entries().find(section::kBootEventLog)->second.actual, logs.bank);
        if (log) {
            logs.boot = tcg::ReplayedEventLog::against(*log, logs.values);
        } else {
            sections.mark_malformed(section::kBootEventLog, log.error());
        }
    }
    auto ima = follow_ima(inputs, authentication, logs.bank, logs.values.at(kImaPcr), sections);
    logs.ima = std::move(ima.progress);
    logs.ima_refused = std::move(ima.refused);
    return logs;
}

}  // namespace assay::judge
