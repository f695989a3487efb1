#include "verifier/judge/accompaniment/judging/escort.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(a, [&](const auto& one) { return std::ranges::find(b, one) != b.end(); });
}

// One employer, or one owns the other.
bool one_house(const Person& a, const Person& b, const Directory& directory) {
    const auto owners_a = directory.owners_of(a.employer);
    const auto owners_b = directory.owners_of(b.employer);
    return std::ranges::find(owners_a, b.employer) != owners_a.end() ||
           std::ranges::find(owners_b, a.employer) != owners_b.end();
}

Eligibility refused(std::string reason, std::string text) {
    return {.condition = fails(std::move(text)), .self = false, .split = false, .reason = std::move(reason)};
}

// What the escort was claimed for at that time: technicians in this room, and whether another room too.
struct Claims {
    std::set<std::string> technicians;
    std::string elsewhere;
};

Claims claims_on(std::string_view escort, const Host& host, const Span& span, const Knowledge& knowledge) {
    Claims claims;
    const auto& sessions = knowledge.sessions();
    const auto room = room_of(knowledge.directory(), host.zone);
    for (const auto* session : sessions.escorted_by(escort, span)) {
        const auto fresh = sessions.fresh(*session);
        if (!sessions.co_signed(*session) ||
            std::ranges::none_of(fresh, [&](const Span& of) { return of.meets(span); })) {
            continue;
        }
        const auto* there = knowledge.directory().host(session->host);
        if (there != nullptr && room_of(knowledge.directory(), there->zone) != room)
            claims.elsewhere = session->id;
        for (const auto& technician : sessions.signers(session->technician))
            claims.technicians.insert(technician);
    }
    return claims;
}

}  // namespace

bool has_right(const std::vector<std::string>& zones, std::string_view zone, const Directory& directory) {
    return std::ranges::any_of(zones, [&](const auto& of) { return directory.within(zone, of); });
}

Eligibility eligibility_of(std::string_view escort, std::string_view technician, const OrderFields& order,
                           const Host& host, const Span& span, const Knowledge& knowledge) {
    const auto& directory = knowledge.directory();
    const auto* x = directory.person(escort);
    const auto* t = directory.person(technician);
    if (escort == technician ||
        (x != nullptr && t != nullptr &&
         (share_one(x->keys, t->keys) || share_one(x->credentials, t->credentials)))) {
        auto self = refused("", escort == technician ? fmt::format("{} is the technician", printable(escort))
                                                     : fmt::format("{} and {} have a key or badge in common",
                                                                   printable(escort), printable(technician)));
        self.self = true;
        return self;
    }
    if (x == nullptr) return refused("RIGHT", fmt::format("{} is not in the directory", printable(escort)));
    if (std::ranges::find(order.technicians, escort) != order.technicians.end())
        return refused("TECHNICIAN", fmt::format("{} is a technician of the order", printable(escort)));
    if (t != nullptr && !x->employer.empty() && !t->employer.empty() && one_house(*x, *t, directory)) {
        return refused("EMPLOYER",
                       fmt::format("{} works for {}, as the technician does, or for its owner or daughter",
                                   printable(escort), printable(x->employer)));
    }
    const auto zone = directory.presence_zone(host);
    if (!has_right(x->unescorted_zones, zone, directory))
        return refused("RIGHT", fmt::format("{} may not be in {} alone", printable(escort), printable(zone)));
    if (!has_right(x->escort_zones, zone, directory))
        return refused("ROLE", fmt::format("{} is no escort for {}", printable(escort), printable(zone)));
    auto claims = claims_on(escort, host, span, knowledge);
    if (!claims.elsewhere.empty()) {
        auto split =
            refused("", fmt::format("{} was the escort of session {} in another room at the same time",
                                    printable(escort), printable(claims.elsewhere)));
        split.split = true;
        return split;
    }
    claims.technicians.insert(std::string(technician));
    const auto most = x->escort_ratio.value_or(knowledge.policy().escort_ratio);
    if (claims.technicians.size() > most) {
        return refused("RATIO", fmt::format("{} escorted {} at a time, {} are allowed", printable(escort),
                                            claims.technicians.size(), most));
    }
    if (const auto known_to = knowledge.sessions().data().watermark; known_to <= span.to) {
        return {
            .condition = unknown(Cause::feed, fmt::format("what else {} was claimed for is known up to {}",
                                                          printable(escort), instant_text(known_to))),
            .self = false,
            .split = false,
            .reason = {}};
    }
    if (t == nullptr || x->employer.empty() || t->employer.empty()) {
        return {.condition =
                    unknown(Cause::data, fmt::format("the directory does not say who {} works for",
                                                     printable(x->employer.empty() ? escort : technician))),
                .self = false,
                .split = false,
                .reason = {}};
    }
    return {.condition =
                holds(fmt::format("{} of {} may escort there", printable(escort), printable(x->employer))),
            .self = false,
            .split = false,
            .reason = {}};
}

}  // namespace assay::accompaniment
