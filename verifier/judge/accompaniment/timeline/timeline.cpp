#include "verifier/judge/accompaniment/timeline/timeline.h"

#include <algorithm>
#include <iterator>

#include "evidence/codec/json_writer.h"
#include "verifier/judge/accompaniment/sessions/spans.h"

namespace assay::accompaniment {
namespace {

constexpr Millis kMargin = 1'800'000;
constexpr Millis kLongest = 86'400'000;

std::optional<Span> clipped(const Span& span, const Span& view) {
    const Span out{std::max(span.from, view.from), std::min(span.to, view.to)};
    if (out.from > out.to) return {};
    return out;
}

void add(TimelineRow& row, const Span& span, const Span& view, Tri value) {
    if (value == Tri::no) return;
    const auto part = clipped(span, view);
    if (!part) return;
    if (!row.stretches.empty() && row.stretches.back().value == value &&
        part->from <= row.stretches.back().time.to)
        row.stretches.back().time.to = std::max(row.stretches.back().time.to, part->to);
    else
        row.stretches.push_back({*part, value});
}

// Presence is asked at steps of the view: a picture needs no more.
TimelineRow presence_row(std::string name, const std::string& person, std::string_view zone, const Span& view,
                         Millis as_of, const Knowledge& knowledge) {
    constexpr Millis kSteps = 240;
    TimelineRow row{.name = std::move(name), .label = person, .stretches = {}};
    if (person.empty()) return row;
    const auto step = std::max<Millis>((view.to - view.from) / kSteps, 1'000);
    for (auto at = view.from; at < view.to; at += step) {
        const auto presence = knowledge.presences().of(person, zone, {at, at}, 0, as_of);
        add(row, {at, std::min(at + step, view.to)}, view, presence.condition.value);
    }
    return row;
}

// What of `device` has no stretch of `row`. A device that came and went at once is shown if nothing goes on
// beyond it.
std::vector<Span> left_open(const TimelineRow& row, const Span& device) {
    std::vector<Span> covered;
    for (const auto& stretch : row.stretches) covered.push_back(stretch.time);
    if (device.from < device.to) return without(device, std::move(covered));
    const bool goes_on = std::ranges::any_of(
        covered, [&](const Span& span) { return span.from <= device.from && span.to > device.from; });
    return goes_on ? std::vector<Span>() : std::vector<Span>{device};
}

Json to_json(const Span& span) {
    return {{"from", instant_text(span.from)}, {"to", instant_text(span.to)}};
}

}  // namespace

Timeline timeline_of(const Verdict& verdict, const Occurrence& occurrence, const Knowledge& knowledge,
                     Millis now) {
    Timeline out;
    out.device = {verdict.time.from,
                  occurrence.removal ? occurrence.removal->time.to : std::max(now, verdict.time.to)};
    out.view = {out.device.from - kMargin, std::min(out.device.to, out.device.from + kLongest) + kMargin};
    const auto as_of = verdict.time.from;  // as the verdict had it
    const auto* host = knowledge.directory().host(verdict.host, as_of);
    const auto* order = knowledge.orders().order(verdict.order);
    const auto zone = host == nullptr ? std::string_view() : knowledge.directory().presence_zone(*host);

    TimelineRow window{.name = "order", .label = verdict.order, .stretches = {}};
    if (order != nullptr) {
        const auto* version = version_at(*order, verdict.time.to);
        add(window, (version != nullptr ? *version : order->versions.front()).fields.window, out.view,
            Tri::yes);
    }
    TimelineRow session{.name = "session", .label = {}, .stretches = {}};
    if (host != nullptr) {
        for (const auto* of : knowledge.sessions().at(*host, out.view)) {
            if (of->order != verdict.order || !knowledge.sessions().co_signed(*of, as_of)) continue;
            session.label = of->id;
            for (const auto& span : knowledge.sessions().fresh(*of, as_of))
                add(session, span, out.view, Tri::yes);
        }
    }
    TimelineRow device{.name = "device", .label = verdict.event, .stretches = {}};
    add(device, out.device, out.view, Tri::yes);
    out.rows = {window, presence_row("technician", verdict.technician, zone, out.view, as_of, knowledge),
                presence_row("escort", verdict.escort, zone, out.view, as_of, knowledge), session, device};
    // Lacking one of the four is being uncovered.
    const auto shown = clipped(out.device, out.view).value_or(out.device);
    for (std::size_t i = 0; i + 1 < out.rows.size(); ++i)
        std::ranges::move(left_open(out.rows[i], shown), std::back_inserter(out.uncovered));
    out.uncovered = joined(std::move(out.uncovered));
    return out;
}

Json to_json(const Timeline& timeline) {
    auto out = to_json(timeline.view);
    out["device"] = to_json(timeline.device);
    out["lanes"] = Json::array();
    for (const auto& row : timeline.rows) {
        Json stretches = Json::array();
        for (const auto& stretch : row.stretches) {
            auto one = to_json(stretch.time);
            one["value"] = to_string(stretch.value);
            stretches.push_back(std::move(one));
        }
        out["lanes"].push_back(
            {{"name", row.name}, {"label", row.label}, {"stretches", std::move(stretches)}});
    }
    out["uncovered"] = Json::array();
    for (const auto& span : timeline.uncovered) out["uncovered"].push_back(to_json(span));
    return out;
}

}  // namespace assay::accompaniment
