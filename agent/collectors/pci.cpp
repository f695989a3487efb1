#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/collectors/pci_spaces.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

constexpr std::string_view kDevices = "/sys/bus/pci/devices";
constexpr std::size_t kHeader = 64;  // PCI Local Bus 3.0, 6.1: all that the kernel gives without privilege

PciFunction describe_function(Host& host, const std::string& address, const std::string& path, Bytes config) {
    PciFunction function;
    function.address = address;
    function.config = std::move(config);
    function.driver = host.link_name(path + "/driver").value_or("");
    function.link_speed = read_optional_text(host, path + "/current_link_speed");
    function.link_width = read_optional_text(host, path + "/current_link_width");
    return function;
}

// Of what the kernel gives without privilege the header alone, the rest as root has read it. What cannot be
// had that way leaves one gap for all, with the first reason.
void complete(Host& host, std::vector<PciFunction>& functions, GapLog& gaps) {
    std::size_t headers_only = 0;
    std::optional<Result<LoadedPciSpaces>> read;
    std::optional<Error> first;
    for (auto& function : functions) {
        if (function.config.size() != kHeader) continue;
        if (!read) read = load_pci_spaces(host);
        auto whole = *read ? whole_space((*read)->spaces, function.address, function.config)
                           : Result<Bytes>(std::unexpected(read->error()));
        if (whole) {
            function.config = *std::move(whole);
            continue;
        }
        ++headers_only;
        if (!first) first = whole.error();
    }
    if (!first) return;
    gaps.add(section::kPci, fmt::format("{}/*/config", kDevices),
             {ErrorCode::refused,
              fmt::format("of {} functions only the first 64 bytes: the rest is for CAP_SYS_ADMIN, and {}",
                          headers_only, first->context),
              {}});
}

}  // namespace

PciSlots pci_slots(Host& host) {
    constexpr std::string_view kSlots = "/sys/bus/pci/slots";
    PciSlots slots;
    for (const auto& label : host.list(kSlots).value_or(std::vector<std::string>{})) {
        auto address = read_text(host, fmt::format("{}/{}/address", kSlots, label));
        if (address) slots.emplace(std::move(*address), label);
    }
    return slots;
}

std::string slot_label(const PciSlots& slots, const std::string& address) {
    const auto found = slots.find(address.substr(0, address.rfind('.')));
    return found == slots.end() ? std::string() : found->second;
}

std::optional<Bytes> collect_pci(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto addresses = gaps.value_of(host.list(kDevices), section::kPci, kDevices);
    if (!addresses) return std::nullopt;
    const auto slots = pci_slots(host);
    std::vector<PciFunction> functions;
    for (const auto& address : *addresses) {
        const auto path = fmt::format("{}/{}", kDevices, address);
        auto config = host.read(path + "/config", limits::kPciConfig);
        if (config && config->size() < kHeader)
            config = fail(ErrorCode::truncated, "fewer than 64 bytes of configuration space");
        if (config && functions.size() == limits::kPciFunctions)
            config = fail(ErrorCode::limit, "too many PCI functions");
        if (!config) {
            gaps.add(section::kPci, path + "/config", config.error());
            continue;
        }
        functions.push_back(describe_function(host, address, path, std::move(*config)));
        functions.back().slot = slot_label(slots, address);
    }
    complete(host, functions, gaps);
    return encode_pci_section(functions);
}

}  // namespace assay::agent
