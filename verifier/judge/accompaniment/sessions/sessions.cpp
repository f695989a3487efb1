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
        hosts_[session.host].add(open_span(session), &session);
        const auto* host = directory.host(session.host);
        if (session.rack_scoped && host != nullptr) {
            const auto rack = directory.enclosing(host->zone, ZoneKind::rack);
            if (!rack.empty()) racks_[std::string(rack)].add(open_span(session), &session);
        }
        for (const auto& person : signers(session.escort)) escorts_[person].add(open_span(session), &session);
    }
    for (auto* index : {&hosts_, &racks_, &escorts_}) {
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

std::vector<const LateAttestation*> Sessions::late(const DeviceEvent& event) const {
    std::vector<const LateAttestation*> out;
    const auto [first, last] = late_.equal_range(event.host);
    for (auto it = first; it != last; ++it) {
        const auto& late = *it->second;
        if (!event.device.digest.empty() && late.device_digest == event.device.digest &&
            late.escort.at >= event.time.from &&
            late.escort.at - event.time.from <= policy_.late_attestation) {
            out.push_back(&late);
        }
    }
    return out;
}

const std::vector<std::string>& Sessions::signers(const Signature& signature) const {
    return signature.valid ? directory_.holders_of_key(signature.key) : kNobody;
}

bool Sessions::signed_by(const Signature& signature, std::string_view person) const {
    return std::ranges::find(signers(signature), person) != signers(signature).end();
}

bool Sessions::co_signed(const Session& session) const {
    return !signers(session.technician).empty() && !signers(session.escort).empty();
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

std::vector<Span> Sessions::fresh(const Session& session) const {
    const auto& escorts = signers(session.escort);
    std::vector<Millis> signs{session.escort.at};
    for (const auto& beat : session.heartbeats) {
        const auto& by = signers(beat.signature);
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

Sessions::CoSignature Sessions::covering(const DeviceEvent& event, const Host& host, const WorkOrder& order,
                                         std::string_view technician, std::string_view escort,
                                         Millis now) const {
    CoSignature out;
    bool partly = false;
    std::string why = "no session of this host and order is signed by both";
    for (const auto* session : at(host, event.time)) {
        if (session->order != order.id || !signed_by(session->escort, escort) ||
            !signed_by(session->technician, technician)) {
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
        for (const auto& span : fresh(*session)) {
            if (span.covers(event.time) && data_.watermark <= event.time.to) {
                out.condition = unknown(
                    Cause::feed,
                    fmt::format("what hosts sent is known up to {}; session {} may have been closed by then",
                                instant_text(data_.watermark), printable(session->id)));
                return out;
            }
            if (span.covers(event.time)) {
                out.condition = holds(fmt::format("session {} of {} and {}", printable(session->id),
                                                  printable(technician), printable(escort)));
                out.fresh_session = true;
                return out;
            }
            partly = partly || span.meets(event.time);
        }
        why = fmt::format("the escort's newest signature in session {} is older than {} s",
                          printable(session->id), policy_.heartbeat / 1000);
    }
    for (const auto* late : this->late(event)) {
        if (late->order != order.id || !signed_by(late->escort, escort)) continue;
        out.attestations.push_back(late);
        out.late = true;
        out.condition = holds(fmt::format("{} signed for this device {} s afterwards", printable(escort),
                                          (late->escort.at - event.time.from) / 1000));
        return out;
    }
    const auto last_moment = event.time.to + policy_.late_attestation;
    if (partly) {
        out.condition = unknown(Cause::interval, "signed for a part of the event's span");
    } else if (std::min(now, data_.watermark) <= last_moment) {
        out.condition = unknown(
            Cause::feed, fmt::format("a signature can still come until {}; what hosts sent is known up to {}",
                                     instant_text(last_moment), instant_text(data_.watermark)));
    } else {
        out.condition = fails(why);
    }
    return out;
}

}  // namespace assay::accompaniment
