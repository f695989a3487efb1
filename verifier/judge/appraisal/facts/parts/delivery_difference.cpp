#include "verifier/judge/appraisal/facts/parts/delivery_difference.h"

#include <algorithm>
#include <string>

#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

namespace assay::judge {
namespace {

using Difference = DeliveryDifference::Kind;

/// What tells one part from another of its model; empty where it has none. Placeholders are none.
std::string identity(std::string_view serial, std::string_view mac, bool by_mac) {
    if (by_mac) return mac_digits(mac);
    std::string out(trimmed(serial));
    const bool zeros = std::ranges::all_of(out, [](char c) { return c == '0'; });
    if (zeros || vendors::is_placeholder(out)) return {};
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

bool same_text(std::string_view a, std::string_view b) {
    return trimmed(a) == trimmed(b);
}

/// The list says nothing of the model, or what is there says the same.
bool same_model(const DeliveredPart& expected, const HostComponent& actual) {
    return expected.model.empty() || same_text(expected.model, actual.model);
}

/// Evidence adds the bank to a slot's name: "DIMM_A1, BANK 0" is the list's "DIMM_A1".
bool same_place(const DeliveredPart& expected, const HostComponent& actual) {
    const auto wanted = trimmed(expected.place);
    const std::string_view place = actual.place;
    return !wanted.empty() && place.starts_with(wanted) &&
           (place.size() == wanted.size() || place.substr(wanted.size()).starts_with(", "));
}

class Comparer {
  public:
    Comparer(std::span<const DeliveredPart* const> delivered, std::span<const HostComponent* const> present)
        : delivered_(delivered),
          present_(present),
          met_(delivered.size(), false),
          taken_(present.size(), false) {}

    DeliveryComparison run() {
        // The same part, wherever it is now.
        pair([&](const DeliveredPart& e, const HostComponent& a) {
            const auto wanted = wanted_identity(e);
            return !wanted.empty() && wanted == shown_identity(e, a);
        });
        // Something else, or the same without a number, in its place.
        pair([](const auto& e, const auto& a) { return same_place(e, a); });
        // A part that may be anywhere: its model, and no number that tells it apart.
        pair([&](const auto& e, const auto& a) {
            return free_of_place(e) && wanted_identity(e).empty() && same_model(e, a);
        });
        pair([&](const auto& e, const auto& a) {
            return free_of_place(e) && same_model(e, a) && shown_identity(e, a).empty();
        });
        pair([&](const auto& e, const auto& a) { return free_of_place(e) && same_model(e, a); });
        pair([&](const auto& e, const auto&) { return free_of_place(e); });
        for (std::size_t i = 0; i < delivered_.size(); ++i) {
            if (!met_[i]) out_.differences.push_back({Difference::missing, delivered_[i], nullptr});
        }
        for (std::size_t i = 0; i < present_.size(); ++i) {
            if (!taken_[i]) out_.differences.push_back({Difference::extra, nullptr, present_[i]});
        }
        return std::move(out_);
    }

  private:
    static bool free_of_place(const DeliveredPart& expected) { return expected.place.empty(); }

    static std::string wanted_identity(const DeliveredPart& expected) {
        return identity(expected.serial, expected.mac, !expected.mac.empty());
    }
    static std::string shown_identity(const DeliveredPart& expected, const HostComponent& actual) {
        return identity(actual.serial, actual.mac, !expected.mac.empty());
    }

    /// Pairs what is left on both sides, in order, where `match` says so.
    template <typename Match>
    void pair(Match&& match) {
        for (std::size_t i = 0; i < delivered_.size(); ++i) {
            for (std::size_t j = 0; j < present_.size() && !met_[i]; ++j) {
                if (taken_[j] || !match(*delivered_[i], *present_[j])) continue;
                met_[i] = taken_[j] = true;
                judge(*delivered_[i], *present_[j]);
            }
        }
    }

    void judge(const DeliveredPart& expected, const HostComponent& actual) {
        const auto add = [&](Difference kind) { out_.differences.push_back({kind, &expected, &actual}); };
        const auto wanted = wanted_identity(expected);
        const auto shown = shown_identity(expected, actual);
        if (!same_model(expected, actual)) return add(Difference::replaced);
        if (!wanted.empty() && shown.empty()) return add(Difference::unreadable);
        if (!wanted.empty() && wanted != shown) return add(Difference::replaced);
        out_.met.emplace_back(&expected, &actual);
        if (!expected.place.empty() && !same_place(expected, actual)) return add(Difference::moved);
        ++out_.same;
        if (wanted.empty()) ++out_.by_model_only;
    }

    std::span<const DeliveredPart* const> delivered_;
    std::span<const HostComponent* const> present_;
    std::vector<bool> met_, taken_;
    DeliveryComparison out_;
};

}  // namespace

DeliveryComparison compare_delivery(std::span<const DeliveredPart* const> delivered,
                                    std::span<const HostComponent* const> present) {
    return Comparer(delivered, present).run();
}

}  // namespace assay::judge
