#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/directory.h"
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
    /// Orders that name one of `persons` as technician, likewise.
    [[nodiscard]] std::vector<const WorkOrder*> naming(const std::set<std::string>& persons,
                                                       const Span& span) const;
    [[nodiscard]] const WorkOrder* order(std::string_view id) const;

  private:
    using Index = std::map<std::string, IntervalIndex<const WorkOrder*>, std::less<>>;
    const Directory& directory_;
    Index hosts_, zones_, technicians_;
    std::map<std::string, const WorkOrder*, std::less<>> ids_;
};

/// The zone in which hosts are neighbours: the room, or what is outermost.
std::string_view room_of(const Directory& directory, std::string_view zone);

/// Whether these fields' scope has the host, by asset identity or by a rack around it.
bool in_scope(const Directory& directory, const OrderFields& fields, const Host& host);

/// A1 for one order and one event: whether it counts, and the reason's code where it does not: "ISSUER",
/// "SOD", "NOT_APPROVED", "RETROACTIVE", "SELF_APPROVED", "CLOSED", "EDITED".
struct OrderValidity {
    Condition condition;
    std::string reason;
    std::string exception;      ///< who signed that the reason is set aside; empty: nobody
    bool edited_after = false;  ///< a field that decides was changed after the event
};
/// `span`: the event, with its clock's bound. `escort`: whose rights count too, may be empty. `known_to`:
/// orders have been received up to there; where that is not beyond the event, it may have been approved or
/// closed since.
OrderValidity validity_of(const WorkOrder& order, const Span& span, std::string_view escort,
                          const Directory& directory, const Policy& policy, Millis known_to = INT64_MAX);

}  // namespace assay::accompaniment
