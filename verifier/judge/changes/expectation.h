#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/delivery.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/appraisal/facts/boot/boot_chain.h"
#include "verifier/judge/appraisal/policy/policy.h"
#include "verifier/judge/changes/seen_change.h"

/// Who expected a change. PURE.
namespace assay::judge {

/// A work order that counts for this host and the time of the change.
struct CountingOrder {
    std::string id;
    std::vector<accompaniment::PlannedChange> changes;
};

/// Everything that may have expected a change of one host. Refers to its arguments.
struct Expectations {
    const vendors::VendorDb& vendors;
    const Policy& policy;
    const std::optional<Delivery>& delivery;  ///< KnownHost::delivery
    const std::vector<HostComponent>& parts;  ///< that are there now
    const BootChain* boot = nullptr;          ///< that is there now; null: it cannot be told
    std::vector<CountingOrder> orders = {};
    std::string model = {};  ///< SMBIOS type 1, product name
    std::int64_t now = 0;    ///< Unix time, seconds
};

/// The first that fits: a reference set of the model, what the vendors signed (delivery, rules about
/// firmware), an order, the policy. "reference set r750 BIOS 2.20"; empty: nobody.
std::string expected_by(const SeenChange& change, const Expectations& by);

}  // namespace assay::judge
