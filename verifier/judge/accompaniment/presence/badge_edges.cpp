#include <algorithm>
#include <tuple>

#include "verifier/judge/accompaniment/presence/presence.h"

// From rows to edges: what each row says about where its person is from then on.
namespace assay::accompaniment {
namespace {

constexpr std::string_view or_else(std::string_view value, std::string_view other) {
    return value.empty() ? other : value;
}

Direction direction_of(const BadgeRow& row, const Reader* reader) {
    if (row.direction != Direction::unknown || reader == nullptr) return row.direction;
    return reader->direction == "in"    ? Direction::in
           : reader->direction == "out" ? Direction::out
                                        : Direction::unknown;
}

}  // namespace

std::string_view to_string(Direction direction) {
    return direction == Direction::in ? "in" : direction == Direction::out ? "out" : "unknown";
}

Presences::Presences(const Directory& directory, const BadgeData& badges, const Policy& policy)
    : directory_(directory), badges_(badges), policy_(policy) {
    slack_ = policy.delta;
    for (const auto& clock : badges.controllers) {
        clocks_.insert_or_assign(clock.id, clock);
        slack_ = std::max(slack_, clock.fast + clock.bound);
    }
    add_rows();
    for (auto& [id, person] : persons_) {
        std::ranges::sort(person.edges, {}, [&](const Edge& edge) {
            const auto& row = badges.rows[edge.row];
            return std::tie(edge.middle, row.source, row.event_id);
        });
        for (std::size_t i = 0; i < person.edges.size(); ++i) {
            auto& edge = person.edges[i];
            person.widest = std::max(person.widest, (edge.time.to - edge.time.from) / 2 + 1);
            if (i == 0) continue;
            auto& before = person.edges[i - 1];
            if (!edge.site.empty() && !before.site.empty() && edge.site != before.site &&
                edge.time.from - before.time.to < policy.travel) {
                edge.cloned = before.cloned = true;
            }
        }
    }
    index_zones();
}

void Presences::add_rows() {
    for (std::size_t i = 0; i < badges_.rows.size(); ++i) {
        const auto& row = badges_.rows[i];
        const auto* reader = directory_.reader(row.reader);
        if (reader != nullptr && reader->kiosk) continue;
        // A refusal shows where somebody stands only if the row says from where.
        if (!row.granted && row.zone_from.empty() && (reader == nullptr || reader->zone_from.empty()))
            continue;
        if (!row.person.empty()) {
            persons_[row.person].edges.push_back(edge_of(row, i));
            continue;
        }
        const auto& holders = directory_.holders_of_credential(row.credential);
        if (holders.empty()) unclaimed_.push_back(i);
        for (const auto& holder : holders) persons_[holder].edges.push_back(edge_of(row, i));
    }
}

Presences::Edge Presences::edge_of(const BadgeRow& row, std::size_t index) const {
    const auto* reader = directory_.reader(row.reader);
    const auto from = or_else(row.zone_from, reader == nullptr ? std::string_view() : reader->zone_from);
    const auto to = or_else(row.zone_to, reader == nullptr ? std::string_view() : reader->zone_to);
    const auto clock =
        clocks_.find(or_else(row.controller, reader == nullptr ? std::string_view() : reader->controller));
    const auto fast = clock == clocks_.end() ? 0 : clock->second.fast;
    const auto bound = clock == clocks_.end() ? policy_.delta : clock->second.bound;
    Edge edge;
    edge.row = index;
    edge.from = from;
    edge.time = {row.occurred.from - fast - bound, row.occurred.to - fast + bound};
    edge.middle = edge.time.from + (edge.time.to - edge.time.from) / 2;

    const auto enter = [&] {
        if (directory_.zone(to) == nullptr)
            edge.anywhere = true;
        else
            edge.zones.push_back(to);
    };
    const auto leave = [&] {
        const auto* zone = directory_.zone(from);
        if (directory_.zone(to) != nullptr)
            edge.zones.push_back(to);
        else if (zone == nullptr)
            edge.anywhere = true;
        else if (!zone->parent.empty())
            edge.zones.push_back(zone->parent);
    };
    const auto direction = direction_of(row, reader);
    if (!row.granted) {
        edge.zones.push_back(from);
    } else if (direction == Direction::in) {
        edge.entering = true;
        enter();
    } else if (direction == Direction::out) {
        leave();
    } else {  // either side of the door
        enter();
        if (directory_.zone(from) == nullptr)
            edge.anywhere = true;
        else
            edge.zones.push_back(from);
    }
    const auto at = !edge.zones.empty() ? edge.zones.front() : from;
    edge.site = directory_.enclosing(at, ZoneKind::site);
    if (edge.site.empty()) edge.site = directory_.enclosing(from, ZoneKind::site);
    return edge;
}

void Presences::index_zones() {
    for (const auto& [id, person] : persons_) {
        for (std::size_t i = 0; i < person.edges.size(); ++i) {
            const auto& edge = person.edges[i];
            auto until = edge.middle + policy_.max_dwell;
            if (i + 1 < person.edges.size()) until = std::min(until, person.edges[i + 1].time.to);
            const Span span{edge.time.from, std::max(until, edge.time.to)};
            if (edge.anywhere) anywhere_.add(span, id);
            for (const auto zone : edge.zones) zones_[zone].add(span, id);
        }
    }
    for (auto& [zone, index] : zones_) index.build();
    anywhere_.build();
}

}  // namespace assay::accompaniment
