#include "verifier/judge/accompaniment/presence/presence.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
// An edge may leave its person in one of several zones: a row without direction names both sides of its door.
// Inside for sure only where all of them are in `zone`.
Tri Presences::membership(const Edge& edge, ZoneNumber zone) const {
    if (edge.anywhere) return Tri::unknown;
    std::size_t inside = 0;
    for (const auto at : edge.zones()) inside += directory_.within(at, zone) ? 1U : 0U;
    if (inside == 0) return Tri::no;
    return inside == edge.zones().size() ? Tri::yes : Tri::unknown;
}

// Whether an edge that leaves the person outside `zone` says so: went out, or is somewhere that is not around
// it.
bool Presences::contrary(const Edge& edge, ZoneNumber zone) const {
    if (!edge.entering) return true;
    return std::ranges::none_of(edge.zones(), [&](auto at) { return directory_.within(zone, at); });
}

// ("Presence": inferred) Somebody in `zone` whose next door passed shows that the way out was not recorded.
bool Presences::exit_unseen(const Edge* next, ZoneNumber zone) const {
    if (next == nullptr || next->anywhere || next->zones().empty()) return false;
    if (directory_.within(next->from, zone)) return false;  // through a door of the zone
    const auto to = next->zones().front();
    if (next->entering) return to == zone || !directory_.within(to, zone);
    return next->said_from && !directory_.within(zone, next->from);
}

// Released doors let people in and out without a row, in the zone, in what is around it and in its parts.
bool Presences::released(std::string_view zone, const Span& span) const {
    return std::ranges::any_of(badges_.releases, [&](const Release& release) {
        return release.time.meets(span) &&
               (directory_.within(zone, release.zone) || directory_.within(release.zone, zone));
    });
}

// ("Clocks, bounds and watermarks") What is not in a feed proves nothing before the feed was received beyond
// it. Two ways to lack a row, told apart: it can still come (feed), or it was deleted (data), which no
// waiting mends.
Condition Presences::settled(std::string_view zone, Millis at, Millis since) const {
    at += slack_;
    bool covered = false;
    for (const auto& feed : badges_.feeds) {
        const bool covers = std::ranges::any_of(
            feed.zones, [&](const std::string& of) { return directory_.within(zone, of); });
        if (!covers) continue;
        covered = true;
        if (feed.watermark <= at) {
            return unknown(Cause::feed, fmt::format("feed {} has been received up to {}",
                                                    printable(feed.source), instant_text(feed.watermark)));
        }
        if (feed.kept_since && since < *feed.kept_since) {
            return unknown(Cause::data, fmt::format("feed {} keeps rows since {} only",
                                                    printable(feed.source), instant_text(*feed.kept_since)));
        }
    }
    if (!covered) return unknown(Cause::data, fmt::format("no badge feed covers zone {}", printable(zone)));
    return holds("received");
}

std::string Presences::lateness(const Edge& edge) const {
    const auto& row = badges_.rows[edge.row];
    const auto name = printable(row.source + "/" + row.event_id);
    return edge.late ? fmt::format("badge row {} came at {}, when its feed had said that nothing more comes",
                                   name, instant_text(row.receipt.at))
                     : fmt::format("what badge row {} says is in the directory since {} only", name,
                                   instant_text(edge.known_from));
}

// Whether the edges before one that came too late say already, for the time `at`, that the person was in
// `zone`: then it tells nothing new.
bool Presences::told_before(const Person& person, const Edge& edge, ZoneNumber zone, Millis at,
                            Millis as_of) const {
    auto i = static_cast<std::size_t>(&edge - person.edges.data());
    while (i > 0) {
        const auto& before = person.edges[--i];
        const auto member = membership(before, zone);
        if (member == Tri::no) return false;
        if (!before.late && before.known_from <= as_of)
            return member == Tri::yes && at <= before.middle + policy_.max_dwell;
    }
    return false;
}

std::size_t Presences::near(const Person& person, const Span& asked, std::size_t hint) {
    const auto& edges = person.edges;
    const auto from = asked.from - person.widest;
    auto at = hint;
    while (at < edges.size() && edges[at].middle < from) ++at;
    if (at != hint) return at;  // the edges are by their middles, so none before the hint is one
    while (at > 0 && edges[at - 1].middle >= from) --at;
    return at;
}

