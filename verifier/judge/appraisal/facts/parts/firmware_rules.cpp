#include "verifier/judge/appraisal/facts/parts/firmware_rules.h"

#include <algorithm>
#include <set>

#include "vendor-db/model/firmware.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

namespace assay::judge {
namespace {

using vendors::Component;
using vendors::FirmwareRule;

/// Who may answer for a part's firmware, and under which model a rule may name it.
struct Makers {
    std::set<std::string> entities;
    std::vector<std::string> models;

    void add(const vendors::VendorDb& db, const HostComponent& part, std::string_view product) {
        for (const auto& id : part.maker) {
            auto who = resolve(db, id, product);
            if (who.outcome != vendors::Resolution::Outcome::known) continue;
            entities.insert(std::move(who.entity));
            for (auto& other : who.others) entities.insert(std::move(other.entity));
        }
        models.push_back(part.model);
    }
    [[nodiscard]] bool are_covered_by(const FirmwareRule& rule, Component component) const {
        return std::ranges::any_of(entities, [&](const std::string& entity) {
            return std::ranges::any_of(models, [&](const std::string& model) {
                return vendors::covers(rule, entity, component, model);
            });
        });
    }
};

/// A BIOS is named by who wrote it, and rolled out by who sells the board or the system.
Makers makers_of(const vendors::VendorDb& vendors, const std::vector<HostComponent>& parts,
                 const HostComponent& part) {
    Makers out;
    const auto product = product_of(parts);
    out.add(vendors, part, product);
    if (part.kind != Component::bios) return out;
    for (const auto& other : parts) {
        if (other.kind == Component::board || other.kind == Component::system)
            out.add(vendors, other, product);
    }
    return out;
}

}  // namespace

std::vector<const FirmwareRule*> rules_about(const vendors::VendorDb& vendors,
                                             const std::vector<HostComponent>& parts,
                                             const HostComponent& part) {
    std::vector<const FirmwareRule*> out;
    const auto& rules = vendors.firmware();
    if (std::ranges::find(rules, part.kind, &FirmwareRule::component) == rules.end()) return out;
    const auto makers = makers_of(vendors, parts, part);
    for (const auto& rule : rules) {
        if (makers.are_covered_by(rule, part.kind)) out.push_back(&rule);
    }
    return out;
}

const std::string& version_of(const HostComponent& part, const FirmwareRule& rule) {
    return part.kind == Component::bios && rule.scheme == vendors::VersionScheme::date ? part.model
                                                                                       : part.revision;
}

}  // namespace assay::judge
