#include "verifier/judge/accompaniment/orders/orders.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {

std::string_view room_of(const Directory& directory, std::string_view zone) {
    const auto room = directory.enclosing(zone, ZoneKind::room);
    if (!room.empty()) return room;
    const auto around = directory.around(zone);
    return around.empty() ? zone : around.back();
}

bool in_scope(const Directory& directory, const OrderFields& fields, const Host& host, Millis as_of) {
    const auto names = [&](std::string_view id) {
        return !id.empty() && std::ranges::find(fields.hosts, id) != fields.hosts.end();
    };
    if (names(host.id) || names(host.ek)) return true;
    const auto* there = as_of == kNow ? &host : directory.host(host.id, as_of);
    return there != nullptr && std::ranges::any_of(fields.racks, [&](const auto& rack) {
               return directory.within(there->zone, rack, as_of);
           });
}

Condition scope_at(const Directory& directory, const OrderFields& fields, const Host& host, Millis event) {
    if (!in_scope(directory, fields, host))
        return fails(fmt::format("host {} is not in its scope", printable(host.id)));
    if (!in_scope(directory, fields, host, event)) {
        return unknown(
            Cause::late,
            fmt::format("the directory had host {} elsewhere at the event; it was told otherwise {}",
                        printable(host.id), in_words(host.known)));
    }
    return holds(fmt::format("host {} is in its scope", printable(host.id)));
}

const OrderVersion* version_at(const WorkOrder& order, Millis at) {
    const OrderVersion* found = nullptr;
    for (const auto& version : order.versions) {
        if (version.from > at) break;
        found = &version;
    }
    return found;
}

Orders::Orders(const Directory& directory, const std::vector<WorkOrder>& orders) : directory_(directory) {
    for (const auto& order : orders) {
        ids_.emplace(order.id, &order);
        for (const auto& version : order.versions) {
            const auto& fields = version.fields;
            for (const auto& host : fields.hosts) hosts_[host].add(fields.window, &order);
            for (const auto& rack : fields.racks) zones_[rack].add(fields.window, &order);
            for (const auto& person : fields.technicians) technicians_[person].add(fields.window, &order);
        }
    }
    for (auto* index : {&hosts_, &zones_, &technicians_}) {
        for (auto& [key, spans] : *index) spans.build();
    }
}

namespace {

// In the order of first sight, each once.
class Collected {
  public:
    template <typename Index>
    void from(const Index& index, std::string_view key, const Span& span) {
        const auto found = index.find(key);
        if (found == index.end()) return;
        found->second.visit(span, [&](const WorkOrder* order) {
            if (seen_.insert(order).second) all_.push_back(order);
        });
    }
    std::vector<const WorkOrder*> take() { return std::move(all_); }

  private:
    std::set<const WorkOrder*> seen_;  // membership alone: what is taken keeps its order
    std::vector<const WorkOrder*> all_;
};

}  // namespace

std::vector<const WorkOrder*> Orders::covering(const Host& host, const Span& span) const {
    Collected collected;
    collected.from(hosts_, host.id, span);
    if (!host.ek.empty()) collected.from(hosts_, host.ek, span);
    for (const auto zone : directory_.around(host.zone)) collected.from(zones_, zone, span);
    return collected.take();
}

const WorkOrder* Orders::naming(const std::set<std::string>& persons, const Span& span,
                                const std::function<bool(const WorkOrder*)>& meets) const {
    const WorkOrder* first = nullptr;
    for (const auto& person : persons) {
        const auto found = technicians_.find(person);
        if (found == technicians_.end()) continue;
        found->second.visit(span, [&](const WorkOrder* order) {
            if (first == nullptr && meets(order)) first = order;
        });
        if (first != nullptr) break;
    }
    return first;
}

const WorkOrder* Orders::order(std::string_view id) const {
    const auto found = ids_.find(id);
    return found == ids_.end() ? nullptr : found->second;
}

}  // namespace assay::accompaniment
