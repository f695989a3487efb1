#include "agent/collectors/pci_slots.h"

#include <fmt/core.h>

#include "agent/devices/host/attributes.h"

namespace assay {

PciSlots::PciSlots(Host& host) {
    constexpr std::string_view kSlots = "/sys/bus/pci/slots";
    for (const auto& label : host.list(kSlots).value_or(std::vector<std::string>{})) {
        auto address = read_text(host, fmt::format("{}/{}/address", kSlots, label));
        if (address) labels_.emplace(std::move(*address), label);
    }
}

std::string PciSlots::label(const std::string& address) const {
    const auto found = labels_.find(address.substr(0, address.rfind('.')));
    return found == labels_.end() ? std::string() : found->second;
}

}  // namespace assay
