#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vendor-db/model/vendor_db.h"

/// The parts of a host, in one form whatever told of them: what makers are judged by, what a delivery is
/// compared with, and what the store keeps. PURE.
namespace assay::judge {

/// An identifier that names a maker, as the evidence has it.
struct MakerId {
    vendors::Namespace ns = vendors::Namespace::smbios;
    /// Canonical where it is a number (OUI: 6 upper-case hex digits of a WWN, 12 of a MAC); a name as the
    /// evidence has it, trimmed.
    std::string value;
    std::string what;  ///< for a person, printable: "PCI id 1bd4:0911", "permanent MAC 6c:92:bf:01:02:03"
    /// Ids of one layer name one maker: the first that is known counts. Layers ("chip", "card", "address";
    /// empty for a part with one) are judged each on its own.
    std::string layer;
    bool operator==(const MakerId&) const = default;
};

/// One part of a host, as its evidence names it. Texts are trimmed and otherwise hostile.
struct HostComponent {
    vendors::Component kind = vendors::Component::any;
    std::string place = {};  ///< stable over boots, unique within a kind: "DIMM_A1", "0000:3b:00.0", "nvme0"
    /// Where it sits, if `place` is but the kernel's name for it: "0000:3b:00.0". Empty where nothing says
    /// so.
    std::string slot = {};
    std::vector<MakerId> maker = {};  ///< in the order of trust within a layer: numbers first, then names
    std::string model = {},
                serial = {};    ///< empty where the evidence has none; placeholders count as none in `serial`
    std::string revision = {};  ///< hardware revision or firmware version, whichever the part has
    std::string mac = {};       ///< "6c:92:bf:01:02:03", a NIC's permanent address; empty where there is none
    std::string evidence = {};  ///< where it stands: "smbios: handle 0x0100"
    /// Why the numbers that name its maker could not be read; empty where they could. Its other texts are
    /// then no substitute: whoever spoils the number could choose them.
    std::string problem = {};
    /// What was wrong first in what it tells of itself, and where, if only the bytes before it could be read.
    std::string unread = {};
    bool operator==(const HostComponent&) const = default;
};

/// Shared by whoever judges and keeps them. Null: not known.
using HostComponents = std::shared_ptr<const std::vector<HostComponent>>;

}  // namespace assay::judge
