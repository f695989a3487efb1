#pragma once

#include <string>
#include <vector>

#include "vendor-db/model/vendor_db.h"

/// What changed from one edition of vendor data to the next, for whoever is asked to sign it. PURE.
namespace assay::vendors {

struct Change {
    enum class Of : std::uint8_t { vendor, list, decision, firmware, baseline, reference };
    Of of = Of::vendor;
    std::string
        subject;  ///< the entity's or list's id; for a decision or a firmware rule whom or what it is about
    std::string text;  ///< in words: "pci 1bd4 added (pci.ids 2026-07-01)", "it moved from acme"
};
std::string_view to_string(Change::Of of);

/// Vendors, lists, decisions, firmware rules, baselines, reference sets, each by id; nothing where both say
/// the same. Comments, the order of tables and the distribution over files are no change.
std::vector<Change> difference(const VendorDb& from, const VendorDb& to);

}  // namespace assay::vendors
