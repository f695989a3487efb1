#include "verifier/judge/accompaniment/sessions/sessions.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/sessions/spans.h"

namespace assay::accompaniment {
namespace {

const std::vector<std::string> kNobody;

Span open_span(const Session& session) {
    return {session.opened_at, session.closed_at.value_or(INT64_MAX)};
}

}  // namespace

Sessions::Sessions(const Directory& directory, const SessionData& data, const Policy& policy)
    : directory_(directory), data_(data), policy_(policy) {
    for (const auto& session : data.sessions) {
        const auto open = open_span(session);
        hosts_[session.host].add(open, &session);
        const auto* host = directory.host(session.host, session.opened_at);
        if (host == nullptr) host = directory.host(session.host);
        if (host != nullptr) {
            for (const auto& zone : directory.around(host->zone))
                zones_[std::string(zone)].add(open, &session);
        }
        if (session.rack_scoped && host != nullptr) {
            const auto rack = directory.enclosing(host->zone, ZoneKind::rack);
            if (!rack.empty()) racks_[std::string(rack)].add(open, &session);
        }
        // Whose key it was, is, or became meanwhile.
        std::set<std::string_view> escorts;
        for (const auto as_of : {session.escort.at, session.closed_at.value_or(kNow), kNow}) {
            const auto& signers = this->signers(session.escort, as_of);
            escorts.insert(signers.begin(), signers.end());
        }
        for (const auto person : escorts) escorts_[std::string(person)].add(open, &session);
    }
    for (auto* index : {&hosts_, &racks_, &zones_, &escorts_}) {
        for (auto& [key, spans] : *index) spans.build();
    }
    for (const auto& late : data.late) late_.emplace(late.host, &late);
}

std::vector<const Session*> Sessions::at(const Host& host, const Span& span) const {
    std::vector<const Session*> out;
    const auto add = [&](const Session* session) {
        if (std::ranges::find(out, session) == out.end()) out.push_back(session);
    };
    if (const auto own = hosts_.find(host.id); own != hosts_.end()) own->second.visit(span, add);
    const auto rack = racks_.find(directory_.enclosing(host.zone, ZoneKind::rack));
    if (rack != racks_.end()) rack->second.visit(span, add);
    return out;
}

std::vector<const Session*> Sessions::escorted_by(std::string_view person, const Span& span) const {
    std::vector<const Session*> out;
    if (const auto found = escorts_.find(person); found != escorts_.end())
        found->second.visit(span, [&](const Session* session) { out.push_back(session); });
    return out;
}

std::vector<const Session*> Sessions::in_zone(std::string_view zone, const Span& span) const {
    std::vector<const Session*> out;
    if (const auto found = zones_.find(zone); found != zones_.end())
        found->second.visit(span, [&](const Session* session) { out.push_back(session); });
    return out;
}

Millis Sessions::late_until(const DeviceEvent& event) const {
    const bool offline = event.received_at && *event.received_at - event.time.to > policy_.late_delivery;
    return (offline ? *event.received_at : event.time.from) + policy_.late_attestation;
}

std::vector<const LateAttestation*> Sessions::late(const DeviceEvent& event) const {
    std::vector<const LateAttestation*> out;
    const auto until = late_until(event);
    const auto [first, last] = late_.equal_range(event.host);
    for (auto it = first; it != last; ++it) {
        const auto& late = *it->second;
        if (!event.device.digest.empty() && late.device_digest == event.device.digest &&
            late.escort.at >= event.time.from && std::max(late.escort.at, late.escort.received_at) <= until) {
            out.push_back(&late);
        }
    }
    return out;
}

const std::vector<std::string>& Sessions::signers(const Signature& signature, Millis as_of) const {
    return signature.valid ? directory_.holders_of_key(signature.key, as_of) : kNobody;
}

bool Sessions::signed_by(const Signature& signature, std::string_view person, Millis as_of) const {
    const auto& all = signers(signature, as_of);
    return std::ranges::find(all, person) != all.end();
}

bool Sessions::co_signed(const Session& session, Millis as_of) const {
    return !signers(session.technician, as_of).empty() && !signers(session.escort, as_of).empty();
}

std::vector<const Signature*> Sessions::signatures_of(std::string_view person, const Host& host,
                                                      const Span& span, Millis as_of) const {
    std::vector<const Signature*> out;
    const auto add = [&](const Signature& signature) {
        if (signed_by(signature, person, as_of)) out.push_back(&signature);
    };
    for (const auto* session : at(host, span)) {
        add(session->technician);
        add(session->escort);
        for (const auto& beat : session->heartbeats) {
            if (counts(*session, beat)) add(beat.signature);
        }
    }
    return out;
}

bool Sessions::counts(const Session& session, const Heartbeat& beat) const {
    if (beat.host.empty() || beat.host == session.host) return true;
    if (!session.rack_scoped) return false;  // a sign of life at another host says nothing of this one
    const auto* here = directory_.host(session.host);
    const auto* there = directory_.host(beat.host);
    if (here == nullptr || there == nullptr) return false;
    const auto rack = directory_.enclosing(here->zone, ZoneKind::rack);
    return !rack.empty() && rack == directory_.enclosing(there->zone, ZoneKind::rack);
}

std::vector<Span> Sessions::fresh(const Session& session, Millis as_of) const {
    const auto& escorts = signers(session.escort, as_of);
    std::vector<Millis> signs{session.escort.at};
    for (const auto& beat : session.heartbeats) {
        const auto& by = signers(beat.signature, as_of);
        const bool escort = std::ranges::any_of(
            by, [&](const auto& person) { return std::ranges::find(escorts, person) != escorts.end(); });
        if (escort && counts(session, beat)) signs.push_back(beat.signature.at);
    }
    // It is one of both from the moment on in which the second of them signed.
    auto open = open_span(session);
    open.from = std::max({open.from, session.technician.at, session.escort.at});
    std::vector<Span> out;
    for (const auto sign : signs) {
        const Span span{std::max(sign, open.from), std::min(sign + policy_.heartbeat, open.to)};
        if (span.from <= span.to) out.push_back(span);
    }
    return joined(std::move(out));
}

// Nobody's signature counts: whether one can still come.
Condition Sessions::nobody_signed(const DeviceEvent& event, Millis now, std::string why) const {
    const auto last = std::max(event.time.to + policy_.late_attestation, late_until(event));
    if (std::min(now, data_.watermark) > last) return fails(std::move(why));
    return unknown(Cause::feed,
                   fmt::format("a signature can still come until {}; what hosts sent is known up to {}",
                               instant_text(last), instant_text(data_.watermark)));
}

Sessions::CoSignature Sessions::covering(const DeviceEvent& event, const Host& host, const WorkOrder& order,
                                         std::string_view technician, std::string_view escort,
                                         Millis now) const {
    CoSignature out;
    const auto as_of = event.time.from;
    bool partly = false;
    std::string why = "no session of this host and order is signed by both";
    std::optional<Condition> unlisted;
    std::optional<Condition> late_key;
    const auto signed_by_then = [&](const Signature& signature, std::string_view person) {
        return signed_by(signature, person, as_of);
    };
    for (const auto* session : at(host, event.time)) {
        if (session->order != order.id) continue;
        const bool then =
            signed_by_then(session->escort, escort) && signed_by_then(session->technician, technician);
        if (!then && !(signed_by(session->escort, escort) && signed_by(session->technician, technician))) {
            continue;
        }
        out.sessions.push_back(session);
        if (!session->boot_id.empty() && !event.boot_id.empty() && session->boot_id != event.boot_id) {
            why = fmt::format("session {} was signed in another boot", printable(session->id));
            continue;
        }
        const auto* version = version_at(order, session->opened_at);
        if (!session->order_digest.empty() &&
            (version == nullptr || version->digest != session->order_digest)) {
            why = fmt::format("session {} was signed over another version of the order",
                              printable(session->id));
            continue;
        }
        for (const auto& span : fresh(*session, then ? as_of : kNow)) {
            if (span.covers(event.time) && data_.watermark <= event.time.to) {
                out.condition = unknown(
                    Cause::feed,
                    fmt::format("what hosts sent is known up to {}; session {} may have been closed by then",
                                instant_text(data_.watermark), printable(session->id)));
                return out;
            }
            if (span.covers(event.time)) {
                const auto said = fmt::format("session {} of {} and {}", printable(session->id),
                                              printable(technician), printable(escort));
                if (!then) {
                    late_key = unknown(Cause::late, said + ": the directory did not know a key of them yet");
                } else if (session->unlisted) {
                    unlisted = holds(said + ", which was opened as unlisted");
                } else {
                    out.condition = holds(said);
                    out.fresh_session = true;
                    return out;
                }
            }
            partly = partly || span.meets(event.time);
        }
        why = fmt::format("the escort's newest signature in session {} is older than {} s",
                          printable(session->id), policy_.heartbeat / 1000);
    }
    for (const auto* late : this->late(event)) {
        if (late->order != order.id || !signed_by(late->escort, escort)) continue;
        const auto said = fmt::format("{} signed for this device {} s afterwards", printable(escort),
                                      (late->escort.at - event.time.from) / 1000);
        out.attestations.push_back(late);
        if (!signed_by_then(late->escort, escort)) {
            late_key = unknown(Cause::late, said + ": the directory did not know the key yet");
            continue;
        }
        out.late = true;
        out.condition = holds(said);
        return out;
    }
    if (unlisted) {
        out.condition = *std::move(unlisted);
        out.fresh_session = out.unlisted = true;
    } else if (late_key) {
        out.condition = *std::move(late_key);
    } else if (partly) {
        out.condition = unknown(Cause::interval, "signed for a part of the event's span");
    } else {
        out.condition = nobody_signed(event, now, std::move(why));
    }
    return out;
}

Sessions::CoSignature Sessions::covering_alone(const DeviceEvent& event, const Host& host,
                                               const WorkOrder& order, std::string_view technician,
                                               Millis now) const {
    CoSignature out;
    std::optional<Condition> late_key;
    for (const auto* session : at(host, event.time)) {
        if (session->order != order.id || !open_span(*session).covers(event.time)) continue;
        const auto said = fmt::format("session {} of {}", printable(session->id), printable(technician));
        if (!signed_by(session->technician, technician, event.time.from) &&
            !signed_by(session->technician, technician)) {
            continue;
        }
        out.sessions.push_back(session);
        if (signed_by(session->technician, technician, event.time.from)) {
            out.condition = holds(said);
            out.unlisted = session->unlisted;
            if (!out.unlisted) return out;
        } else {
            late_key = unknown(Cause::late, said + ": the directory did not know the key yet");
        }
    }
    if (out.unlisted) return out;
    out.condition =
        late_key ? *std::move(late_key)
                 : nobody_signed(event, now, "no session of this host and order is signed by the technician");
    return out;
}

}  // namespace assay::accompaniment
