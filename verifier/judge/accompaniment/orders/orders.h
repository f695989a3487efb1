#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/directory.h"
#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/interval_index.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/tri.h"

namespace assay::accompaniment {

/// Work orders by what they cover, in any of their versions. Immutable; keeps references to its arguments.
class Orders {
  public:
    Orders(const Directory& directory, const std::vector<WorkOrder>& orders);

    /// Orders some version of which names the host, or a zone around it, with a window that meets `span`.
    [[nodiscard]] std::vector<const WorkOrder*> covering(const Host& host, const Span& span) const;
    /// The first order that names one of `persons` as technician, likewise, and that `meets` takes; or null.
    [[nodiscard]] const WorkOrder* naming(const std::set<std::string>& persons, const Span& span,
                                          const std::function<bool(const WorkOrder*)>& meets) const;
    [[nodiscard]] const WorkOrder* order(std::string_view id) const;

  private:
    using Index = std::map<std::string, IntervalIndex<const WorkOrder*>, std::less<>>;
    const Directory& directory_;
    Index hosts_, zones_, technicians_;
    std::map<std::string, const WorkOrder*, std::less<>> ids_;
};

/// The zone in which hosts are neighbours: the room, or what is outermost.
std::string_view room_of(const Directory& directory, std::string_view zone);

/// Whether these fields' scope has the host, by asset identity or by a rack around it. `as_of`: where the
/// directory had it then; one that it did not have yet was in no rack.
bool in_scope(const Directory& directory, const OrderFields& fields, const Host& host, Millis as_of = kNow);

/// A2 for one version: false where the directory has the host elsewhere, unknown where it had at the event.
Condition scope_at(const Directory& directory, const OrderFields& fields, const Host& host, Millis event);

/// Up to when something must have been received to count for an event. docs/adr/0024.
struct AsOf {
    Millis event = kNow;  ///< the event itself: for the directory and for exceptions
    Millis order = kNow;  ///< for orders and their changes: order_deadline
};

/// When the last of this order's versions that count for the event may have been received: at the event, by
/// the host clock's bound; from an issuer that delivers in batches that much later, if no export of the hand
/// that delivered it was missing by then. `exports`: by hand and number.
Millis order_deadline(const DeviceEvent& event, const WorkOrder& order, const Policy& policy,
                      const std::vector<OrderExport>& exports);

/// Its versions up to the first that was received later: a version says what those before it changed.
std::span<const OrderVersion> known_versions(const WorkOrder& order, Millis deadline);

/// A1 for one order and one event: whether it counts, and the reason's code where it does not: "ISSUER",
/// "SOD", "NOT_APPROVED", "RETROACTIVE", "SELF_APPROVED", "CLOSED", "EDITED", "LATE". It is judged by all
/// that is known now, and by what was known at the event: what came later may refuse it, but clears nothing.
struct OrderValidity {
    Condition condition;
    std::string reason;
    std::string exception;      ///< who signed that the reason is set aside; empty: nobody
    std::string late;           ///< what of it was received too late to count; empty: nothing that matters
    bool edited_after = false;  ///< a field that decides was changed after the event
};
/// `span`: the event, with its clock's bound. `escort`: whose rights count too, may be empty. `known_to`:
/// orders have been received up to there; where that is not beyond the event, it may have been approved or
/// closed since. `as_of`: of the event; where it is asked for now, all that was received counts.
OrderValidity validity_of(const WorkOrder& order, const Span& span, std::string_view escort,
                          const Directory& directory, const Policy& policy, Millis known_to = INT64_MAX,
                          const AsOf& as_of = {});

}  // namespace assay::accompaniment
