#include "verifier/service/server/admission.h"

#include <string_view>

namespace assay::server {
namespace {

constexpr std::string_view name_of(Phase phase) {
    switch (phase) {
        case Phase::handshake:
            return "handshake";
        case Phase::idle:
            return "idle";
        case Phase::transfer:
        case Phase::working:
            break;
    }
    return "transfer";
}

}  // namespace

std::unique_ptr<Admission::Place> Admission::connection(const std::string& source,
                                                        std::function<void()> evict) {
    const std::scoped_lock lock(mutex_);
    const auto share = by_source_.find(source);
    if (share != by_source_.end() && share->second.connections >= limits_.connections_per_address) {
        metrics_.connection_refused("limit_per_address");
        return nullptr;
    }
    if (connections_ >= limits_.connections && !evict_one()) {
        metrics_.connection_refused("limit");
        return nullptr;
    }
    auto& line = strangers_.front();
    line.push_back({source, std::move(evict)});
    ++by_source_[source].connections;
    ++connections_;
    metrics_.set_connections(static_cast<std::int64_t>(connections_));
    return std::make_unique<Place>(*this, std::prev(line.end()));
}

std::size_t Admission::connections() const {
    const std::scoped_lock lock(mutex_);
    return connections_;
}

bool Admission::evict_one() {
    for (auto& line : strangers_) {
        if (line.empty()) continue;
        auto& entry = line.front();
        metrics_.connection_evicted(name_of(entry.phase));
        forget(entry);
        entry.evicted = true;
        entry.evict();
        evicted_.splice(evicted_.end(), line, line.begin());
        return true;
    }
    return false;
}

Admission::Line& Admission::line_of(const Entry& entry) {
    if (entry.evicted) return evicted_;
    if (entry.is_operator || entry.phase == Phase::working) return kept_;
    return strangers_.at(static_cast<std::size_t>(entry.phase));
}

void Admission::enter(Line::iterator entry, Phase phase) {
    const std::scoped_lock lock(mutex_);
    auto& from = line_of(*entry);
    entry->phase = phase;
    auto& to = line_of(*entry);
    to.splice(to.end(), from, entry);
}

void Admission::set_operator(Line::iterator entry, bool is_operator) {
    const std::scoped_lock lock(mutex_);
    auto& from = line_of(*entry);
    entry->is_operator = is_operator;
    auto& to = line_of(*entry);
    to.splice(to.end(), from, entry);
}

void Admission::leave(Line::iterator entry) {
    const std::scoped_lock lock(mutex_);
    if (!entry->evicted) forget(*entry);
    line_of(*entry).erase(entry);
}

void Admission::forget(const Entry& entry) {
    --by_source_.at(entry.source).connections;
    drop_if_unused(entry.source);
    --connections_;
    metrics_.set_connections(static_cast<std::int64_t>(connections_));
}

void Admission::drop_if_unused(const std::string& source) {
    const auto share = by_source_.find(source);
    if (share->second.connections == 0 && share->second.bytes == 0) by_source_.erase(share);
}

bool Admission::charge(const std::string& source, bool is_operator, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    if (is_operator) {
        if (bytes > limits_.operators_bodies - operators_bytes_) return false;
        operators_bytes_ += bytes;
        return true;
    }
    if (bytes > limits_.bodies - strangers_bytes_) return false;
    auto& share = by_source_[source];
    if (bytes > limits_.bodies_per_address - share.bytes) {
        drop_if_unused(source);
        return false;
    }
    share.bytes += bytes;
    strangers_bytes_ += bytes;
    return true;
}

void Admission::give_back(const std::string& source, bool is_operator, std::size_t bytes) {
    if (bytes == 0) return;
    const std::scoped_lock lock(mutex_);
    if (is_operator) {
        operators_bytes_ -= bytes;
        return;
    }
    strangers_bytes_ -= bytes;
    by_source_.at(source).bytes -= bytes;
    drop_if_unused(source);
}

bool Admission::Room::grow_to(std::size_t bytes) {
    const auto own = admission_.limits_.small_body;
    const auto wanted = bytes > own ? bytes - own : 0;
    if (wanted <= charged_) return true;
    if (!admission_.charge(source_, is_operator_, wanted - charged_)) return false;
    charged_ = wanted;
    return true;
}

}  // namespace assay::server
