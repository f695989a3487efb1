#include <algorithm>
#include <tuple>

#include "verifier/judge/accompaniment/presence/presence.h"

// From rows to edges: what each row says about where its person is from then on. The rules:
// docs/accompaniment.md, "Clocks, bounds and watermarks" and "Presence".
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
    // A controller that is fast dates a row later than it was: what happened at t may stand in the feed as
    // late as t + fast + bound. Only a feed that was received beyond that can lack no row of t.
    slack_ = policy.delta;
    for (const auto& clock : badges.controllers) {
        clocks_.insert_or_assign(clock.id, clock);
        slack_ = std::max(slack_, clock.fast + clock.bound);
    }
    add_rows();
    for (auto& [id, person] : persons_) {
        // Spans of edges may overlap, so their order is not known. Sorted by the middle, those that may reach
        // into a time are found by a search: none whose middle is further away than `widest`. Ties go by the
        // row's names, so that the order in which rows came changes nothing.
        std::ranges::sort(person.edges, {}, [&](const Edge& edge) {
            const auto& row = badges.rows[edge.row];
            return std::tie(edge.middle, row.source, row.event_id);
        });
        for (std::size_t i = 0; i < person.edges.size(); ++i) {
            auto& edge = person.edges[i];
            person.widest = std::max(person.widest, (edge.time.to - edge.time.from) / 2 + 1);
            if (i == 0) continue;
            auto& before = person.edges[i - 1];
            // ("Presence": in two sites within the travel time) Which of the two was the holder nobody can
            // tell: neither proves a presence.
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
        if (reader != nullptr && reader->kiosk) continue;  // "a check-in desk is no door"
        // A refusal shows where somebody stands only if the row says from where.
        if (!row.granted && row.zone_from.empty() && (reader == nullptr || reader->zone_from.empty()))
            continue;
        if (!row.person.empty()) {
            persons_[row.person].edges.push_back(edge_of(row, i));
            continue;
        }
        // A credential that several hold moves each of them: none can be left out.
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
    // ("Clocks, bounds and watermarks") The controller's time, less what its clock is fast, more or less its
    // bound.
    edge.time = {row.occurred.from - fast - bound, row.occurred.to - fast + bound};
    edge.middle = edge.time.from + (edge.time.to - edge.time.from) / 2;

    // A row that does not say where to, by itself or by its reader, leaves its person anywhere: unknown
    // everywhere until the next edge, never absent.
    const auto enter = [&] {
        if (directory_.zone(to) == nullptr)
            edge.anywhere = true;
        else
            edge.zones.push_back(to);
    };
    // Who leaves a zone is in what lies around it. Of the outermost one: in none, which is a sure absence.
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
    if (!row.granted) {  // the door stayed shut: still on this side of it
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
            // ("Presence": ended) As long as it may last at most: until the next edge at its latest, or the
            // longest stay. The index only collects candidates; by_edges decides.
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
