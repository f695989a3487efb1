#pragma once

#include <map>
#include <string>

#include "agent/devices/host/host.h"

namespace assay {

/// Labels of the physical PCI slots, by the address in them without its function: "0000:3b:00" -> "5". Empty
/// where the machine names none.
class PciSlots {
  public:
    explicit PciSlots(Host& host);
    /// The label of the slot in which `address` ("0000:3b:00.0") sits; empty if none is known.
    [[nodiscard]] std::string label(const std::string& address) const;

  private:
    std::map<std::string, std::string> labels_;
};

}  // namespace assay
