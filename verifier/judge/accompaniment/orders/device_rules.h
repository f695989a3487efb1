#pragma once

#include <string>
#include <vector>

#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/tri.h"

namespace assay::accompaniment {

/// Whether one of the rules allows this device and what it did ("connect", "mount", "write"). Unknown where a
/// rule asks for descriptors that were not read. The reason names the nearest rule.
Condition allowed_by(const std::vector<DeviceRule>& rules, const DeviceEvent& event);

/// A host controller that the baseline does not name may be any.
bool on_controller(const BaselineDevice& baseline, const Device& device);

/// The event is of a device that the baseline has for this model: every one of controller, port, ids,
/// interfaces and descriptors agrees.
const BaselineDevice* baseline_of(const DeviceEvent& event, const std::string& model, const Policy& policy);

/// It carries the ids of a baseline device of this model without being it.
const BaselineDevice* imitated(const DeviceEvent& event, const std::string& model, const Policy& policy);

/// It is at a port that the baseline of this model gives to the BMC.
bool at_bmc_port(const DeviceEvent& event, const std::string& model, const Policy& policy);

/// Input devices and nothing else, hubs aside.
bool only_input(const Device& device);

}  // namespace assay::accompaniment
