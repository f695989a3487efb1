#include "agent/usb/storms.h"

#include <algorithm>
#include <utility>

namespace assay::agent {

void Storms::forget(std::deque<Time>& records, Time now) {
    while (!records.empty() && records.front() + kWindow <= now) records.pop_front();
}

bool Storms::admits(const std::string& port, const JournalRecord& event, Time now) {
    auto& state = ports_[port];
    forget(state.records, now);
    forget(overall_, now);
    if (!state.storm.count && state.records.size() < kPerPort && overall_.size() < kOverall) {
        state.records.push_back(now);
        overall_.push_back(now);
        return true;
    }
    if (!state.storm.count) state.begun = now;
    state.newest = now;
    state.storm.kind = DeviceEventKind::storm;
    state.storm.device = event.device;
    state.storm.hotplug = event.hotplug;
    state.storm.count = state.storm.count.value_or(0) + 1;
    return false;
}

Storms::Time Storms::due(const Port& port) {
    return std::min(port.newest + kQuiet, port.begun + kWindow);
}

std::vector<Storms::Storm> Storms::take_due(Time now) {
    std::vector<Storm> out;
    for (auto it = ports_.begin(); it != ports_.end();) {
        auto& [name, port] = *it;
        if (port.storm.count && due(port) <= now) out.push_back({name, std::exchange(port.storm, {})});
        forget(port.records, now);
        it = !port.storm.count && port.records.empty() ? ports_.erase(it) : std::next(it);
    }
    return out;
}

std::optional<Storms::Time> Storms::next_due() const {
    std::optional<Time> next;
    for (const auto& [name, port] : ports_) {
        if (port.storm.count && (!next || due(port) < *next)) next = due(port);
    }
    return next;
}

}  // namespace assay::agent
