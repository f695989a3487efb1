#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "evidence/base/result.h"
#include "vendor-db/model/model.h"

/// What the system's own lists call an identifier: pci.ids, usb.ids, the IEEE's registries of OUIs. Names for
/// whoever reviews what no vendor file has; never a reason for a verdict.
namespace assay::inputs {

struct IdName {
    std::string name;  ///< printable
    std::string file;  ///< "pci.ids 2023.04.10", "oui.csv"
};

class IdFiles {
  public:
    /// Those of Debian's packages pci.ids, usb.ids and ieee-data, as far as they are installed under `root`.
    static IdFiles of_system(const std::filesystem::path& root = "/");

    /// `value` as vendors::canonical() gives it; an OUI by its longest assignment. None where no file has it.
    [[nodiscard]] std::optional<IdName> find(vendors::Namespace ns, std::string_view value) const;

  private:
    /// "vvvv  name" lines; what is indented is a device's. Nothing of a file that cannot be read.
    void read_ids(vendors::Namespace ns, const std::filesystem::path& file);
    /// "registry,assignment,name,address" lines (IEEE RA).
    void read_oui(const std::filesystem::path& file);

    std::map<std::pair<vendors::Namespace, std::string>, IdName, std::less<>> names_;
};

}  // namespace assay::inputs
