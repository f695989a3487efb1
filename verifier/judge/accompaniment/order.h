#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/receipt.h"
#include "verifier/judge/accompaniment/time.h"

/// Work orders with their whole history. docs/formats/accompaniment-case.md, orders.json.
namespace assay::accompaniment {

/// A device that somebody may use: every field that is set must agree.
struct DeviceRule {
    std::string serial;  ///< met only by a device whose serial has grade A
    std::string digest;  ///< SHA-256 of the descriptors
    std::string vid, pid;
    std::optional<DeviceKind> kind;    ///< all interfaces are of this kind, hubs aside
    std::vector<std::string> actions;  ///< "connect", "mount", "write"; empty: all

    bool operator==(const DeviceRule&) const = default;
};

inline constexpr std::array<std::string_view, 5> kPlannedKinds = {"firmware", "part", "boot", "keys",
                                                                  "section"};

/// A change that somebody expects: every field that is set must agree.
struct PlannedChange {
    std::string what = {};       ///< "firmware", "part", "boot", "keys" or "section"
    std::string component = {};  ///< a component class, "bios"; of a section its name
    std::string match = {};      ///< the part's model; of BIOS, boot and keys that of the host
    std::string to = {};         ///< the version that it leads to
    std::string serial = {};     ///< of the part that comes, or of one that goes without another
    std::string digest = {};     ///< of what is measured afterwards, hex; each measurement needs one
    std::string words = {};      ///< those of the finding

    bool operator==(const PlannedChange&) const = default;
};

/// What an order says at one time.
struct OrderFields {
    std::string issuer;
    std::string requester;
    std::vector<std::string> technicians;
    std::vector<std::string> escorts;
    std::vector<std::string> hosts;  ///< asset identities
    std::vector<std::string> racks;  ///< zones
    Span window;
    std::vector<DeviceRule> devices;
    std::vector<PlannedChange> changes;
    bool remote_media = false;  ///< it is an order to use the BMC's virtual media or console
    std::string state;          ///< "draft", "approved", "closed", ...

    bool operator==(const OrderFields&) const = default;
};

/// The fields from `from` on, until the next version.
struct OrderVersion {
    Millis from = 0;
    std::string by;                    ///< who made the change that led to it
    std::vector<std::string> changed;  ///< names of the fields that differ from the version before
    OrderFields fields;
    std::string digest;  ///< SHA-256 of the fields' canonical JSON, hex: what both sign
    Receipt receipt;     ///< of the last of its changes; of the first version, the order's
};

struct WorkOrder {
    std::string id;
    Millis created_at = 0;
    std::string created_by;
    std::vector<OrderVersion> versions;  ///< by time; never empty; the first is that of the creation
    /// The history and the fields contradict each other: somebody edited past it. Says where.
    std::string contradiction;
    Receipt receipt;                            ///< when it was received first
    std::optional<std::int64_t> export_number;  ///< of the export that brought it first, by its hand's count
};

/// What a hand that delivers orders in batches exported, by its own count: a number that is missing is a
/// hole.
struct OrderExport {
    std::string hand;
    std::int64_t number = 0;
    Millis received_at = 0;

    bool operator==(const OrderExport&) const = default;
};

/// A decision about what the table would refuse, signed by a named approver. It explains; it clears only what
/// it names, only for its order, only in its span.
struct OrderException {
    std::string order;
    std::string reason;  ///< the refusal that it sets aside: "ISSUER"
    std::string text;
    std::string approved_by;
    Span valid;
    bool signature_valid = false;
    Millis received_at = kAtItsOwnTime;
};

/// The version in force at `at`; nullptr before the order was created.
const OrderVersion* version_at(const WorkOrder& order, Millis at);

}  // namespace assay::accompaniment
