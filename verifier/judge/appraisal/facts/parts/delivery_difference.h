#pragma once

#include <span>
#include <utility>
#include <vector>

#include "evidence/wire/delivery.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"

namespace assay::judge {

/// One difference between what was delivered and what is there. `expected` and `actual` point into the
/// arguments; one of them is null where the kind says so.
struct DeliveryDifference {
    enum class Kind : std::uint8_t {
        missing,     ///< nothing there: `actual` is null
        extra,       ///< nothing delivered: `expected` is null
        replaced,    ///< another part in its place, or where there is one place
        moved,       ///< the same serial number in another place
        unreadable,  ///< what is there shows no serial number to compare
    };
    Kind kind = Kind::missing;
    const DeliveredPart* expected = nullptr;
    const HostComponent* actual = nullptr;
};

/// The parts of one class, compared. First by serial number (a NIC by its MAC, where the list has one), then
/// by place, then by model; what is left over is missing or extra. A part that the list names without a
/// serial number is the same as any with its model in its place. Deterministic, in the order of `delivered`,
/// then of `present`.
struct DeliveryComparison {
    std::vector<DeliveryDifference> differences;
    /// Parts that are there as one of those delivered, moved or not: what else of them may be compared.
    std::vector<std::pair<const DeliveredPart*, const HostComponent*>> met;
    std::size_t same = 0;           ///< parts that are as delivered
    std::size_t by_model_only = 0;  ///< of those, the ones without a serial number or MAC in the list
};
DeliveryComparison compare_delivery(std::span<const DeliveredPart* const> delivered,
                                    std::span<const HostComponent* const> present);

}  // namespace assay::judge