// Where a person was during a time that is itself a span, by edges that are spans. `states`: the last edge
// that was over before it began, then every edge that may have been passed during it. Each is a place where
// the person may have been at the event's true moment, so
//   - inside in all of them is a presence, outside in all of them an absence;
//   - anything else is unknown, with the cause: "where the two spans meet, presence is unknown, not false"
//     ("Clocks, bounds and watermarks").
// The states of "Presence" come out in this order: cloned, confirmed or inferred, false, unknown.
Presence Presences::by_edges(const Person& person, std::size_t near, const Received& received,
                             const Span& span, Millis host_bound, Millis as_of, bool in_time) const {
    const auto zone = received.zone;
    const auto asked = span.widened(host_bound);
    const auto& edges = person.edges;
    const auto too_late = [&](const Edge& edge) { return edge.late || edge.known_from > as_of; };
    const auto left_out = [&](const Edge& edge) { return in_time && too_late(edge); };
    auto at = near;
    const Edge* before = nullptr;
    for (auto i = at; i > 0 && before == nullptr; --i) {
        if (!left_out(edges[i - 1])) before = &edges[i - 1];
    }
    std::vector<const Edge*> states(1);  // where the person may have been during `asked`; `before` first
    const Edge* next = nullptr;
    for (; at < edges.size() && edges[at].middle <= asked.to + person.widest; ++at) {
        const auto& edge = edges[at];
        if (edge.time.from > asked.to || left_out(edge)) continue;
        // Behind one that meets the time even an edge that was over before is kept: which of the two came
        // last is not known.
        if (edge.time.to < asked.from && states.size() == 1)
            before = &edge;
        else
            states.push_back(&edge);
    }
    states.front() = before;
    const bool crossed = states.size() > 1;
    if (!crossed) {
        const auto first =
            std::find_if(edges.begin() + static_cast<std::ptrdiff_t>(near), edges.end(),
                         [&](const Edge& e) { return e.time.from > asked.to && !left_out(e); });
        next = first == edges.end() ? nullptr : &*first;
    } else {
        next = states[1];
    }

    std::size_t in = 0;
    std::size_t out = 0;  // an edge that counts in neither: its row does not say where to
    std::vector<std::size_t> rows;
    bool against = false;
    bool expired = false;
    const Edge* doubted = nullptr;  // says that the person was there, and came too late to prove it
    std::optional<std::size_t> late_row;
    const auto answer = [&](Condition condition) {
        return Presence{.condition = std::move(condition),
                        .contrary = false,
                        .inferred = false,
                        .cloned = false,
                        .rows = rows,
                        .late_row = late_row};
    };
    for (const auto* edge : states) {
        if (edge == nullptr) {  // before the first row that names this person
            ++out;
            continue;
        }
        rows.push_back(edge->row);
        if (edge->late && !late_row) late_row = edge->row;
        if (edge->cloned) {
            auto cloned = answer(fails("the badge was in two sites within the travel time"));
            cloned.contrary = cloned.cloned = true;
            return cloned;
        }
        const auto member = membership(*edge, zone);
        if (member == Tri::no) {
            ++out;
            against = contrary(*edge, zone) || against;
        } else if (edge == before && asked.from > edge->middle + policy_.max_dwell) {
            ++out;  // nobody stays that long: the way out was not recorded
            expired = true;
        } else if (too_late(*edge) && !told_before(person, *edge, zone, asked.to, as_of)) {
            doubted = edge;
        } else if (member == Tri::yes) {
            ++in;
        }
    }
    const auto last = [&] {
        return states.back() == nullptr ? std::string("never") : instant_text(states.back()->middle);
    };
    if (in == states.size()) {
        // The longest stay ends within the time that is asked about: present for a part of it only.
        if (before != nullptr && asked.to > before->middle + policy_.max_dwell && !crossed)
            return answer(unknown(Cause::interval, "in the zone for longer than the longest stay"));
        const auto* next_in_time = next;
        while (next_in_time != nullptr && too_late(*next_in_time))
            next_in_time = next_in_time == &edges.back() ? nullptr : next_in_time + 1;
        if (!received.exits_seen || exit_unseen(next, zone) || exit_unseen(next_in_time, zone)) {
            auto inferred = answer(
                unknown(Cause::inferred, "badged in at " + last() + ", and the way out is not recorded"));
            inferred.inferred = true;
            return inferred;
        }
        return answer(holds("badged in at " + last()));
    }
    // "Contrary" is a door's word that the person was elsewhere: row 11 of the table. Without it there is
    // just no badge-in: row 13 where the person signed.
    if (out == states.size()) {
        auto absent = answer(fails(against   ? "badged out, or elsewhere, since " + last()
                                   : expired ? "badged in at " + last() + ", longer ago than the longest stay"
                                             : "no badge-in"));
        absent.contrary = against;
        return absent;
    }
    if (doubted != nullptr) return answer(unknown(Cause::late, lateness(*doubted)));
    if (!crossed || in + out < states.size())
        return answer(unknown(Cause::data, "a badge row at " + last() + " does not say where to"));
    // A door was passed. If the event is an interval and the door in its middle, waiting does not help:
    // present for a part of it. Else the clocks are too coarse to say on which side of the door the event
    // lies.
    const bool within = std::ranges::any_of(states, [&](const Edge* edge) {
        return edge != nullptr && edge != before && span.covers({edge->middle, edge->middle});
    });
    if (span.from != span.to && within)
        return answer(
            unknown(Cause::interval, "in the zone for a part of the time; passed a door at " + last()));
    auto crossing =
        answer(unknown(Cause::clock, "passed a door at " + last() + ", within the clocks' bounds"));
    const auto& row = badges_.rows[states.back()->row];
    if (states.size() == 2 && row.occurred.from == row.occurred.to) {
        crossing.crossing = Presence::Crossing{.time = states.back()->time,
                                               .leaving = membership(*states.back(), zone) == Tri::no};
    }
    return crossing;
}

