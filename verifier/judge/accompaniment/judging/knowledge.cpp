#include "verifier/judge/accompaniment/judging/knowledge.h"

#include <algorithm>
#include <map>
#include <set>

namespace assay::accompaniment {
namespace {

// One signature at a host, and the badge-ins of its signer around it.
struct Signed {
    Millis at;
    std::string_view host_zone;
    bool explained = false;       // there is a badge-in before it
    Millis gap = INT64_MAX;       // else: how much later the next one is, by its controller
    std::string_view controller;  // of that one
};

std::string_view controller_of(const BadgeRow& row, const Reader* reader) {
    if (!row.controller.empty()) return row.controller;
    return reader == nullptr ? std::string_view() : std::string_view(reader->controller);
}

std::string_view entered_by(const BadgeRow& row, const Reader* reader) {
    const bool in = row.direction == Direction::in ||
                    (row.direction == Direction::unknown && reader != nullptr && reader->direction == "in");
    if (!in || !row.granted) return {};
    if (!row.zone_to.empty()) return row.zone_to;
    return reader == nullptr ? std::string_view() : std::string_view(reader->zone_to);
}

const Host* host_at(const Directory& directory, std::string_view id, Millis then) {
    return as_it_was(then, [&](Millis as_of) { return directory.host(id, as_of); });
}

template <typename Holders>
const std::vector<std::string>& holders(const Directory& directory, Holders of, std::string_view id,
                                        Millis then) {
    const auto& known = (directory.*of)(id, then);
    return known.empty() ? (directory.*of)(id, kNow) : known;
}

std::multimap<std::string_view, Signed> signatures_of(const Directory& directory,
                                                      const SessionData& sessions) {
    std::multimap<std::string_view, Signed> out;
    for (const auto& session : sessions.sessions) {
        const auto* host = host_at(directory, session.host, session.opened_at);
        if (host == nullptr) continue;
        for (const auto* signature : {&session.technician, &session.escort}) {
            if (!signature->valid) continue;
            for (const auto& person :
                 holders(directory, &Directory::holders_of_key, signature->key, signature->at))
                out.emplace(person, Signed{.at = signature->at, .host_zone = host->zone, .controller = {}});
        }
    }
    return out;
}

// A row that came too late can say that a clock is fast, and never that it is right.
void compare(Signed& signature, const BadgeRow& row, std::string_view controller, std::string_view zone,
             const Directory& directory, const Policy& policy, bool late) {
    if (!directory.within(signature.host_zone, zone)) return;
    const auto gap = row.occurred.from - signature.at;
    if (gap <= 0 && gap > -policy.max_dwell) {
        signature.explained = signature.explained || !late;
    } else if (gap > 0 && gap < policy.walk && gap < signature.gap) {
        signature.gap = gap;
        signature.controller = controller;
    }
}

}  // namespace

std::vector<ControllerClock> learned_clocks(const Directory& directory, const BadgeData& badges,
                                            const SessionData& sessions, const Policy& policy) {
    std::set<std::string_view> stated;
    for (const auto& clock : badges.controllers) stated.insert(clock.id);
    auto signatures = signatures_of(directory, sessions);
    for (const auto& row : badges.rows) {
        const auto* reader =
            as_it_was(row.occurred.from, [&](Millis as_of) { return directory.reader(row.reader, as_of); });
        const auto controller = controller_of(row, reader);
        const auto zone = entered_by(row, reader);
        if (controller.empty() || zone.empty() || stated.contains(controller)) continue;
        const bool late = is_late(row, badges);
        const auto of = [&](std::string_view person) {
            const auto [first, last] = signatures.equal_range(person);
            for (auto it = first; it != last; ++it)
                compare(it->second, row, controller, zone, directory, policy, late);
        };
        if (!row.person.empty()) {
            of(row.person);
        } else {
            for (const auto& holder :
                 holders(directory, &Directory::holders_of_credential, row.credential, row.occurred.from))
                of(holder);
        }
    }
    std::map<std::string_view, Millis> fast;  // by at least this much
    for (const auto& [person, signature] : signatures) {
        if (!signature.explained && !signature.controller.empty())
            fast[signature.controller] = std::max(fast[signature.controller], signature.gap);
    }
    std::vector<ControllerClock> out;
    for (const auto& [id, least] : fast) {
        // Between what is assumed anyway and the badge-in having been a whole walk before the signature.
        const auto from = -policy.delta;
        const auto to = least + policy.walk;
        out.push_back({.id = std::string(id), .fast = (from + to) / 2, .bound = (to - from + 1) / 2});
    }
    return out;
}

Knowledge::Knowledge(Facts facts, std::shared_ptr<const Directory> directory)
    : facts_(std::move(facts)),
      directory_(std::move(directory)),
      orders_(*directory_, facts_.orders),
      sessions_(*directory_, facts_.sessions, facts_.policy),
      presences_(*directory_, facts_.badges, facts_.policy) {}

Result<std::shared_ptr<const Knowledge>> Knowledge::of(Facts facts) {
    auto directory = TRY(Directory::of(std::move(facts.directory)));
    return of(std::move(facts), std::make_shared<const Directory>(std::move(directory)));
}

std::shared_ptr<const Knowledge> Knowledge::of(Facts facts, std::shared_ptr<const Directory> directory) {
    // One name for each host from here on: its id.
    const auto rename = [&](std::string& host, Millis then) {
        if (const auto* known = host_at(*directory, host, then)) host = known->id;
    };
    for (auto& session : facts.sessions.sessions) {
        rename(session.host, session.opened_at);
        for (auto& beat : session.heartbeats) rename(beat.host, beat.signature.at);
    }
    for (auto& late : facts.sessions.late) rename(late.host, late.escort.at);
    for (auto& session : facts.sessions.bmc) rename(session.host, session.time.from);
    // The order in which they were given decides nothing. Badge rows are put in order where it matters.
    std::ranges::sort(facts.orders, {}, &WorkOrder::id);
    std::ranges::sort(facts.sessions.sessions, {}, &Session::id);
    std::ranges::sort(facts.sessions.late, {}, &LateAttestation::digest);
    std::ranges::sort(facts.badges.feeds, {}, &Feed::source);
    for (auto& clock : learned_clocks(*directory, facts.badges, facts.sessions, facts.policy))
        facts.badges.controllers.push_back(std::move(clock));
    return std::shared_ptr<const Knowledge>(new Knowledge(std::move(facts), std::move(directory)));
}

}  // namespace assay::accompaniment
