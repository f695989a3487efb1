#include "verifier/appraisal/vendor_judgement.h"

#include <fmt/core.h>

#include "evidence/wire/section_names.h"

namespace assay {

using vendors::Decision;
using vendors::Resolution;

vendors::Approval VendorJudgement::approval(const std::string& entity) const {
    return examined_.inputs.vendors.approval(entity, component_, examined_.inputs.now);
}

bool VendorJudgement::judge_if_known(const Resolution& maker, std::string subject, std::string what,
                                     std::string evidence) {
    if (maker.outcome != Resolution::Outcome::known) return false;
    const auto decided = approval(maker.entity);
    if (decided.decision == Decision::allow || !said_.emplace(subject, maker.entity).second) return true;
    const bool denied = decided.decision == Decision::deny;
    judge_.finds(
        denied ? findings::vendor_unapproved : findings::vendor_undecided,
        denied ? Tier::contraindicated : Tier::warning, examined_.basis(),
        {.subject = std::move(subject),
         .expected = fmt::format("an approved {} maker", vendors::to_string(component_)),
         .actual = fmt::format("{} ({}): {}{}{} [{}]", shown(maker.legal_name), what,
                               vendors::to_string(decided.decision), decided.reason.empty() ? "" : ", ",
                               shown(decided.reason), shown(decided.where)),
         .evidence = std::move(evidence)});
    return true;
}

bool VendorJudgement::judge(const Resolution& maker, std::string subject, std::string what,
                            std::string evidence) {
    if (maker.outcome == Resolution::Outcome::known) {
        return judge_if_known(maker, std::move(subject), std::move(what), std::move(evidence));
    }
    const bool placeholder = maker.outcome == Resolution::Outcome::placeholder;
    judge_.finds(findings::vendor_unknown, Tier::warning, examined_.basis(),
                 {.subject = std::move(subject),
                  .expected = fmt::format("an approved {} maker", vendors::to_string(component_)),
                  .actual = what + (placeholder ? ", a placeholder" : ", in no vendor file"),
                  .evidence = std::move(evidence)});
    return false;
}

bool VendorJudgement::pci_vendor_is_allowed(std::uint16_t vendor) {
    const auto [kept, is_new] = pci_allowed_.try_emplace(vendor, false);
    if (is_new) {
        const auto maker = vendors().resolve(vendors::Namespace::pci, pci_hex(vendor));
        kept->second =
            maker.outcome == Resolution::Outcome::known && approval(maker.entity).decision == Decision::allow;
    }
    return kept->second;
}

std::string pci_hex(std::uint16_t id) {
    return fmt::format("{:04x}", id);
}

void judge_smbios_structures(const Examined& examined, Judge& judge, std::uint8_t type, std::string_view noun,
                             const std::function<void(const smbios::Structure&)>& each) {
    const auto& tables = examined.claims.tables;
    if (!tables) return judge.lacks(examined, section::kSmbios);
    std::size_t seen = 0;
    for (const auto& structure : tables->structures) {
        if (structure.type != type) continue;
        ++seen;
        each(structure);
    }
    if (seen == 0) return judge.nothing_to_judge(fmt::format("the SMBIOS table has no {}", noun));
    judge.holds(examined.basis(),
                fmt::format("{} {} structure{} of SMBIOS", seen, noun, seen == 1 ? "" : "s"));
}

void judge_smbios_maker(const Examined& examined, Judge& judge, vendors::Component component,
                        const smbios::Structure& structure, std::string_view maker, std::string_view what) {
    VendorJudgement judgement(examined, judge, component);
    judgement.judge(judgement.vendors().resolve(vendors::Namespace::smbios, maker), std::string(what),
                    fmt::format("'{}'", shown(maker)),
                    fmt::format("smbios: handle {:#06x}", structure.handle));
}

}  // namespace assay
