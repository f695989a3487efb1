#include <algorithm>
#include <iterator>
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

bool is_late(const BadgeRow& row, const BadgeData& badges) {
    return std::ranges::any_of(badges.feeds, [&](const Feed& feed) {
        if (feed.source != row.source) return false;
        const auto after =
            std::ranges::lower_bound(feed.passed, row.receipt.at, {}, &PassedWatermark::received_at);
        return after != feed.passed.begin() && std::prev(after)->watermark >= row.occurred.from;
    });
}

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
    index_holders();
    add_rows();
    for (auto* group : {&known_, &strangers_}) {
        order_edges(*group);
        index_zones(*group);
    }
}

void Presences::order_edges(Group& group) const {
    for (auto& [id, person] : group.persons) {
        // Spans of edges may overlap, so their order is not known. Sorted by the middle, those that may reach
        // into a time are found by a search: none whose middle is further away than `widest`. Ties go by the
        // row's names, so that the order in which rows came changes nothing.
        std::ranges::sort(person.edges, {}, [&](const Edge& edge) {
            const auto& row = badges_.rows[edge.row];
            return std::tie(edge.middle, row.source, row.event_id);
        });
        Edge* before = nullptr;
        Edge* in_time = nullptr;  // the last one before that did not come late
        for (auto& edge : person.edges) {
            person.widest = std::max(person.widest, (edge.time.to - edge.time.from) / 2 + 1);
            person.late = person.late || edge.late;
            // ("Presence": in two sites within the travel time) Which of the two was the holder nobody can
            // tell: neither proves a presence. A row that came late between them does not part them.
            for (auto* other : {before, in_time}) {
                if (other != nullptr && edge.site != kNoZone && other->site != kNoZone &&
                    edge.site != other->site && edge.time.from - other->time.to < policy_.travel) {
                    edge.cloned = other->cloned = true;
                }
            }
            before = &edge;
            if (!edge.late && edge.known_from <= edge.time.from) in_time = &edge;
        }
    }
}

// By credential; versions of a person that follow each other are one.
void Presences::index_holders() {
    for (const auto& person : directory_.data().persons) {
        for (const auto& credential : person.credentials)
            holders_[credential].push_back({person.id, person.known.receipt.at, person.known.until});
    }
    holders_.change_each([](std::vector<Held>& all) {
        std::ranges::sort(all, {}, [](const Held& held) { return std::tie(held.person, held.from); });
        std::vector<Held> out;
        for (const auto& held : all) {
            if (!out.empty() && out.back().person == held.person && held.from <= out.back().until)
                out.back().until = std::max(out.back().until, held.until);
            else
                out.push_back(held);
        }
        all = std::move(out);
    });
}

// Whose badge it was when it was used; where it was nobody's then, whose it became. Several who hold one are
// all moved: none can be left out.
std::vector<Presences::Held> Presences::holders_of(const BadgeRow& row) const {
    const auto* all = holders_.find(row.credential);
    if (all == nullptr) return {};
    const auto used = row.occurred.from;
    auto first = kNow;
    for (const auto& held : *all) {
        if (held.until == kNow || used < held.until) first = std::min(first, std::max(held.from, used));
    }
    std::vector<Held> out;
    std::ranges::copy_if(*all, std::back_inserter(out), [&](const Held& held) {
        return std::max(held.from, used) == first && (held.until == kNow || used < held.until);
    });
    return out;
}

void Presences::add_rows() {
    for (std::size_t i = 0; i < badges_.rows.size(); ++i) {
        const auto& row = badges_.rows[i];
        const auto* reader =
            as_it_was(row.occurred.from, [&](Millis as_of) { return directory_.reader(row.reader, as_of); });
        if (reader != nullptr && reader->kiosk) continue;  // "a check-in desk is no door"
        // A refusal shows where somebody stands only if the row says from where.
        if (!row.granted && row.zone_from.empty() && (reader == nullptr || reader->zone_from.empty()))
            continue;
        if (!row.person.empty()) {
            known_.persons[row.person].edges.push_back(edge_of(row, i, kAtItsOwnTime));
            continue;
        }
        const auto holders = holders_of(row);
        if (holders.empty())
            strangers_.persons[row.credential].edges.push_back(edge_of(row, i, kAtItsOwnTime));
        for (const auto& held : holders) {
            auto& edges = known_.persons.try_emplace(std::string(held.person)).first->second.edges;
            edges.push_back(edge_of(row, i, held.from));
        }
    }
}

