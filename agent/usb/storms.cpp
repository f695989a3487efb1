#include "agent/usb/storms.h"

#include <algorithm>

namespace assay {

void Storms::forget(std::deque<Time>& records, Time now) {
    while (!records.empty() && records.front() + kWindow <= now) records.pop_front();
}

bool Storms::admits(const std::string& port, Time now) {
    auto& state = ports_[port];
    forget(state.records, now);
    forget(overall_, now);
    if (state.count == 0 && state.records.size() < kPerPort && overall_.size() < kOverall) {
        state.records.push_back(now);
        overall_.push_back(now);
        return true;
    }
    if (state.count++ == 0) state.begun = now;
    state.newest = now;
    return false;
}

Storms::Time Storms::due(const Port& port) {
    return std::min(port.newest + kQuiet, port.begun + kWindow);
}

std::vector<Storms::Storm> Storms::take_due(Time now) {
    std::vector<Storm> out;
    for (auto it = ports_.begin(); it != ports_.end();) {
        auto& [name, port] = *it;
        if (port.count != 0 && due(port) <= now) {
            out.push_back({name, port.count});
            port.count = 0;
        }
        forget(port.records, now);
        it = port.count == 0 && port.records.empty() ? ports_.erase(it) : std::next(it);
    }
    return out;
}

std::optional<Storms::Time> Storms::next_due() const {
    std::optional<Time> next;
    for (const auto& [name, port] : ports_) {
        if (port.count != 0 && (!next || due(port) < *next)) next = due(port);
    }
    return next;
}

}  // namespace assay