Presences::Received Presences::received_of(std::string_view zone, const Span& asked, Millis as_of) const {
    const auto* data = as_it_was(as_of, [&](Millis then) { return directory_.zone(zone, then); });
    return {.zone = directory_.number_of(zone),
            .exits_seen = data == nullptr || data->exit_reader,
            .released = released(zone, asked.widened(policy_.delta)),
            .rows = settled(zone, asked.to, asked.to),
            // Without a row before it, the badge-in may be among those that were deleted.
            .absences = settled(zone, asked.to, asked.from - policy_.max_dwell)};
}

Presence Presences::of(std::string_view person, std::string_view zone, const Span& span, Millis host_bound,
                       Millis as_of) const {
    static const Person kUnseen;
    const auto found = known_.persons.find(person);
    const auto& who = found == known_.persons.end() ? kUnseen : found->second;
    const auto asked = span.widened(host_bound);
    const auto first = std::ranges::lower_bound(who.edges, asked.from - who.widest, {}, &Edge::middle);
    return of(who, static_cast<std::size_t>(first - who.edges.begin()), span, host_bound, as_of,
              received_of(zone, asked, as_of));
}

Presence Presences::of(const Person& person, std::size_t near, const Span& span, Millis host_bound,
                       Millis as_of, const Received& received) const {
    if (received.released) {
        Presence released;
        released.condition = unknown(Cause::emergency, "the doors stood released");
        return released;
    }
    auto presence = by_edges(person, near, received, span, host_bound, as_of, false);
    if (presence.condition.value == Tri::unknown || presence.cloned) return presence;
    // Rows that are there prove more than rows that are not: a badge-in needs the feed beyond the event only,
    // so that no badge-out is missing. "No badge-in" needs every row of the longest stay before it, too.
    const bool rests_on_rows = presence.condition.value == Tri::yes || presence.contrary;
    const auto& of_feeds = rests_on_rows ? received.rows : received.absences;
    if (of_feeds.value != Tri::yes) {
        presence.condition = of_feeds;
        presence.contrary = false;
    }
    return presence;
}

