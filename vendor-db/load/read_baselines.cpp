#include <algorithm>
#include <array>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"storage", "hid", "network", "hub", "other"};

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

void Loader::read_baselines(const TomlReader& root) {
    complaints_.take(root.only({"baseline"}));
    const auto tables = complaints_.take(root.tables("baseline"));
    if (tables.empty())
        complaints_.add(root.where(), "no baseline in it", "add [[baseline]], or remove the file");
    for (const auto& table : tables) {
        complaints_.take(table.only({"model", "generation", "from", "to", "source", "device"}));
        Baseline baseline;
        baseline.model = complaints_.take(table.text("model"));
        baseline.generation = complaints_.take(table.text("generation"));
        baseline.span = read_span(table);
        baseline.source = complaints_.take(table.text("source"));
        baseline.where = table.where();
        const auto devices = complaints_.take(table.tables("device"));
        if (devices.empty())
            complaints_.add(table.where(), "a baseline without a device",
                            "add [[baseline.device]], or remove it");
        for (const auto& device : devices) read_baseline_device(device, baseline);
        const auto same = std::ranges::find_if(db_.baselines_, [&](const Baseline& other) {
            return other.model == baseline.model && other.generation == baseline.generation &&
                   other.span.overlaps(baseline.span);
        });
        if (same != db_.baselines_.end())
            complaints_.add(table.where(), "the same generation of the same model as " + same->where,
                            "name the generations apart, or end one before the other begins");
        db_.baselines_.push_back(std::move(baseline));
    }
}

void Loader::read_baseline_device(const TomlReader& table, Baseline& baseline) {
    complaints_.take(
        table.only({"controller", "port", "vid", "pid", "interfaces", "descriptors_sha256", "bmc", "note"}));
    BaselineDevice device;
    device.controller = complaints_.take(table.text("controller"));
    device.port = complaints_.take(table.text("port"));
    device.vid = complaints_.take(table.text("vid"));
    device.pid = complaints_.take(table.text("pid"));
    device.interfaces = complaints_.take(table.texts("interfaces"));
    device.descriptors = complaints_.take(table.text("descriptors_sha256"));
    device.bmc = complaints_.take(table.flag("bmc", false));
    device.note = complaints_.take(table.optional_text("note")).value_or("");
    device.where = table.where();
    for (const auto* key : {"vid", "pid"}) {
        const auto& text = std::string_view(key) == "vid" ? device.vid : device.pid;
        if (!text.empty() && !is_hex(text, 4))
            complaints_.add(table.where(key), "an id is four hex digits in lower case", "correct it");
    }
    if (!device.descriptors.empty() && !is_hex(device.descriptors, 64))
        complaints_.add(table.where("descriptors_sha256"), "a SHA-256 is 64 hex digits in lower case",
                        "capture the baseline again");
    for (const auto& kind : device.interfaces) {
        if (std::ranges::find(kKinds, kind) == kKinds.end())
            complaints_.add(table.where("interfaces"), "'" + printable(kind) + "' is no kind of interface",
                            "use storage, hid, network, hub or other");
    }
    std::ranges::sort(device.interfaces);
    const auto twice = std::ranges::find_if(baseline.devices, [&](const BaselineDevice& other) {
        return other.controller == device.controller && other.port == device.port &&
               other.vid == device.vid && other.pid == device.pid && other.descriptors == device.descriptors;
    });
    if (twice != baseline.devices.end())
        complaints_.add(table.where(), "the same device as " + twice->where, "give it once");
    baseline.devices.push_back(std::move(device));
}

}  // namespace assay::vendors
