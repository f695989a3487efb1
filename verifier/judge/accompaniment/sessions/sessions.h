#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/directory.h"
#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/interval_index.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/sessions/session.h"
#include "verifier/judge/accompaniment/tri.h"

namespace assay::accompaniment {

/// Sessions by host, rack and escort. Immutable; keeps references to its arguments.
class Sessions {
  public:
    Sessions(const Directory& directory, const SessionData& data, const Policy& policy);

    [[nodiscard]] const SessionData& data() const { return data_; }

    /// Sessions for this host (its own, and rack-scoped ones of its rack) that meet `span`.
    [[nodiscard]] std::vector<const Session*> at(const Host& host, const Span& span) const;
    /// Sessions in which this person signed as escort and that meet `span`, wherever.
    [[nodiscard]] std::vector<const Session*> escorted_by(std::string_view person, const Span& span) const;
    /// Sessions at hosts of this zone, and of those within, that meet `span`.
    [[nodiscard]] std::vector<const Session*> in_zone(std::string_view zone, const Span& span) const;
    /// Late signatures for the event: of its host and device, not before it, and given and received soon
    /// enough.
    [[nodiscard]] std::vector<const LateAttestation*> late(const DeviceEvent& event) const;
    /// Until when a late signature for the event can come: that long after it, or after its record arrived
    /// where the host was offline.
    [[nodiscard]] Millis late_until(const DeviceEvent& event) const;

    // `as_of`: a key counts for an event if the directory knew it then; kNow: all that it knows.

    /// Valid signature of a key that this person held.
    [[nodiscard]] bool signed_by(const Signature& signature, std::string_view person,
                                 Millis as_of = kNow) const;
    /// Who signed: holders of the key of a valid signature.
    [[nodiscard]] const std::vector<std::string>& signers(const Signature& signature,
                                                          Millis as_of = kNow) const;
    /// Both signed the session, and each key is registered.
    [[nodiscard]] bool co_signed(const Session& session, Millis as_of = kNow) const;
    /// What this person signed in sessions for this host that meet `span`: at the host, or in its rack.
    [[nodiscard]] std::vector<const Signature*> signatures_of(std::string_view person, const Host& host,
                                                              const Span& span, Millis as_of) const;

    /// The spans in which the session is open and the escort's newest sign of life is fresh.
    [[nodiscard]] std::vector<Span> fresh(const Session& session, Millis as_of = kNow) const;

    /// A5 for one escort and one order.
    struct CoSignature {
        Condition condition;
        bool late = false;
        bool fresh_session = false;  ///< by a session, not by a late signature
        bool unlisted = false;       ///< by an unlisted session alone
        std::vector<const Session*> sessions;
        std::vector<const LateAttestation*> attestations;
    };
    [[nodiscard]] CoSignature covering(const DeviceEvent& event, const Host& host, const WorkOrder& order,
                                       std::string_view technician, std::string_view escort,
                                       Millis now) const;
    /// A5 of a technician who may be there alone: their own signature.
    [[nodiscard]] CoSignature covering_alone(const DeviceEvent& event, const Host& host,
                                             const WorkOrder& order, std::string_view technician,
                                             Millis now) const;

  private:
    [[nodiscard]] Condition nobody_signed(const DeviceEvent& event, Millis now, std::string why) const;
    [[nodiscard]] bool counts(const Session& session, const Heartbeat& beat) const;

    using Index = std::map<std::string, IntervalIndex<const Session*>, std::less<>>;
    const Directory& directory_;
    const SessionData& data_;
    const Policy& policy_;
    Index hosts_, racks_, zones_, escorts_;
    std::multimap<std::string, const LateAttestation*, std::less<>> late_;
};

}  // namespace assay::accompaniment
