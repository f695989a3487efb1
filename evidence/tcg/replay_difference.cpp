#include "evidence/tcg/replay_difference.h"

#include <array>
#include <utility>

namespace assay::tcg {

// The value after all steps; empty when the budget does not suffice.
std::optional<Digest> DifferenceExplainer::run(Digest value, std::span<const Step> steps) {
    if (steps.size() > budget_) return std::nullopt;
    budget_ -= steps.size();
    for (const auto& step : steps) value = extend(value, *step.digest);
    return value;
}

void DifferenceExplainer::explain(PcrComparison& compared, const Digest& start) {
    std::vector<Step> steps;
    steps.reserve(compared.events);
    for (const auto& event : log_.unverified_events()) {
        if (event.pcr != compared.pcr || !event.extends()) continue;
        if (const auto* digest = event.digest_in(bank_)) steps.push_back({event.index, digest});
    }
    if (compared.pcr == 0 && !log_.is_ccel() && other_locality(compared, steps)) return;
    if (prefix(compared, start, steps)) return;
    changed_order(compared, start, steps);
}

bool DifferenceExplainer::other_locality(PcrComparison& compared, std::span<const Step> steps) {
    for (std::uint8_t locality = 0; locality <= 4; ++locality) {
        std::array<std::byte, Digest::kMaxSize> bytes{};
        const auto size = digest_size(bank_);
        bytes.at(size - 1) = std::byte{locality};
        if (run(*Digest::from_bytes(bank_, ByteView(bytes).first(size)), steps) != compared.quoted) continue;
        compared.hint = DifferenceHint::other_startup_locality;
        compared.locality = locality;
        return true;
    }
    return false;
}

bool DifferenceExplainer::prefix(PcrComparison& compared, const Digest& start, std::span<const Step> steps) {
    auto value = start;
    for (const auto& step : steps) {
        const auto next = run(value, std::span(&step, 1));
        if (!next) return false;
        value = *next;
        if (value != compared.quoted) continue;
        compared.hint = DifferenceHint::ends_after_event;
        compared.event = step.event;
        return true;
    }
    return false;
}

bool DifferenceExplainer::changed_order(PcrComparison& compared, const Digest& start,
                                        const std::vector<Step>& steps) {
    auto before = start;  // the value before steps[i], the same in every variant of i
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto rest = std::span(steps).subspan(i + 1);
        const auto found = [&](DifferenceHint hint) {
            compared.hint = hint;
            compared.event = steps[i].event;
            return true;
        };
        if (run(before, rest) == compared.quoted) return found(DifferenceHint::one_event_too_many);
        if (!rest.empty()) {
            const std::array exchanged{steps[i + 1], steps[i]};
            const auto middle = run(before, exchanged);
            if (middle && run(*middle, rest.subspan(1)) == compared.quoted)
                return found(DifferenceHint::events_swapped);
        }
        const auto next = run(before, std::span(steps).subspan(i, 1));
        if (!next) return false;
        before = *next;
    }
    return false;
}

}  // namespace assay::tcg
