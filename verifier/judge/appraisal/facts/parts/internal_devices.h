#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/device/smbios.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/sections.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/devices/judged_matter.h"

/// What belongs to a host by the signed baselines of its model, and what only pretends to.
/// docs/formats/baseline.md. PURE.
namespace assay::judge {

/// SMBIOS type 1, product name; empty where the tables do not say it or cannot be read.
std::string host_model(const SmbiosSection& smbios);
std::string host_model(const smbios::Smbios& tables);

/// Absent where the descriptors cannot be read.
std::optional<vendors::SeenDevice> seen_device(const UsbDevice& device);

/// What became active from afar at a port of the BMC.
struct RemoteActs {
    bool media = false;
    bool console = false;
    bool network = false;
    [[nodiscard]] bool any() const { return media || console || network; }
    /// As events.json has them: "media", "console", "nic".
    [[nodiscard]] std::vector<std::string> names() const;
};

/// Of one journal record about a device at a port of the BMC. A device that was there at the start says
/// nothing; what came while the host ran, and what was done with it, does.
RemoteActs remote_acts(const JournalRecord& record);

class InternalDevices {
  public:
    /// The baselines of `model` that hold at `at` (Unix time, seconds). `vendors` is borrowed.
    InternalDevices(const vendors::VendorDb& vendors, std::string_view model, std::int64_t at)
        : baselines_(vendors::baselines_of(vendors.baselines(), model, at)) {}

    [[nodiscard]] bool empty() const { return baselines_.empty(); }
    [[nodiscard]] std::size_t size() const { return baselines_.size(); }
    /// Every one of place, ids, interfaces and descriptors agrees; null where none does.
    [[nodiscard]] const vendors::BaselineDevice* same(const vendors::SeenDevice& device) const;
    /// The ids agree, and no device of any generation is it; the one at the same place first.
    [[nodiscard]] const vendors::BaselineDevice* imitated(const vendors::SeenDevice& device) const;
    /// A port of the BMC.
    [[nodiscard]] bool is_at_bmc(const UsbDevice& device) const;
    /// At a port of the BMC, and it carries no ids that belong elsewhere: what it does is done from afar.
    [[nodiscard]] bool is_of_bmc(const UsbDevice& device) const;
    /// It belongs to the model: one of its devices in its place, or one of the BMC.
    [[nodiscard]] bool is_internal(const UsbDevice& device) const;
    /// What is found of a record about a device of the BMC: what it shows was plugged in by nobody who was
    /// there.
    [[nodiscard]] std::vector<JudgedMatter> remote_matters(const JournalRecord& record) const;

  private:
    std::vector<const vendors::Baseline*> baselines_;
};

}  // namespace assay::judge
