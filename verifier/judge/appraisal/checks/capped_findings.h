#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/limits.h"
#include "evidence/wire/attestation_result.h"

namespace assay::judge {

/// Findings of one id that a result names one by one; the others are counted.
inline constexpr std::size_t kFindingsOfAKind = 32;
/// All findings of one result as JSON, bytes. What a result has besides them stays below the rest.
inline constexpr std::size_t kFindingsSize = limits::kAttestationResult - (128U << 10U);

/// What a result counts of one id and does not name.
struct LeftOut {
    std::uint64_t count = 0;
    Tier worst = Tier::affirming;
    Basis weakest = Basis::endorsed;
    std::string kind;  ///< first word of the first one's subject: "USB"

    void add(Tier tier, Basis basis, std::string_view subject, std::uint64_t many = 1);
    /// The finding that stands for them: "USB and 9968 more".
    [[nodiscard]] Finding summary(std::string_view id) const;
};

/// The findings of one appraisal, bounded whatever is found: of each id the worst are kept, the first of them
/// where they are equally bad. Tiers of checks and claims do not depend on what is kept: Judge counts them.
class CappedFindings {
  public:
    /// One that is kept already is not added again.
    void add(Finding finding);
    void add_left_out(std::string_view id, const LeftOut& more);

    /// In the order in which they came; after the last of an id of which some are left out, the finding that
    /// stands for those. Where this would be above kFindingsSize, fewer of each id are named.
    [[nodiscard]] std::vector<Finding> list() const;

  private:
    struct Kept {
        Finding finding;
        std::size_t place;  // in the order in which they came
    };
    struct Kind {
        std::vector<Kept> kept;  // the worst first, then as they came
        LeftOut left_out;
        std::size_t place;
    };
    Kind& kind(std::string_view id);
    [[nodiscard]] std::vector<Finding> list(std::size_t of_a_kind) const;

    std::map<std::string, Kind, std::less<>> kinds_;
    std::size_t next_place_ = 0;
};

/// At least the bytes that the finding takes in a canonical result; cheap.
std::size_t encoded_size_at_most(const Finding& finding);

}  // namespace assay::judge
