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
bool one_house(const Person& a, const Person& b, const Directory& directory, Millis as_of) {
    const auto owners_a = directory.owners_of(a.employer, as_of);
    const auto owners_b = directory.owners_of(b.employer, as_of);
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

Claims claims_on(std::string_view escort, const Host& host, const Span& span, const Knowledge& knowledge,
                 Millis as_of) {
    Claims claims;
    const auto& sessions = knowledge.sessions();
    const auto room = room_of(knowledge.directory(), host.zone);
    for (const auto* session : sessions.escorted_by(escort, span)) {
        const auto fresh = sessions.fresh(*session, as_of);
        if (!sessions.co_signed(*session, as_of) ||
            std::ranges::none_of(fresh, [&](const Span& of) { return of.meets(span); })) {
            continue;
        }
        if (!sessions.signed_by(session->escort, escort, as_of)) continue;
        const auto* there =
            as_it_was(as_of, [&](Millis then) { return knowledge.directory().host(session->host, then); });
        if (there != nullptr && room_of(knowledge.directory(), there->zone) != room)
            claims.elsewhere = session->id;
        for (const auto& technician : sessions.signers(session->technician, as_of))
            claims.technicians.insert(technician);
    }
    return claims;
}

// But for what the escort was claimed for.
Eligibility by_directory(std::string_view escort, std::string_view technician, const OrderFields& order,
                         const Host& host, const Directory& directory, Millis as_of) {
    const auto* x = directory.person(escort, as_of);
    const auto* t = directory.person(technician, as_of);
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
    if (t != nullptr && !x->employer.empty() && !t->employer.empty() && one_house(*x, *t, directory, as_of)) {
        return refused("EMPLOYER",
                       fmt::format("{} works for {}, as the technician does, or for its owner or daughter",
                                   printable(escort), printable(x->employer)));
    }
    const auto zone = directory.presence_zone(host, as_of);
    const auto around = directory.around(zone, as_of);
    if (!has_right(x->unescorted_zones, around))
        return refused("RIGHT", fmt::format("{} may not be in {} alone", printable(escort), printable(zone)));
    if (!has_right(x->escort_zones, around))
        return refused("ROLE", fmt::format("{} is no escort for {}", printable(escort), printable(zone)));
    Eligibility out;
    out.condition =
        t == nullptr || x->employer.empty() || t->employer.empty()
            ? unknown(Cause::data, fmt::format("the directory does not say who {} works for",
                                               printable(x->employer.empty() ? escort : technician)))
            : holds(fmt::format("{} of {} may escort there", printable(escort), printable(x->employer)));
    return out;
}

Eligibility with_claims(std::string_view escort, std::string_view technician, const OrderFields& order,
                        const Host& host, const Span& span, const Knowledge& knowledge, Millis as_of) {
    auto out = by_directory(escort, technician, order, host, knowledge.directory(), as_of);
    if (out.condition.value == Tri::no) return out;
    auto claims = claims_on(escort, host, span, knowledge, as_of);
    if (!claims.elsewhere.empty()) {
        auto split =
            refused("", fmt::format("{} was the escort of session {} in another room at the same time",
                                    printable(escort), printable(claims.elsewhere)));
        split.split = true;
        return split;
    }
    claims.technicians.insert(std::string(technician));
    const auto* x = knowledge.directory().person(escort, as_of);
    const auto most = x->escort_ratio.value_or(knowledge.policy().escort_ratio);
    if (claims.technicians.size() > most) {
        return refused("RATIO", fmt::format("{} escorted {} at a time, {} are allowed", printable(escort),
                                            claims.technicians.size(), most));
    }
    if (const auto known_to = knowledge.sessions().data().watermark; known_to <= span.to) {
        out.condition = unknown(Cause::feed, fmt::format("what else {} was claimed for is known up to {}",
                                                         printable(escort), instant_text(known_to)));
    }
    return out;
}

// As it was at the event. What the directory was told since makes nothing better than unknown; that
// technician and escort were one, or in two rooms, nothing explains afterwards.
template <typename Ask>
Eligibility as_known(const Directory& directory, Millis event, Ask&& ask) {
    auto then = ask(event);
    if (then.condition.value == Tri::yes || then.self || then.split || directory.newest_receipt() <= event)
        return then;
    const auto now = ask(kNow);
    const bool better = now.condition.value == Tri::yes ||
                        (now.condition.value == Tri::unknown && then.condition.value == Tri::no);
    if (!better || then.condition.cause == Cause::feed) return then;
    then.condition =
        unknown(Cause::late, then.condition.reason + "; the directory was told otherwise after the event");
    then.reason.clear();
    return then;
}

}  // namespace

bool has_right(const std::vector<std::string>& zones, const std::vector<std::string_view>& around) {
    return std::ranges::any_of(
        zones, [&](const auto& zone) { return std::ranges::find(around, zone) != around.end(); });
}

Eligibility eligibility_of(std::string_view escort, std::string_view technician, const OrderFields& order,
                           const Host& host, const Span& span, const Knowledge& knowledge) {
    return as_known(knowledge.directory(), span.from, [&](Millis as_of) {
        return with_claims(escort, technician, order, host, span, knowledge, as_of);
    });
}

Eligibility may_escort(std::string_view escort, std::string_view technician, const OrderFields& order,
                       const Host& host, const Span& span, const Knowledge& knowledge) {
    return as_known(knowledge.directory(), span.from, [&](Millis as_of) {
        return by_directory(escort, technician, order, host, knowledge.directory(), as_of);
    });
}

}  // namespace assay::accompaniment
