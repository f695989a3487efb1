#include "vendor-db/model/baseline.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "vendor-db/model/firmware.h"

namespace assay::vendors {
bool same_ids(const BaselineDevice& baseline, const SeenDevice& device) {
    return baseline.vid == device.vid && baseline.pid == device.pid;
}

bool same_place(const BaselineDevice& baseline, const SeenDevice& device) {
    return baseline.controller == device.controller && baseline.port == device.port;
}

bool agrees(const BaselineDevice& baseline, const SeenDevice& device) {
    return same_ids(baseline, device) && same_place(baseline, device) &&
           baseline.interfaces == device.interfaces && baseline.descriptors == device.descriptors;
}

std::string difference(const BaselineDevice& baseline, const SeenDevice& device) {
    std::vector<std::string_view> parts;
    if (baseline.controller != device.controller) parts.emplace_back("controller");
    if (baseline.port != device.port) parts.emplace_back("port");
    if (baseline.interfaces != device.interfaces) parts.emplace_back("interfaces");
    if (baseline.descriptors != device.descriptors) parts.emplace_back("descriptors");
    return fmt::format("{}", fmt::join(parts, ", "));
}

bool is_of_model(const Baseline& baseline, std::string_view model) {
    return !trimmed(model).empty() && same_model(baseline.model, model);
}

std::vector<const Baseline*> baselines_of(const std::vector<Baseline>& all, std::string_view model,
                                          std::int64_t at) {
    std::vector<const Baseline*> out;
    for (const auto& baseline : all) {
        if (is_of_model(baseline, model) && baseline.span.covers(at)) out.push_back(&baseline);
    }
    return out;
}

std::string to_toml(const std::vector<Baseline>& baselines) {
    std::string out;
    const auto line = [&](std::string_view key, const std::string& value) {
        out += fmt::format("{} = {}\n", key, value);
    };
    for (const auto& baseline : baselines) {
        out += out.empty() ? "[[baseline]]\n" : "\n[[baseline]]\n";
        line("model", toml_text(baseline.model));
        line("generation", toml_text(baseline.generation));
        if (baseline.span.from) line("from", utc_text(*baseline.span.from));
        if (baseline.span.to) line("to", utc_text(*baseline.span.to));
        line("source", toml_text(baseline.source));
        for (const auto& device : baseline.devices) {
            out += "\n[[baseline.device]]\n";
            line("controller", toml_text(device.controller));
            line("port", toml_text(device.port));
            line("vid", toml_text(device.vid));
            line("pid", toml_text(device.pid));
            std::vector<std::string> interfaces;
            for (const auto& each : device.interfaces) interfaces.push_back(toml_text(each));
            line("interfaces", fmt::format("[{}]", fmt::join(interfaces, ", ")));
            line("descriptors_sha256", toml_text(device.descriptors));
            if (device.bmc) line("bmc", "true");
            if (!device.note.empty()) line("note", toml_text(device.note));
        }
    }
    return out;
}

}  // namespace assay::vendors
