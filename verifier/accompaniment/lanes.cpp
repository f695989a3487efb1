#include "verifier/accompaniment/lanes.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace assay::accompaniment {
namespace {

constexpr Millis kMargin = 1'800'000;
constexpr Millis kLongest = 86'400'000;

std::optional<Span> clipped(const Span& span, const Span& view) {
    const Span out{std::max(span.from, view.from), std::min(span.to, view.to)};
    if (out.from > out.to) return {};
    return out;
}

void add(Lane& lane, const Span& span, const Span& view, Tri value) {
    if (value == Tri::no) return;
    const auto part = clipped(span, view);
    if (!part) return;
    if (!lane.stretches.empty() && lane.stretches.back().value == value &&
        part->from <= lane.stretches.back().time.to)
        lane.stretches.back().time.to = std::max(lane.stretches.back().time.to, part->to);
    else
        lane.stretches.push_back({*part, value});
}

// Presence is asked at steps of the view: a picture needs no more.
Lane presence_lane(std::string name, const std::string& person, std::string_view zone, const Span& view,
                   const Knowledge& knowledge) {
    constexpr Millis kSteps = 240;
    Lane lane{.name = std::move(name), .label = person, .stretches = {}};
    if (person.empty()) return lane;
    const auto step = std::max<Millis>((view.to - view.from) / kSteps, 1'000);
    for (auto at = view.from; at < view.to; at += step) {
        const auto presence = knowledge.presences().of(person, zone, {at, at}, 0);
        add(lane, {at, std::min(at + step, view.to)}, view, presence.condition.value);
    }
    return lane;
}

// What of `device` has no stretch of `lane`.
void leave(const Lane& lane, std::vector<Span>& open) {
    std::vector<Span> out;
    for (const auto& span : open) {
        auto at = span.from;
        for (const auto& stretch : lane.stretches) {
            if (stretch.time.to < at || stretch.time.from > span.to) continue;
            if (stretch.time.from > at) out.push_back({at, stretch.time.from});
            at = std::max(at, stretch.time.to);
        }
        if (at < span.to || span.from == span.to) {
            if (at <= span.to && !(span.from == span.to && at > span.from)) out.push_back({at, span.to});
        }
    }
    open = std::move(out);
}

nlohmann::json to_json(const Span& span) {
    return {{"from", instant_text(span.from)}, {"to", instant_text(span.to)}};
}

}  // namespace

Timeline timeline_of(const Verdict& verdict, const Occurrence& occurrence, const Knowledge& knowledge,
                     Millis now) {
    Timeline out;
    out.device = {verdict.time.from,
                  occurrence.removal ? occurrence.removal->time.to : std::max(now, verdict.time.to)};
    out.view = {out.device.from - kMargin, std::min(out.device.to, out.device.from + kLongest) + kMargin};
    const auto* host = knowledge.directory().host(verdict.host);
    const auto* order = knowledge.orders().order(verdict.order);
    const auto zone = host == nullptr ? std::string_view() : knowledge.directory().presence_zone(*host);

    Lane window{.name = "order", .label = verdict.order, .stretches = {}};
    if (order != nullptr) {
        const auto* version = version_at(*order, verdict.time.to);
        add(window, (version != nullptr ? *version : order->versions.front()).fields.window, out.view,
            Tri::yes);
    }
    Lane session{.name = "session", .label = {}, .stretches = {}};
    if (host != nullptr) {
        for (const auto* of : knowledge.sessions().at(*host, out.view)) {
            if (of->order != verdict.order || !knowledge.sessions().co_signed(*of)) continue;
            session.label = of->id;
            for (const auto& span : knowledge.sessions().fresh(*of)) add(session, span, out.view, Tri::yes);
        }
    }
    Lane device{.name = "device", .label = verdict.event, .stretches = {}};
    add(device, out.device, out.view, Tri::yes);
    out.lanes = {window, presence_lane("technician", verdict.technician, zone, out.view, knowledge),
                 presence_lane("escort", verdict.escort, zone, out.view, knowledge), session, device};
    // Lacking one of the four is being uncovered; spans are gathered and joined.
    std::vector<Span> missing;
    for (std::size_t i = 0; i + 1 < out.lanes.size(); ++i) {
        std::vector<Span> open{*clipped(out.device, out.view)};
        leave(out.lanes[i], open);
        missing.insert(missing.end(), open.begin(), open.end());
    }
    std::ranges::sort(missing, {}, &Span::from);
    for (const auto& span : missing) {
        if (!out.uncovered.empty() && span.from <= out.uncovered.back().to)
            out.uncovered.back().to = std::max(out.uncovered.back().to, span.to);
        else
            out.uncovered.push_back(span);
    }
    return out;
}

nlohmann::json to_json(const Timeline& timeline) {
    auto out = to_json(timeline.view);
    out["device"] = to_json(timeline.device);
    out["lanes"] = nlohmann::json::array();
    for (const auto& lane : timeline.lanes) {
        nlohmann::json stretches = nlohmann::json::array();
        for (const auto& stretch : lane.stretches) {
            auto one = to_json(stretch.time);
            one["value"] = to_string(stretch.value);
            stretches.push_back(std::move(one));
        }
        out["lanes"].push_back(
            {{"name", lane.name}, {"label", lane.label}, {"stretches", std::move(stretches)}});
    }
    out["uncovered"] = nlohmann::json::array();
    for (const auto& span : timeline.uncovered) out["uncovered"].push_back(to_json(span));
    return out;
}

}  // namespace assay::accompaniment
