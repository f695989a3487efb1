#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/judge/appraisal/facts/parts/host_component.h"
#include "verifier/judge/appraisal/steps/bind.h"

namespace assay::judge {

/// Every part that the evidence names: SMBIOS types 0, 1, 2, 3, 4, 17 and 39 (DSP0134), PCI functions (class
/// 03h: gpu), drives, network interfaces that are hardware, BMC, TPM (its own word, or SMBIOS type 43 where
/// that is absent) and USB devices. Empty sockets and slots are no parts. Absent sections give nothing: what
/// that means is the caller's matter. In the order of the sections; deterministic.
std::vector<HostComponent> components_of(const BoundClaims& claims);

/// The section that tells of parts of this kind, and whether it is there.
std::pair<std::string_view, bool> section_of(const BoundClaims& claims, vendors::Component kind);

/// What names a part's maker in a text of SMBIOS, in the order of trust: for memory (and where any kind is
/// asked about) the JEP106 identity, where the text is one that firmware copied from the SPD; then the name.
/// A table's module and a name that somebody asks about are read by this alone.
std::vector<MakerId> makers_named(vendors::Component kind, std::string_view text);

/// The product of the machine, which tells apart makers that print the same: of its system. Borrows.
std::string_view product_of(const std::vector<HostComponent>& parts);

/// Who that is, in a machine of this product; an OUI by its longest prefix. Also of identifiers as the store
/// keeps them.
vendors::Resolution resolve(const vendors::VendorDb& vendors, const MakerId& id,
                            std::string_view product = {});

/// The maker of one layer of a part.
struct LayerMaker {
    const MakerId* id =
        nullptr;  ///< the first of the layer that is known, else its first; borrowed from the argument
    vendors::Resolution who;
};
/// One for each layer, in the order in which they appear.
std::vector<LayerMaker> makers_by_layer(const vendors::VendorDb& vendors, const std::vector<MakerId>& ids,
                                        std::string_view product = {});

/// The JEP106 identity in SMBIOS's Module Manufacturer ID (7.18.8): low byte the number of continuation codes
/// with parity, high byte the code: "1:ce". Empty for 0 and for what is no code.
std::string jep106_of_module_id(std::uint16_t id);
/// The same of a text that firmware copied from the SPD as hex. Of DDR3 on, the number of continuation codes,
/// then the code: "00CE", "0x80CE", "00CE00B300CE" (module, then DRAM). Of DDR2 and before, the continuation
/// codes themselves, padded: "7F98", "AD00000000000000", "7F7F7F7F7F510000". Also code and count the other
/// way round, in bank 1: "2C00", "0x2C80". Empty for anything else: it is a name, then.
std::string jep106_of_spd_text(std::string_view text);

}  // namespace assay::judge