Presences::Edge Presences::edge_of(const BadgeRow& row, std::size_t index, Millis known_from) const {
    Edge edge;
    edge.row = static_cast<std::uint32_t>(index);  // of rows that are in memory
    edge.late = is_late(row, badges_);
    edge.known_from = known_from;
    const auto known = [&](const auto* element) {
        if (element != nullptr) edge.known_from = std::max(edge.known_from, element->known.receipt.at);
        return element;
    };
    const auto zone_of = [&](std::string_view id) {
        return as_it_was(row.occurred.from, [&](Millis as_of) { return directory_.zone(id, as_of); });
    };
    const auto* reader =
        as_it_was(row.occurred.from, [&](Millis as_of) { return directory_.reader(row.reader, as_of); });
    if (row.zone_from.empty() || row.zone_to.empty() || row.direction == Direction::unknown) known(reader);
    const auto from = or_else(row.zone_from, reader == nullptr ? std::string_view() : reader->zone_from);
    const auto to = or_else(row.zone_to, reader == nullptr ? std::string_view() : reader->zone_to);
    const auto clock =
        clocks_.find(or_else(row.controller, reader == nullptr ? std::string_view() : reader->controller));
    const auto fast = clock == clocks_.end() ? 0 : clock->second.fast;
    const auto bound = clock == clocks_.end() ? policy_.delta : clock->second.bound;
    edge.from = directory_.number_of(from);
    edge.said_from = !from.empty();
    // ("Clocks, bounds and watermarks") The controller's time, less what its clock is fast, more or less its
    // bound.
    edge.time = {row.occurred.from - fast - bound, row.occurred.to - fast + bound};
    edge.middle = edge.time.from + (edge.time.to - edge.time.from) / 2;

    // A row that does not say where to, by itself or by its reader, leaves its person anywhere: unknown
    // everywhere until the next edge, never absent.
    const auto enter = [&] {
        if (known(zone_of(to)) == nullptr)
            edge.anywhere = true;
        else
            edge.add(directory_.number_of(to));
    };
    // Who leaves a zone is in what lies around it. Of the outermost one: in none, which is a sure absence.
    const auto leave = [&] {
        const auto* zone = known(zone_of(from));
        if (known(zone_of(to)) != nullptr)
            edge.add(directory_.number_of(to));
        else if (zone == nullptr)
            edge.anywhere = true;
        else if (!zone->parent.empty())
            edge.add(directory_.number_of(zone->parent));
    };
    const auto direction = direction_of(row, reader);
    if (!row.granted) {  // the door stayed shut: still on this side of it
        edge.add(edge.from);
    } else if (direction == Direction::in) {
        edge.entering = true;
        enter();
    } else if (direction == Direction::out) {
        leave();
    } else {  // either side of the door
        enter();
        if (known(zone_of(from)) == nullptr)
            edge.anywhere = true;
        else
            edge.add(edge.from);
    }
    if (!edge.zones().empty()) edge.site = directory_.site_of(edge.zones().front());
    if (edge.site == kNoZone) edge.site = directory_.site_of(edge.from);
    return edge;
}

void Presences::index_zones(Group& group) const {
    std::size_t rank = 0;
    for (const auto& named : group.persons) {
        const auto& person = named.second;
        const Edge* next = nullptr;
        for (auto edge = person.edges.rbegin(); edge != person.edges.rend(); ++edge) {
            // ("Presence": ended) As long as it may last at most: until the next edge at its latest, or the
            // longest stay; an edge that came too late ends nothing here. The index only collects candidates;
            // by_edges decides.
            auto until = edge->middle + policy_.max_dwell;
            if (next != nullptr) until = std::min(until, next->time.to);
            const Span span{edge->time.from, std::max(until, edge->time.to)};
            const Group::Candidate who{.named = &named, .edge = &*edge, .rank = rank};
            if (edge->anywhere) group.anywhere.add(span, who);
            for (const auto zone : edge->zones()) group.zones[zone].add(span, who);
            if (!edge->late && edge->known_from <= edge->time.from) next = &*edge;
        }
        ++rank;
    }
    for (auto& [zone, index] : group.zones) index.build();
    group.anywhere.build();
}

}  // namespace assay::accompaniment
