#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vendor-db/vendor_db.h"
#include "verifier/appraisal/bind.h"

/// The parts of a host, in one form whatever told of them: what makers are judged by, what a delivery is
/// compared with, and what the store keeps. PURE.
namespace assay {

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
    std::vector<MakerId> maker = {};  ///< in the order of trust within a layer: numbers first, then names
    std::string model = {},
                serial = {};    ///< empty where the evidence has none; placeholders count as none in `serial`
    std::string revision = {};  ///< hardware revision or firmware version, whichever the part has
    std::string mac = {};       ///< "6c:92:bf:01:02:03", a NIC's permanent address; empty where there is none
    std::string evidence = {};  ///< where it stands: "smbios: handle 0x0100"
    bool operator==(const HostComponent&) const = default;
};

/// Every part that the evidence names: SMBIOS types 0, 1, 2, 3, 4, 17 and 39 (DSP0134), PCI functions (class
/// 03h: gpu), drives, network interfaces that are hardware, BMC, TPM (its own word, or SMBIOS type 43 where
/// that is absent) and USB devices. Empty sockets and slots are no parts. Absent sections give nothing: what
/// that means is the caller's matter. In the order of the sections; deterministic.
std::vector<HostComponent> components_of(const BoundClaims& claims);

/// Who that is; an OUI by its longest prefix.
vendors::Resolution resolve(const vendors::VendorDb& vendors, const MakerId& id);

/// The JEP106 identity in SMBIOS's Module Manufacturer ID (7.18.8): low byte the number of continuation codes
/// with parity, high byte the code: "1:ce". Empty for 0 and for what is no code.
std::string jep106_of_module_id(std::uint16_t id);
/// The same of a text that firmware copied from the SPD as hex: "00CE", "00CE00B300CE" (module, then DRAM),
/// "0x80CE", "7F98". Empty for anything else: it is a name, then.
std::string jep106_of_spd_text(std::string_view text);

}  // namespace assay
