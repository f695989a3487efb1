#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/wire/open_matter.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"

/// What is not as the host last attested it. PURE.
namespace assay::judge {

/// When it must have come about, Unix time in seconds: between the last report without it and the first with
/// it.
struct ChangeSpan {
    std::int64_t from = 0;
    std::int64_t to = 0;

    /// "between 2026-11-29 09:00:00Z and 2026-11-30 10:00:00Z".
    [[nodiscard]] std::string text() const;
};

/// A measurement by its digest and PCR.
struct Measured {
    std::uint32_t pcr = 0;
    Digest digest;

    bool operator==(const Measured&) const = default;
};

/// One change as it is told, and what may say that it was expected.
struct SeenChange {
    HostChange told;
    std::vector<std::uint32_t> pcrs = {};      ///< of boot and keys: where it shows
    std::vector<Measured> measured = {};       ///< of boot and keys: what shows it now
    std::optional<HostComponent> before = {};  ///< of part and firmware; absent: there was none
    std::optional<HostComponent> after = {};   ///< likewise
};

/// Of each id so many are told one by one; the others in one change that counts them.
inline constexpr std::size_t kChangesOfAnId = 32;
/// In the order of `changes`, ids in the order in which they first appear.
std::vector<SeenChange> bounded(std::vector<SeenChange> changes);

}  // namespace assay::judge
