#pragma once

#include <memory>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/directory.h"
#include "verifier/judge/accompaniment/orders/orders.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/presence/badge.h"
#include "verifier/judge/accompaniment/presence/presence.h"
#include "verifier/judge/accompaniment/sessions/session.h"
#include "verifier/judge/accompaniment/sessions/sessions.h"

namespace assay::accompaniment {

/// Everything that a judgement is told, but the event and the time.
struct Facts {
    DirectoryData directory;
    std::vector<WorkOrder> orders;
    std::vector<OrderExport> exports;  ///< by hand and number
    Millis orders_watermark = 0;       ///< every order and change up to here has been received
    BadgeData badges;
    SessionData sessions;
    Policy policy;
};

/// The same with its indexes, and with the clocks of door controllers learned from badge and signature pairs.
/// Immutable, so that many threads may judge by one.
class Knowledge {
  public:
    /// `malformed` as Directory::of says.
    static Result<std::shared_ptr<const Knowledge>> of(Facts facts);
    /// By a directory that was indexed before, in place of the facts' own.
    static std::shared_ptr<const Knowledge> of(Facts facts, std::shared_ptr<const Directory> directory);

    Knowledge(const Knowledge&) = delete;
    Knowledge& operator=(const Knowledge&) = delete;
    ~Knowledge() = default;

    [[nodiscard]] const Policy& policy() const { return facts_.policy; }
    [[nodiscard]] const Directory& directory() const { return *directory_; }
    [[nodiscard]] const Orders& orders() const { return orders_; }
    [[nodiscard]] Millis orders_watermark() const { return facts_.orders_watermark; }
    /// Up to when something must have been received to count for this event.
    [[nodiscard]] AsOf as_of(const DeviceEvent& event, const WorkOrder& order) const {
        return {.event = event.time.from,
                .order = order_deadline(event, order, facts_.policy, facts_.exports)};
    }
    [[nodiscard]] const Presences& presences() const { return presences_; }
    [[nodiscard]] const Sessions& sessions() const { return sessions_; }

  private:
    Knowledge(Facts facts, std::shared_ptr<const Directory> directory);

    Facts facts_;
    std::shared_ptr<const Directory> directory_;
    Orders orders_;
    Sessions sessions_;
    Presences presences_;
};

/// The clock of each door controller that no one stated, from who badged in there and then signed at a host
/// in that zone: a badge-in is before its signature, and at most `policy.walk` before. What is learned only
/// widens the bound that is assumed anyway: it turns an edge from certain to unknown, never the other way.
std::vector<ControllerClock> learned_clocks(const Directory& directory, const BadgeData& badges,
                                            const SessionData& sessions, const Policy& policy);

}  // namespace assay::accompaniment
