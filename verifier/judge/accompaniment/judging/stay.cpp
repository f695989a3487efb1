#include "verifier/judge/accompaniment/judging/stay.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/sessions/spans.h"

namespace assay::accompaniment {
std::vector<Note> uncovered_stay(const Attempt& attempt, const DeviceEvent& event, const Host& host,
                                 const Span& stay, const Knowledge& knowledge) {
    const auto severity = event.mounted || event.written ? Severity::high : Severity::medium;
    const auto& sessions = knowledge.sessions();
    std::vector<Span> signed_spans;     // anybody's fresh co-signature of this order here
    std::vector<Span> others_are_here;  // of another escort: a handover
    for (const auto* session : sessions.at(host, stay)) {
        if (session->order != attempt.order || !sessions.co_signed(*session, event.time.from)) continue;
        const auto fresh = sessions.fresh(*session, event.time.from);
        signed_spans.insert(signed_spans.end(), fresh.begin(), fresh.end());
        if (!sessions.signed_by(session->escort, attempt.escort, event.time.from))
            others_are_here.insert(others_are_here.end(), fresh.begin(), fresh.end());
    }
    std::vector<Note> out;
    const auto zone = knowledge.directory().presence_zone(host);
    std::vector<Span> gone;
    for (const auto& absence : knowledge.presences().absences(attempt.escort, zone, stay)) {
        for (const auto& span : without(absence, others_are_here)) {
            gone.push_back(span);
            out.push_back({"UNACCOMPANIED_INTERVAL", severity,
                           fmt::format("{} was not in {} from {} to {}, and the device stayed",
                                       printable(attempt.escort), printable(zone), instant_text(span.from),
                                       instant_text(span.to)),
                           span});
        }
    }
    if (attempt.conditions[4].value != Tri::yes) return out;  // the verdict itself says that nobody signed
    for (const auto* late : sessions.late(event)) {
        if (late->order == attempt.order && sessions.signed_by(late->escort, attempt.escort, event.time.from))
            signed_spans.push_back({event.time.from, late->escort.at});
    }
    if (signed_spans.empty()) return out;
    const Span known{stay.from, std::min(stay.to, sessions.data().watermark)};
    if (known.from >= known.to) return out;
    signed_spans.insert(signed_spans.end(), gone.begin(), gone.end());  // told already
    for (const auto& span : without(known, std::move(signed_spans))) {
        out.push_back(
            {"UNACCOMPANIED_INTERVAL", severity,
             fmt::format("No session of order {} was open and signed from {} to {}, and the device stayed",
                         printable(attempt.order), instant_text(span.from), instant_text(span.to)),
             span});
    }
    return out;
}

}  // namespace assay::accompaniment
