#include "verifier/judge/accompaniment/judging/visitors.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/judging/escort.h"

namespace assay::accompaniment {
namespace {

// By a signature that is fresh at the event, unless a door says that they were gone.
std::set<std::string> signed_there(const Scene& scene, Signature Session::* role) {
    std::set<std::string> out;
    const auto& sessions = scene.knowledge.sessions();
    for (const auto* session : sessions.in_zone(scene.zone, scene.event.time)) {
        const auto fresh = sessions.fresh(*session, scene.as_of);
        if (std::ranges::none_of(fresh, [&](const Span& span) { return span.meets(scene.event.time); }))
            continue;
        for (const auto& person : sessions.signers(session->*role, scene.as_of)) {
            const auto presence = scene.knowledge.presences().of(person, scene.zone, scene.event.time,
                                                                 scene.event.clock_bound, scene.as_of);
            if (!presence.contrary) out.insert(person);
        }
    }
    return out;
}

// How many an escort may take: as the directory had it at the event, and at most.
struct Ratio {
    std::size_t sure = 0;
    std::size_t most = 0;
};

Ratio ratio_of(std::string_view person, const Scene& scene) {
    const auto& directory = scene.knowledge.directory();
    const auto at = [&](Millis as_of) -> std::size_t {
        const auto* entry = directory.person(person, as_of);
        return entry == nullptr ? 0 : entry->escort_ratio.value_or(scene.knowledge.policy().escort_ratio);
    };
    const auto then = at(scene.as_of);
    return {then, std::max(then, at(kNow))};
}

}  // namespace

Visitors visitors_of(const Scene& scene) {
    Visitors out;
    for (const auto& seen : scene.people) {
        const bool there = seen.presence.condition.value == Tri::yes;
        const auto why = there ? Cause::late : seen.presence.condition.cause;
        if (seen.rights.escort != Tri::no) {
            const bool sure = there && seen.rights.escort == Tri::yes;
            (sure ? out.escorts : out.may_escort).insert(seen.person);
            if (!sure && out.of_escorts != Cause::feed) out.of_escorts = why;
        }
        if (seen.rights.alone == Tri::yes) continue;
        if (there && seen.rights.alone == Tri::no) {
            out.sure.insert(seen.person);
            continue;
        }
        out.perhaps.insert(seen.person);
        if (out.cause != Cause::feed) out.cause = why;
    }
    for (const auto role : {&Session::technician, &Session::escort}) {
        for (const auto& person : signed_there(scene, role)) {
            const auto rights = rights_of(person, scene);
            if (rights.alone == Tri::no) out.sure.insert(person);
            if (role == &Session::escort && rights.escort == Tri::yes) out.escorts.insert(person);
        }
    }
    for (auto& stranger : scene.knowledge.presences().strangers(scene.zone, scene.event.time,
                                                                scene.event.clock_bound, scene.as_of)) {
        out.perhaps.insert("badge " + stranger.person);
        if (out.cause == Cause::none) out.cause = Cause::data;
    }
    return out;
}

Condition ratio_kept(const Visitors& visitors, const Scene& scene, const OrderFields& order,
                     std::string_view technician, std::string_view escort) {
    std::set<std::string> sure = visitors.sure;
    sure.erase(std::string(escort));
    std::set<std::string> all = sure;
    all.insert(visitors.perhaps.begin(), visitors.perhaps.end());
    all.erase(std::string(escort));
    auto allowed = ratio_of(escort, scene);
    if (all.size() <= allowed.sure) return holds("few enough");
    const auto add = [&](const std::set<std::string>& others, bool there) {
        for (const auto& other : others) {
            if (other == escort || (!there && visitors.escorts.contains(other))) continue;
            const auto may =
                may_escort(other, technician, order, scene.host, scene.event.time, scene.knowledge);
            if (may.condition.value == Tri::no) continue;
            const auto ratio = ratio_of(other, scene);
            if (there && may.condition.value == Tri::yes) allowed.sure += ratio.sure;
            allowed.most += ratio.most;
        }
    };
    add(visitors.escorts, true);
    add(visitors.may_escort, false);
    if (all.size() <= allowed.sure) return holds("few enough");
    std::vector<std::string> names;
    for (const auto& one : all) names.push_back(printable(one));
    const auto said = [&](std::size_t count, std::size_t most) {
        return fmt::format("{} who may not be alone in {} were {}there ({}); its escorts may take {}", count,
                           printable(scene.zone), count == sure.size() ? "" : "or may have been ",
                           fmt::join(names, ", "), most);
    };
    if (sure.size() > allowed.most) return fails(said(sure.size(), allowed.most));
    // Where nobody's presence is in doubt it is a ratio that came too late.
    const auto cause = sure.size() > allowed.sure ? visitors.of_escorts : visitors.cause;
    return unknown(cause == Cause::none ? Cause::late : cause, said(all.size(), allowed.sure));
}

}  // namespace assay::accompaniment
