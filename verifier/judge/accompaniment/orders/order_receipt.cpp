#include <algorithm>
#include <iterator>

#include "verifier/judge/accompaniment/orders/orders.h"

// Which of an order's versions came in time for an event. docs/adr/0024-late-and-single-handed.md.
namespace assay::accompaniment {
namespace {

// It may be late only by what each issuer that it ever named is allowed: none by one that is not on the list.
Millis batch_of(const WorkOrder& order, const Policy& policy) {
    auto batch = INT64_MAX;
    for (const auto& version : order.versions) {
        const auto issuer = std::ranges::find(policy.issuers, version.fields.issuer, &AllowedIssuer::id);
        batch = std::min(batch, issuer == policy.issuers.end() ? 0 : issuer->batch);
    }
    return batch;
}

// It names the export that brought it, and that was there by then.
bool in_an_export(const WorkOrder& order, const std::vector<OrderExport>& exports) {
    return std::ranges::any_of(exports, [&](const OrderExport& each) {
        return each.number == order.export_number && each.hand == order.receipt.hand &&
               each.received_at <= order.receipt.at;
    });
}

// Of the exports of its hand none was missing when it was received. A hand that counts none has a hole.
bool no_hole(const Receipt& receipt, const std::vector<OrderExport>& exports) {
    const auto of_hand = std::ranges::equal_range(exports, receipt.hand, {}, &OrderExport::hand);
    const OrderExport* before = nullptr;  // the last one that was there
    for (const auto& each : of_hand) {
        if (each.received_at > receipt.at) continue;
        const bool gap = before == nullptr ? &each != &of_hand.front() : each.number != before->number + 1;
        if (gap) return false;
        before = &each;
    }
    return before != nullptr;
}

}  // namespace

Millis order_deadline(const DeviceEvent& event, const WorkOrder& order, const Policy& policy,
                      const std::vector<OrderExport>& exports) {
    auto deadline = event.time.from + event.clock_bound;
    for (const auto& version : order.versions) {
        const auto& receipt = version.receipt;
        if (in_time(receipt, deadline)) continue;
        if (!in_time(receipt, event.time.from + batch_of(order, policy)) || !in_an_export(order, exports) ||
            !no_hole(receipt, exports)) {
            break;
        }
        deadline = receipt.at;
    }
    return deadline;
}

std::span<const OrderVersion> known_versions(const WorkOrder& order, Millis deadline) {
    const auto late = std::ranges::find_if(
        order.versions, [&](const OrderVersion& version) { return !in_time(version.receipt, deadline); });
    return {order.versions.begin(), late};
}

}  // namespace assay::accompaniment
