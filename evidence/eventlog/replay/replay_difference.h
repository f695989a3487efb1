#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

/// Looks for another reading under which a PCR that differs would fit. It hashes at most `kBudget` times in
/// all, so a hostile log cannot make it expensive: what is not found within that stays without a hint.
class DifferenceExplainer {
  public:
    static constexpr std::size_t kBudget = 4096;

    DifferenceExplainer(const ParsedEventLog& log, HashAlgorithm bank) : log_(log), bank_(bank) {}

    /// Fills in `hint` and what it names. `compared.quoted` must be set.
    void explain(PcrComparison& compared, const Digest& start);

    /// The same for a log that lacks one event of this PCR: tries what firmware measures in any boot
    /// (separators, the texts of EV_EFI_ACTION) and every digest of the log, at each place.
    void look_for_a_missing_event(PcrComparison& compared, const Digest& start);

  private:
    struct Step {
        std::uint32_t event = 0;
        const Digest* digest = nullptr;
    };
    struct Candidate {
        Digest digest;
        std::string_view name;
        std::uint32_t event = 0;
    };

    [[nodiscard]] std::vector<Step> steps_of(const PcrComparison& compared) const;
    const std::vector<Candidate>& candidates();
    std::optional<Digest> run(Digest value, std::span<const Step> steps);
    bool other_locality(PcrComparison& compared, std::span<const Step> steps);
    bool prefix(PcrComparison& compared, const Digest& start, std::span<const Step> steps);
    bool changed_order(PcrComparison& compared, const Digest& start, const std::vector<Step>& steps);

    const ParsedEventLog& log_;
    HashAlgorithm bank_;
    std::size_t budget_ = kBudget;
    std::vector<Candidate> candidates_;
};

}  // namespace assay::tcg