Condition Presences::absence_known(std::string_view zone, const Span& span) const {
    if (released(zone, span.widened(policy_.delta)))
        return unknown(Cause::emergency, "the doors stood released");
    return settled(zone, span.to, span.from - policy_.max_dwell);
}

std::vector<Presences::Seen> Presences::people(std::string_view zone, const Span& span, Millis host_bound,
                                               Millis as_of) const {
    return those_in(known_, zone, span, host_bound, as_of);
}

std::vector<Presences::Seen> Presences::strangers(std::string_view zone, const Span& span, Millis host_bound,
                                                  Millis as_of) const {
    return those_in(strangers_, zone, span, host_bound, as_of);
}

std::vector<Presences::Seen> Presences::those_in(const Group& group, std::string_view zone, const Span& span,
                                                 Millis host_bound, Millis as_of) const {
    const auto asked = span.widened(host_bound);
    std::vector<Group::Candidate> candidates;
    // What is looked at below lies all over the memory: it is asked for together, not one after the other.
    const auto collect = [&](const Group::Candidate& who) {
        __builtin_prefetch(&who.named->second);
        __builtin_prefetch(who.edge);
        __builtin_prefetch(who.edge + 1);  // the next one, or behind the last: this reads nothing
        candidates.push_back(who);
    };
    const auto received = received_of(zone, asked, as_of);
    for (const auto at : directory_.all_within(received.zone)) {
        if (const auto index = group.zones.find(at); index != group.zones.end())
            index->second.visit(asked, collect);
    }
    group.anywhere.visit(asked, collect);
    std::ranges::sort(candidates, {}, &Group::Candidate::rank);
    candidates.erase(std::ranges::unique(candidates, {}, &Group::Candidate::rank).begin(), candidates.end());
    std::vector<Seen> out;
    const bool all_known = directory_.newest_receipt() <= as_of;
    for (const auto& who : candidates) {
        const auto& [name, person] = *who.named;
        const auto near =
            Presences::near(person, asked, static_cast<std::size_t>(who.edge - person.edges.data()));
        auto presence = of(person, near, span, host_bound, as_of, received);
        if (presence.condition.value == Tri::no && (person.late || !all_known)) {
            auto before = by_edges(person, near, received, span, host_bound, as_of, true);
            if (before.condition.value != Tri::no) {
                before.condition = unknown(Cause::late, "gone by what came too late alone");
                before.late_row = presence.late_row;
                presence = std::move(before);
            }
        }
        if (presence.condition.value != Tri::no)
            out.push_back({.person = name, .presence = std::move(presence)});
    }
    return out;
}

std::vector<Span> Presences::absences(std::string_view person, std::string_view zone,
                                      const Span& span) const {
    std::vector<Span> out;
    const auto number = directory_.number_of(zone);
    const auto found = known_.persons.find(person);
    if (found == known_.persons.end()) return out;
    // Up to where the slowest feed of the zone was received: behind that, a return may be missing.
    auto received = span.to;
    for (const auto& feed : badges_.feeds) {
        if (std::ranges::any_of(feed.zones, [&](const auto& of) { return directory_.within(zone, of); }))
            received = std::min(received, feed.watermark);
    }
    const auto& edges = found->second.edges;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const auto& edge = edges[i];
        if (membership(edge, number) != Tri::no || !contrary(edge, number)) continue;
        // ("Choices": the interval after E) Told from the moment of the door, and only where the bounds leave
        // no doubt that some of it is in the stay.
        const auto next =
            std::find_if(edges.begin() + static_cast<std::ptrdiff_t>(i) + 1, edges.end(),
                         [&](const Edge& each) { return !each.late || membership(each, number) == Tri::no; });
        const bool last = next == edges.end();
        const Span sure{std::max(edge.time.to, span.from),
                        std::min(last ? received : next->time.from, received)};
        if (sure.from >= sure.to) continue;
        out.push_back({std::max(edge.middle, span.from), std::min(last ? received : next->middle, received)});
    }
    return out;
}

}  // namespace assay::accompaniment
