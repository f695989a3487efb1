#include "verifier/judge/accompaniment/judging/occurrence.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "evidence/base/stable_sort.h"

namespace assay::accompaniment {
namespace {

// "1-4.2.1" hangs on root port "1-4".
std::string root_port(const Device& device) {
    return device.controller + "/" + device.port.substr(0, device.port.find('.'));
}

bool same_device(const Device& a, const Device& b) {
    return a.digest == b.digest && a.serial == b.serial && a.vid == b.vid && a.pid == b.pid;
}

void add_what_it_did(DeviceEvent& event, const DeviceEvent& other) {
    event.mounted = event.mounted || other.mounted;
    event.written = event.written || other.written;
    event.dma = event.dma || other.dma;
    // A removal says nothing of whether it was let in.
    if (other.kind != EventKind::remove) event.authorized = event.authorized || other.authorized;
    for (const auto kind : other.bound) {
        if (std::ranges::find(event.bound, kind) == event.bound.end()) event.bound.push_back(kind);
    }
    std::ranges::sort(event.bound);
    for (const auto& failure : other.failures) {
        if (std::ranges::find(event.failures, failure) == event.failures.end())
            event.failures.push_back(failure);
    }
}

struct Ports {
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> newest;  // occurrence of a port
    std::map<std::pair<std::string, std::string>, std::size_t> group;  // newest occurrence of a root port
};

}  // namespace

std::vector<Occurrence> occurrences_of(std::vector<DeviceEvent> events, const Policy& policy) {
    sort_stably(events, [](const DeviceEvent& a, const DeviceEvent& b) {
        return std::tie(a.time.from, a.time.to, a.id) < std::tie(b.time.from, b.time.to, b.id);
    });
    std::vector<Occurrence> all;
    Ports ports;
    for (auto& event : events) {
        const std::tuple port{event.host, event.device.controller, event.device.port};
        const auto before = ports.newest.find(port);
        auto* newest = before == ports.newest.end() ? nullptr : &all[before->second];
        // What becomes active on the BMC later is done then, by whoever is there then.
        if (event.kind == EventKind::use && event.bmc_active.empty()) {
            if (newest == nullptr || newest->removal) continue;  // of a device that nobody saw
            add_what_it_did(newest->event, event);
            newest->also.push_back(event.id);
            continue;
        }
        if (event.kind == EventKind::remove) {
            if (newest == nullptr || newest->removal) continue;  // nothing that it could end
            add_what_it_did(newest->event, event);
            newest->also.push_back(event.id);
            newest->removal = std::move(event);
            continue;
        }
        std::optional<Device> morphed_from;
        if (newest != nullptr && event.kind == EventKind::insert) {
            const auto gone = newest->removal ? newest->removal->time.to : newest->event.time.to;
            const bool same = same_device(newest->event.device, event.device);
            if (same && newest->removal && event.time.from - gone < policy.flap &&
                newest->event.boot_id == event.boot_id) {
                add_what_it_did(newest->event, event);
                newest->also.push_back(event.id);
                newest->removal.reset();
                ++newest->count;
                continue;
            }
            if (!same && event.time.from - gone < policy.morph) morphed_from = newest->event.device;
        }
        const std::pair root{event.host, root_port(event.device)};
        auto group = event.id;
        if (const auto of = ports.group.find(root); of != ports.group.end()) {
            if (event.time.from - all[of->second].event.time.to <= policy.group)
                group = all[of->second].group;
        }
        ports.group[root] = all.size();
        if (event.kind == EventKind::insert || event.kind == EventKind::present)
            ports.newest[port] = all.size();
        all.push_back({.event = std::move(event),
                       .count = 1,
                       .removal = {},
                       .morphed_from = std::move(morphed_from),
                       .group = std::move(group),
                       .also = {}});
    }
    return all;
}

}  // namespace assay::accompaniment
