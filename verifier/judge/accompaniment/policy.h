#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/order.h"

namespace assay::accompaniment {

/// A device that belongs to a host model: the BMC's virtual devices, internal readers. From a signed
/// baseline.
struct BaselineDevice {
    std::string model;       ///< of the host; empty: all
    std::string controller;  ///< empty: any
    std::string port;
    std::string vid;
    std::string pid;
    std::vector<DeviceKind> interfaces;
    std::string digest;
    bool bmc = false;  ///< it is a port of the BMC
};

struct AllowedIssuer {
    std::string id;
    /// It delivers in batches: an order may be received this much after the event, at most an hour, if no
    /// export of its hand is missing. 0: it delivers at once.
    Millis batch = 0;

    bool operator==(const AllowedIssuer&) const = default;
};

/// Times in milliseconds. docs/formats/accompaniment-case.md, policy.json.
struct Policy {
    std::vector<AllowedIssuer> issuers;  ///< allowed to issue work orders
    std::vector<OrderException> exceptions;
    std::vector<std::string> exception_approvers;  ///< persons
    std::vector<DeviceRule> allow;                 ///< devices that staff and orders may use
    std::vector<BaselineDevice> baseline;
    bool everyone_needs_escort = true;  ///< else only who may not be in the zone alone
    Millis delta = 120'000;             ///< bound of a door controller's clock that nobody learned
    Millis max_clock_bound = 300'000;   ///< of a host; above it times prove nothing
    Millis heartbeat = 600'000;
    Millis late_attestation = 600'000;
    Millis max_dwell = 43'200'000;  ///< a presence without a badge-out ends here
    Millis unproven_after = 86'400'000;
    Millis late_delivery = 3'600'000;      ///< an event that came this much later is marked
    Millis travel = 3'600'000;             ///< least time from one site to another
    Millis rights_window = 2'592'000'000;  ///< how long a change of rights counts as part of an order
    Millis flap = 5'000;
    Millis morph = 60'000;
    Millis group = 10'000;
    Millis walk = 900'000;  ///< at most from the door to the first signature, to learn a clock
    std::uint32_t escort_ratio = 5;
    /// The site has one person for everything: nothing there is better than UNATTESTED, and no second person
    /// approves the directory.
    bool single_handed = false;
    std::string digest;
};

}  // namespace assay::accompaniment
