#include "verifier/judge/appraisal/facts/boot/boot_chain.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"

namespace assay::judge {

Result<BootChain> boot_chain_of(const SavedBundle& bundle) {
    const vendors::VendorDb vendors;
    const TpmTrust trust;
    Policy policy;
    policy.pcr_selection = bundle.challenge.selection;
    const Context context{bundle.challenge, bundle.known_host,         bundle.sessions, vendors, trust,
                          policy,           bundle.challenge.issued_at};
    return boot_chain_of(open_evidence(bundle.evidence, context));
}

Result<BootChain> boot_chain_of(const OpenedEvidence& opened) {
    if (!opened.failure().empty()) return fail(ErrorCode::internal, shown(opened.failure()));
    const auto& authentication = opened.authentication();
    const auto& sections = opened.sections();
    const auto& logs = opened.logs();
    if (logs.basis != Basis::quoted) {
        const auto& findings = authentication.findings;
        const auto why = std::ranges::find(findings, Tier::contraindicated, &Finding::tier);
        return fail(ErrorCode::refused,
                    "the quote does not vouch for the PCRs: " +
                        (why != findings.end() ? why->subject + ": " + why->actual
                                               : std::string("the PCR values are not the quoted ones")));
    }
    if (!logs.boot)
        return fail(ErrorCode::not_found,
                    "no boot event log: " + sections.why_absent(section::kBootEventLog));
    BootChain chain{
        .bank = logs.bank, .measurements = {}, .values = logs.values, .unexplained = {}, .model = {}};
    for (const auto& comparison : logs.boot->comparisons()) {
        if (comparison.events != 0 && comparison.agreement != tcg::PcrAgreement::match)
            chain.unexplained.push_back(comparison.pcr);
    }
    for (const auto& [event, digest, data] : logs.boot->verified()) {
        chain.measurements.push_back(
            {.pcr = event.pcr,
             .event = event.index,
             .type = event.unverified_type,
             .digest = digest,
             .what = event_text(event),
             .covered = logs.boot->coverage(event).coverage == tcg::DataCoverage::covered,
             .data = to_bytes(event.unverified_data)});
    }
    const auto& claims = opened.claims();
    if (claims.tables) chain.model = host_model(*claims.tables);
    return chain;
}

BootChain boot_chain_of(const vendors::ReferenceSet& set) {
    BootChain chain;
    if (!set.events.empty()) chain.bank = set.events.front().digest.algorithm();
    for (const auto& value : set.events) {
        if (!value.pcr || value.digest.algorithm() != chain.bank) continue;
        chain.measurements.push_back({.pcr = *value.pcr,
                                      .event = 0,
                                      .type = 0,
                                      .digest = value.digest,
                                      .what = value.what,
                                      .covered = false,
                                      .data = {}});
    }
    return chain;
}

Result<vendors::ReferenceSet> reference_of(const BootChain& chain, const std::vector<std::uint32_t>& pcrs) {
    vendors::ReferenceSet set;
    for (const auto pcr : pcrs) {
        if (pcr >= tcg::kPcrCount || !chain.values.at(pcr))
            return fail(ErrorCode::refused, fmt::format("PCR {} was not quoted; leave it out", pcr));
        if (std::ranges::find(chain.unexplained, pcr) != chain.unexplained.end())
            return fail(ErrorCode::refused,
                        fmt::format("PCR {}: its events do not replay to the quoted value; leave it out, or "
                                    "capture another host",
                                    pcr));
        const auto before = set.events.size();
        for (const auto& each : chain.measurements) {
            if (each.pcr == pcr) set.events.push_back({pcr, each.digest, each.what, {}});
        }
        const auto& value = *chain.values.at(pcr);
        const bool is_reset = value.is_filled_with(std::byte{0}) || value.is_filled_with(std::byte{0xff});
        if (set.events.size() == before && !is_reset) set.pcrs.push_back({pcr, value, "the whole PCR", {}});
    }
    if (set.events.empty() && set.pcrs.empty())
        return fail(ErrorCode::usage, "nothing was measured into these PCRs; name others");
    return set;
}

}  // namespace assay::judge
