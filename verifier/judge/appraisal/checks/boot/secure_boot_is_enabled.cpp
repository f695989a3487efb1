#include <fmt/core.h>

#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// Only data that the quote vouches for counts (PFP 1.06, 3.3.4.8): an event's type and data can be edited
// without a trace elsewhere.
void judge_secure_boot(const Examined& examined, Judge& judge) {
    const auto& logs = examined.logs;
    if (!logs.boot) return judge.report_absent(examined, section::kBootEventLog);
    const auto& log = logs.boot->log();
    const auto state = tcg::secure_boot_state(*logs.boot);
    const auto about = [&](std::string evidence) {
        return judge.about(logs.basis, "Secure Boot", std::move(evidence));
    };
    const auto place = [&](const std::vector<std::uint32_t>& events) {
        return events.empty() ? fmt::format("{}: PCR 7", section::kBootEventLog)
                              : event_place(log, events.front());
    };
    if (state.contradictory) {
        about(place(state.variable_events))
            .report(findings::secure_boot_contradictory, Tier::contraindicated,
                    "one value of the variable SecureBoot", "values that differ");
    } else if (!state.enabled) {
        about(place(state.unverified))
            .report(findings::secure_boot_unknown, Tier::none, "a verified variable SecureBoot under PCR 7",
                    fmt::format("none; PCR 7: {}", tcg::to_string(state.pcr7)));
    } else if (!*state.enabled) {
        about(event_place(log, *state.event))
            .report(findings::secure_boot_disabled,
                    examined.inputs.policy.secure_boot_required ? Tier::contraindicated : Tier::warning, "on",
                    "off");
    } else {
        judge.covered(logs.basis, 1, "Secure Boot is on: " + event_place(log, *state.event));
    }
    for (const auto event : state.unreadable) {
        about(event_place(log, event))
            .report(findings::secure_boot_unknown, Tier::none, "variables under PCR 7 that can be read",
                    "one that cannot be: it may be SecureBoot");
    }
    for (const auto event : state.after_separator) {
        const auto type = log.unverified_events()[event].unverified_type;
        if (type == tcg::EV_EFI_VARIABLE_AUTHORITY) continue;
        about(event_place(log, event))
            .report(findings::secure_boot_order, Tier::warning,
                    "only EV_EFI_VARIABLE_AUTHORITY behind the separator of PCR 7",
                    tcg::event_type_name(type));
    }
    if (state.pcr7 == tcg::PcrAgreement::match && state.separators.size() != 1) {
        about(place(state.separators))
            .report(findings::secure_boot_order, Tier::warning, "one separator in PCR 7",
                    fmt::format("{} separators", state.separators.size()));
    }
}

}  // namespace

const Check checks::secure_boot_is_enabled{
    .claim = TrustClaim::configuration, .required = true, .judge = judge_secure_boot};

}  // namespace assay::judge
