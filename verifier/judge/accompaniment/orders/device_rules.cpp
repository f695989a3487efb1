#include "verifier/judge/accompaniment/orders/device_rules.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

std::vector<std::string_view> actions_of(const DeviceEvent& event) {
    std::vector<std::string_view> actions{"connect"};
    if (event.mounted) actions.emplace_back("mount");
    if (event.written) actions.emplace_back("write");
    return actions;
}

bool only(const Device& device, DeviceKind kind) {
    return !device.interfaces.empty() && std::ranges::all_of(device.interfaces, [&](DeviceKind of) {
        return of == kind || of == DeviceKind::hub;
    });
}

Condition meets(const DeviceRule& rule, const DeviceEvent& event) {
    const auto& device = event.device;
    if (!rule.serial.empty()) {
        if (device.serial != rule.serial)
            return fails(
                fmt::format("serial {} is not {}", printable(device.serial), printable(rule.serial)));
        if (device.grade != SerialGrade::a) {
            return fails(fmt::format("serial {} has grade {}: it does not name one device",
                                     printable(device.serial), to_string(device.grade)));
        }
    }
    if (!rule.vid.empty() && rule.vid != device.vid)
        return fails(fmt::format("vendor id {} is not {}", printable(device.vid), rule.vid));
    if (!rule.pid.empty() && rule.pid != device.pid)
        return fails(fmt::format("product id {} is not {}", printable(device.pid), rule.pid));
    if (rule.kind && !device.interfaces.empty() && !only(device, *rule.kind))
        return fails(fmt::format("it is not only {}", to_string(*rule.kind)));
    for (const auto action : actions_of(event)) {
        if (!rule.actions.empty() && std::ranges::find(rule.actions, action) == rule.actions.end())
            return fails(fmt::format("it may not {}", action));
    }
    if (!rule.digest.empty() && !device.digest.empty() && rule.digest != device.digest)
        return fails("its descriptors are others");
    if ((!rule.digest.empty() && device.digest.empty()) || (rule.kind && device.interfaces.empty()))
        return unknown(Cause::data, "its descriptors were not read");
    return holds("named");
}

bool same_ids(const BaselineDevice& baseline, const Device& device) {
    return baseline.vid == device.vid && baseline.pid == device.pid;
}

bool for_model(const BaselineDevice& baseline, const std::string& model) {
    return baseline.model.empty() || baseline.model == model;
}

bool places(const BaselineDevice& baseline, const Device& device) {
    return on_controller(baseline, device) && baseline.port == device.port;
}

bool is(const BaselineDevice& baseline, const Device& device) {
    return same_ids(baseline, device) && places(baseline, device) &&
           baseline.interfaces == device.interfaces && !device.digest.empty() &&
           baseline.digest == device.digest;
}

}  // namespace

bool on_controller(const BaselineDevice& baseline, const Device& device) {
    return baseline.controller.empty() || baseline.controller == device.controller;
}

Condition allowed_by(const std::vector<DeviceRule>& rules, const DeviceEvent& event) {
    Condition best = fails("no device is named");
    for (const auto& rule : rules) {
        auto met = meets(rule, event);
        if (met.value == Tri::yes) return met;
        if (met.value == Tri::unknown || best.value != Tri::unknown) best = std::move(met);
    }
    return best;
}

const BaselineDevice* baseline_of(const DeviceEvent& event, const std::string& model, const Policy& policy) {
    for (const auto& baseline : policy.baseline) {
        if (for_model(baseline, model) && is(baseline, event.device)) return &baseline;
    }
    return nullptr;
}

const BaselineDevice* imitated(const DeviceEvent& event, const std::string& model, const Policy& policy) {
    for (const auto& baseline : policy.baseline) {
        if (for_model(baseline, model) && same_ids(baseline, event.device) && !is(baseline, event.device))
            return &baseline;
    }
    return nullptr;
}

bool at_bmc_port(const DeviceEvent& event, const std::string& model, const Policy& policy) {
    return std::ranges::any_of(policy.baseline, [&](const BaselineDevice& baseline) {
        return baseline.bmc && for_model(baseline, model) && places(baseline, event.device);
    });
}

bool only_input(const Device& device) {
    return only(device, DeviceKind::hid) &&
           std::ranges::find(device.interfaces, DeviceKind::hid) != device.interfaces.end();
}

}  // namespace assay::accompaniment
