#include "evidence/eventlog/replay/replay_difference.h"

#include <array>
#include <set>
#include <utility>

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

// PFP 1.06, 10.4.1 and 3.3.4.8: the texts that firmware itself measures.
constexpr std::array kActions{"Calling EFI Application from Boot Option"sv,
                              "Returning from EFI Application from Boot Option"sv,
                              "Exit Boot Services Invocation"sv,
                              "Exit Boot Services Returned with Success"sv,
                              "Exit Boot Services Returned with Failure"sv,
                              "DMA Protection Disabled"sv,
                              "UEFI Debug Mode"sv};

}  // namespace

// The value after all steps; empty when the budget does not suffice.
std::optional<Digest> DifferenceExplainer::run(Digest value, std::span<const Step> steps) {
    if (steps.size() > budget_) return std::nullopt;
    budget_ -= steps.size();
    for (const auto& step : steps) value = extend(value, *step.digest);
    return value;
}

std::vector<DifferenceExplainer::Step> DifferenceExplainer::steps_of(const PcrComparison& compared) const {
    std::vector<Step> steps;
    steps.reserve(compared.events);
    for (const auto& event : log_.unverified_events()) {
        if (event.pcr != compared.pcr || !event.extends()) continue;
        if (const auto* digest = event.digest_in(bank_)) steps.push_back({event.index, digest});
    }
    return steps;
}

void DifferenceExplainer::explain(PcrComparison& compared, const Digest& start) {
    const auto steps = steps_of(compared);
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

// What any boot may have measured, the most common first, then each digest of the log once.
const std::vector<DifferenceExplainer::Candidate>& DifferenceExplainer::candidates() {
    if (!candidates_.empty()) return candidates_;
    const auto add = [this](ByteView data, std::string_view name) {
        candidates_.push_back({hash(bank_, {data}), name, 0});
    };
    add(as_view("\0\0\0\0"sv), "a separator");
    for (const auto text : kActions) add(as_view(text), text);
    add(as_view("\xff\xff\xff\xff"sv), "a separator of ones");
    add(as_view("\1\0\0\0"sv), "an error separator");
    std::set<Digest> seen;
    for (const auto& candidate : candidates_) seen.insert(candidate.digest);
    for (const auto& event : log_.unverified_events()) {
        const auto* digest = event.extends() ? event.digest_in(bank_) : nullptr;
        if (digest != nullptr && candidates_.size() < kBudget && seen.insert(*digest).second)
            candidates_.push_back({*digest, {}, event.index});
    }
    return candidates_;
}

void DifferenceExplainer::look_for_a_missing_event(PcrComparison& compared, const Digest& start) {
    const auto steps = steps_of(compared);
    // The value before steps[i], as far as the budget goes.
    std::vector<Digest> before{start};
    for (const auto& step : steps) {
        const auto next = run(before.back(), std::span(&step, 1));
        if (!next) return;
        before.push_back(*next);
    }
    // From the end: there an attempt costs one hash.
    for (std::size_t left = before.size(); left > 0; --left) {
        const auto i = left - 1;
        for (const auto& candidate : candidates()) {
            const Step step{0, &candidate.digest};
            const auto with = run(before[i], std::span(&step, 1));
            if (!with) return;
            if (run(*with, std::span(steps).subspan(i)) != compared.quoted) continue;
            compared.hint = DifferenceHint::one_event_missing;
            compared.event = i == 0 ? 0 : steps[i - 1].event;
            compared.missing = candidate.name;
            compared.same_as = candidate.event;
            return;
        }
    }
}

}  // namespace assay::tcg
