#include "cli/reference/baseline_capture.h"

#include <algorithm>

#include <fmt/core.h>

#include "cli/reference/bmc_usb_ids.h"
#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/devices/recorded_device.h"

namespace assay::cli {
namespace {

bool names(const std::vector<std::string>& ports, const std::string& port) {
    return std::ranges::find(ports, port) != ports.end();
}

Result<> check_ports(const std::vector<std::string>& ports, const std::vector<UsbDevice>& devices) {
    for (const auto& port : ports) {
        if (std::ranges::find(devices, port, &UsbDevice::port_path) == devices.end())
            return fail(ErrorCode::usage, fmt::format("no device at port {}; 'assay inspect evidence' shows "
                                                      "those that are there",
                                                      printable(port)));
    }
    return {};
}

// What hangs on the BMC's hub is the BMC's, whatever its ids.
void mark_below(vendors::Baseline& baseline) {
    for (auto& device : baseline.devices) {
        device.bmc = device.bmc || std::ranges::any_of(baseline.devices, [&](const auto& hub) {
                         return hub.bmc && names(hub.interfaces, "hub") &&
                                hub.controller == device.controller &&
                                device.port.starts_with(hub.port + ".");
                     });
    }
}

template <typename Decode>
auto section_of(const Evidence& evidence, std::string_view name, Decode decode)
    -> decltype(decode(ByteView())) {
    const auto bytes = evidence.sections.find(std::string(name));
    if (bytes == evidence.sections.end())
        return fail(ErrorCode::not_found, fmt::format("the evidence has no section {}", name));
    return with_context(decode(bytes->second), std::string(name));
}

}  // namespace

Result<vendors::Baseline> capture_baseline(const Evidence& evidence, const CaptureOptions& options) {
    const auto devices = TRY(section_of(evidence, section::kUsb, decode_usb_section));
    TRY_VOID(check_ports(options.without, devices));
    TRY_VOID(check_ports(options.bmc, devices));
    vendors::Baseline out{.model = options.model,
                          .generation = options.generation,
                          .span = options.span,
                          .source = options.source,
                          .devices = {},
                          .where = {}};
    if (out.model.empty()) {
        const auto smbios = section_of(evidence, section::kSmbios, decode_smbios_section);
        if (smbios) out.model = printable(trimmed(judge::host_model(*smbios)));
        if (out.model.empty())
            return fail(ErrorCode::usage, "the evidence does not name the host's model; give it: --model");
    }
    for (const auto& device : devices) {
        if (judge::is_root_hub(device) || names(options.without, device.port_path)) continue;
        const auto seen = judge::seen_device(device);
        if (!seen)
            return fail(ErrorCode::usage,
                        fmt::format("the descriptors of the device at port {} cannot be read; leave it out: "
                                    "--without {}",
                                    printable(device.port_path), printable(device.port_path)));
        const auto bmc = bmc_of_usb_id(seen->vid, seen->pid);
        auto note = printable(shortened(trimmed(device.manufacturer + " " + device.product), 200));
        if (!bmc.empty()) note += fmt::format("{}ids of {}", note.empty() ? "" : "; ", bmc);
        out.devices.push_back({.controller = seen->controller,
                               .port = seen->port,
                               .vid = seen->vid,
                               .pid = seen->pid,
                               .interfaces = seen->interfaces,
                               .descriptors = seen->descriptors,
                               .bmc = !bmc.empty() || names(options.bmc, device.port_path),
                               .note = std::move(note),
                               .where = {}});
    }
    if (out.devices.empty())
        return fail(ErrorCode::not_found, "no USB device is left for a baseline, root hubs aside");
    mark_below(out);
    return out;
}

}  // namespace assay::cli
