#include <algorithm>

#include <fmt/core.h>

#include "evidence/certificate/platform/platform_judgement.h"

namespace assay::tcg {
namespace {

using namespace platform_judgement;
using Components = std::vector<PlatformComponent>;

bool same_kind(const PlatformComponent& a, const PlatformComponent& b) {
    return a.registry == b.registry && a.class_value == b.class_value && a.manufacturer == b.manufacturer &&
           a.model == b.model;
}

bool same_part(const PlatformComponent& a, const PlatformComponent& b) {
    return same_kind(a, b) && a.serial == b.serial;
}

bool has_serial(const PlatformComponent& component) {
    return component.serial && !component.serial->empty();
}

struct Found {
    Components::iterator at;
    bool ambiguous = false;
};

/// The component that a delta speaks of: by its serial where the delta names one. Without a serial it is the
/// only one of its kind, or any of several that have no serial either and so do not differ.
Found find(Components& components, const PlatformComponent& asked) {
    if (has_serial(asked)) {
        return {std::ranges::find_if(components, [&](const auto& each) { return same_part(each, asked); })};
    }
    const auto matches = [&](const PlatformComponent& each) { return same_kind(each, asked); };
    const auto first = std::ranges::find_if(components, matches);
    const bool differ =
        std::ranges::count_if(components, matches) > 1 &&
        std::ranges::any_of(components, [&](const auto& each) { return matches(each) && has_serial(each); });
    return {first, differ};
}

/// Applies one delta after the other, and knows what was removed before.
class Applier {
  public:
    explicit Applier(PlatformVerdict& verdict) : verdict_(verdict) {}

    void apply(const PlatformCertificate& delta) {
        for (const auto& component : delta.components) change(name_of(delta), component);
    }

  private:
    void change(const std::string& delta, const PlatformComponent& asked) {
        const auto text = delta + ": " + component_text(asked);
        if (!asked.status) return verdict_.add(delta_without_status, text);
        if (*asked.status == ComponentStatus::added) return add(text, asked);
        const auto found = find(verdict_.components, asked);
        if (found.ambiguous) return verdict_.add(delta_is_ambiguous, text);
        if (found.at == verdict_.components.end()) {
            return verdict_.add(delta_changes_what_is_not_there, text);
        }
        if (*asked.status == ComponentStatus::removed) {
            removed_.push_back(std::move(*found.at));
            verdict_.components.erase(found.at);
            return;
        }
        *found.at = asked;
        found.at->status.reset();
    }

    void add(const std::string& text, const PlatformComponent& asked) {
        const auto same = [&](const PlatformComponent& each) { return same_part(each, asked); };
        if (std::ranges::any_of(removed_, same)) verdict_.add(delta_adds_what_was_removed, text);
        if (has_serial(asked) && std::ranges::any_of(verdict_.components, same)) {
            return verdict_.add(delta_adds_what_is_there, text);
        }
        verdict_.components.push_back(asked);
        verdict_.components.back().status.reset();
    }

    PlatformVerdict& verdict_;
    Components removed_;
};

bool same_where_known(const std::string& a, const std::string& b) {
    return a.empty() || b.empty() || a == b;
}

bool same_platform(const PlatformCertificate::Platform& a, const PlatformCertificate::Platform& b) {
    return same_where_known(a.manufacturer, b.manufacturer) && same_where_known(a.model, b.model) &&
           same_where_known(a.serial, b.serial);
}

}  // namespace

std::string component_text(const PlatformComponent& component) {
    std::string text;
    if (component.class_value) {
        text = fmt::format("class {}{}{:08x}, ", component.registry, component.registry.empty() ? "" : ":",
                           *component.class_value);
    }
    text += component.manufacturer + " " + component.model;
    if (has_serial(component)) text += ", serial " + component.serial.value_or("");
    return text;
}

void platform_judgement::apply_deltas(const PlatformCertificate& base,
                                      std::vector<const PlatformCertificate*> deltas,
                                      PlatformVerdict& verdict) {
    for (const auto& component : base.components) {
        if (component.status) verdict.add(base_has_status, component_text(component));
    }
    verdict.components = base.components;
    // The order is the signed one, whatever the order of the files.
    std::ranges::sort(deltas, {}, [](const auto* delta) {
        return std::pair(delta->not_before, as_text(delta->issuer.serial));
    });
    std::vector<const IssuerSerial*> accepted{&base.issuer};
    Applier applier(verdict);
    for (const auto* delta : deltas) {
        const auto name = name_of(*delta);
        const bool of_this = delta->holder && std::ranges::any_of(accepted, [&](const auto* each) {
                                 return same_name(*each, *delta->holder);
                             });
        if (!of_this) {
            const auto holder = delta->holder ? "holder " + delta->holder->issuer_text + " serial " +
                                                    delta->holder->serial_text
                                              : std::string("no holder by issuer and serial");
            verdict.add(delta_of_another_base, fmt::format("{}: {}", name, holder));
            continue;
        }
        accepted.push_back(&delta->issuer);
        if (!same_platform(base.platform, delta->platform)) {
            verdict.add(delta_of_another_platform,
                        fmt::format("{}: {} {} serial {}", name, delta->platform.manufacturer,
                                    delta->platform.model, delta->platform.serial));
        }
        if (delta->not_before < base.not_before) verdict.add(delta_older_than_base, name);
        applier.apply(*delta);
    }
}

}  // namespace assay::tcg
