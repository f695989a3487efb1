#include "verifier/judge/accompaniment/judging/judge.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/judging/attempt.h"
#include "verifier/judge/accompaniment/judging/internal.h"
#include "verifier/judge/accompaniment/judging/notes.h"
#include "verifier/judge/accompaniment/judging/stay.h"
#include "verifier/judge/accompaniment/judging/without_order.h"

namespace assay::accompaniment {
namespace {

// A part of a device's time: longer than this, it is an interval and no instant.
constexpr Millis kInstant = 2'000;

class Judgement {
  public:
    Judgement(const Occurrence& occurrence, const Knowledge& knowledge, Millis now)
        : occurrence_(occurrence), event_(occurrence.event), knowledge_(knowledge), now_(now) {
        verdict_.event = event_.id;
        verdict_.host = event_.host;
        verdict_.count = occurrence.count;
        verdict_.group = occurrence.group;
        for (auto& condition : verdict_.conditions) condition = unknown(Cause::none, "not asked");
    }

    Verdict run() {
        narrow();
        verdict_.time = event_.time;
        inputs_.insert({"event", event_.id, event_.digest});
        inputs_.insert({"policy", "", knowledge_.policy().digest});
        inputs_.insert({"directory", "", knowledge_.directory().data().digest});
        // As the inventory had it at the event: what it was told since makes no host known that was not.
        host_ = knowledge_.directory().host(event_.host, event_.time.from);
        now_there_ = knowledge_.directory().host(event_.host);
        if (host_ != nullptr) verdict_.host = event_.host = host_->id;
        decide();
        age();
        notes();
        weigh();
        verdict_.inputs.assign(inputs_.begin(), inputs_.end());
        return std::move(verdict_);
    }

  private:
    void set(Outcome outcome, std::string text, std::string reason = {}) {
        verdict_.outcome = outcome;
        verdict_.reason = std::move(reason);
        verdict_.text = std::move(text);
        verdict_.severity = info(outcome).severity;
        verdict_.row = info(outcome).row < 0 ? std::nullopt : std::optional(info(outcome).row);
    }

    // The kernel says for how long it was connected: then the interval is an instant.
    void narrow() {
        if (!event_.connected_for || event_.time.from == event_.time.to) return;
        const auto at = event_.time.to - *event_.connected_for;
        if (at < event_.time.from - kInstant || at > event_.time.to) return;
        event_.time = {std::max(event_.time.from, at - kInstant / 2),
                       std::min(event_.time.to, at + kInstant / 2)};
    }

    [[nodiscard]] bool is_interval() const { return event_.time.to - event_.time.from > kInstant; }

    void decide() {
        if (!event_.failures.empty()) {
            return set(Outcome::evidence_invalid, fmt::format("The evidence of this event does not hold: {}.",
                                                              fmt::join(event_.failures, ", ")));
        }
        if (event_.kind == EventKind::privileged) {
            return set(
                Outcome::privileged_override,
                "An interface appeared without its device: somebody with root on the host let a blocked "
                "device in.");
        }
        if (host_ == nullptr || !host_->in_service) {
            return set(Outcome::unknown_asset,
                       fmt::format("The inventory {} host {}.",
                                   host_ == nullptr ? "does not know" : "has out of service",
                                   printable(event_.host)));
        }
        if (event_.kind == EventKind::ghost) {
            who_was_there(scene_of(event_, *host_, knowledge_, now_));
            return set(
                Outcome::ghost_device,
                fmt::format("A device came and went between {} and {} while the agent did not run; the "
                            "kernel's counters tell of it. Find out who stopped the agent.",
                            instant_text(event_.time.from), instant_text(event_.time.to)));
        }
        if (internal()) return;
        if (event_.clock_bound > knowledge_.policy().max_clock_bound) {
            return set(
                Outcome::undetermined,
                fmt::format(
                    "The host's clock is known to {} s only; {} s are allowed. Times prove nothing here.",
                    event_.clock_bound / 1000, knowledge_.policy().max_clock_bound / 1000),
                "CLOCK");
        }
        const auto scene = scene_of(event_, *host_, knowledge_, now_);
        auto orders = knowledge_.orders().covering(*host_, scene.span);
        if (now_there_ != nullptr && now_there_ != host_) {
            for (const auto* order : knowledge_.orders().covering(*now_there_, scene.span)) {
                if (std::ranges::find(orders, order) == orders.end()) orders.push_back(order);
            }
        }
        std::erase_if(orders, [&](const WorkOrder* order) {
            return cover_of(*order, scene.span) == Cover::superseded;
        });
        const bool in_force = std::ranges::any_of(
            orders, [&](const WorkOrder* order) { return cover_of(*order, scene.span) == Cover::in_force; });
        // An order that came to cover it only afterwards does not say who was there.
        if (orders.empty() || (!in_force && nobody_there(scene))) {
            for (const auto* order : orders) say_if_late(*order, scene);
            return without(scene);
        }
        std::optional<Attempt> best;
        for (const auto* order : orders) {
            auto next = best_attempt(*order, scene);
            if (!best || got_further(next, *best)) best = std::move(next);
        }
        take(*std::move(best));
    }

    // Rows 1 to 3.
    bool internal() {
        auto occurrence = occurrence_;
        occurrence.event = event_;
        auto ruling = internal_device(occurrence, *host_, knowledge_);
        if (!ruling) return false;
        verdict_.order = std::move(ruling->order);
        if (ruling->a1) verdict_.conditions[0] = *std::move(ruling->a1);
        if (ruling->a2) verdict_.conditions[1] = *std::move(ruling->a2);
        late_.orders = std::move(ruling->orders_late);
        inputs_.merge(ruling->inputs);
        set(ruling->outcome, std::move(ruling->text), std::move(ruling->reason));
        return true;
    }

    void who_was_there(const Scene& scene) {
        for (const auto& seen : scene.people) {
            verdict_.people.push_back(seen.person);
            if (seen.presence.late_row)
                add_row(late_, knowledge_.presences().data().rows[*seen.presence.late_row]);
            for (const auto index : seen.presence.rows)
                inputs_.insert(input_of(knowledge_.presences().data().rows[index]));
        }
    }

    enum class Cover : std::uint8_t { in_force, later, superseded };

    // Whether the order named this host and time during the event, or came to do so later, or did before
    // only ("Choices": neither of these two is a cover). A version is in force until the next one; one that
    // was received too late came later, whatever its history says.
    [[nodiscard]] Cover cover_of(const WorkOrder& order, const Span& span) const {
        const auto known = known_versions(order, knowledge_.as_of(event_, order).order).size();
        auto cover = Cover::superseded;
        for (std::size_t i = 0; i < order.versions.size(); ++i) {
            const auto& version = order.versions[i];
            const auto names = [&](const Host* host) {
                return host != nullptr && in_scope(knowledge_.directory(), version.fields, *host);
            };
            if (!version.fields.window.meets(span) || (!names(host_) && !names(now_there_))) continue;
            const auto until = i + 1 < order.versions.size() ? order.versions[i + 1].from : INT64_MAX;
            const bool in_force = version.from <= span.to && until > span.from;
            if (in_force && i < known) return Cover::in_force;
            if (in_force || version.from > span.to) cover = Cover::later;
        }
        return cover;
    }

    // That it would have covered the event, and was received too late to.
    void say_if_late(const WorkOrder& order, const Scene& scene) {
        const auto as_of = knowledge_.as_of(event_, order);
        auto said = validity_of(order, scene.span, "", knowledge_.directory(), knowledge_.policy(),
                                knowledge_.orders_watermark(), as_of);
        if (said.late.empty()) return;
        late_.orders.insert(std::move(said.late));
        const auto& late = order.versions.at(known_versions(order, as_of.order).size());
        inputs_.insert({"order", order.id, late.digest, late.receipt.hand, late.receipt.at});
    }

    void without(const Scene& scene) {
        who_was_there(scene);
        auto said = without_order(scene);
        verdict_.conditions[0] = std::move(said.a1);
        verdict_.conditions[1] = std::move(said.a2);
        verdict_.order = std::move(said.order);
        if (said.input) inputs_.insert(*std::move(said.input));
        released_ = said.released;
        set(said.outcome, std::move(said.text), std::move(said.reason));
    }

    void take(Attempt attempt) {
        verdict_.order = attempt.order;
        verdict_.technician = attempt.technician;
        verdict_.escort = attempt.escort;
        late_ = attempt.too_late;
        for (const auto& hand : attempt.sole_word) verdict_.sole_word.push_back(hand.who);
        verdict_.conditions = attempt.conditions;
        inputs_.merge(attempt.inputs);
        std::string text;
        for (std::size_t i = 0; i < kConditions; ++i) {
            const auto& condition = attempt.conditions[i];
            if (condition.value == Tri::yes) continue;
            text += fmt::format("{}A{} {}: {}", text.empty() ? "" : "; ", i + 1, to_string(condition.value),
                                condition.reason);
        }
        if (text.empty())
            text = fmt::format("Order {}, technician {}, escort {}", printable(attempt.order),
                               printable(attempt.technician), printable(attempt.escort));
        set(attempt.outcome, text + ".", attempt.reason);
        verdict_.row = attempt.row;
        if (attempt.segregation) verdict_.severity = Severity::critical;
        attempt_ = std::move(attempt);
    }

    // What time alone changes: an interval that nothing can narrow, and what stayed unknown for too long.
    void age() {
        const auto row = verdict_.row.value_or(0);
        const bool all_true = std::ranges::all_of(
            verdict_.conditions, [](const Condition& each) { return each.value == Tri::yes; });
        const bool judged = row >= 4 && !all_true && verdict_.outcome != Outcome::device_not_permitted;
        const bool waiting = verdict_.outcome == Outcome::undetermined;
        const bool can_wait =
            waiting && (verdict_.reason == "BMC" ||
                        std::ranges::any_of(verdict_.conditions, [](const Condition& condition) {
                            return condition.cause == Cause::feed;
                        }));
        const auto known_since = std::max(event_.time.to, event_.received_at.value_or(event_.time.to));
        const bool too_old = now_ - known_since > knowledge_.policy().unproven_after;
        if (judged && is_interval() && verdict_.reason != "CLOCK" && (!can_wait || too_old)) {
            const auto before = verdict_.severity;
            const auto said = fmt::format("{}{}", info(verdict_.outcome).name,
                                          verdict_.reason.empty() ? "" : "(" + verdict_.reason + ")");
            set(Outcome::unaccompanied,
                fmt::format(
                    "It came between {} and {}; for a part of that time nobody can be shown to have been "
                    "there ({}). {}",
                    instant_text(event_.time.from), instant_text(event_.time.to), said, verdict_.text),
                "UNKNOWN_TIME");
            verdict_.row = 15;
            verdict_.severity = std::max(before, verdict_.severity);
        } else if (waiting && too_old) {
            set(Outcome::unaccompanied,
                fmt::format("Not proven within {} h: {}", knowledge_.policy().unproven_after / 3'600'000,
                            verdict_.text),
                "UNPROVEN");
            verdict_.row = 15;
        }
    }

    void notes() {
        const Span stay{event_.time.to, occurrence_.removal ? occurrence_.removal->time.from : now_};
        verdict_.stay = stay;
        auto& notes = verdict_.notes;
        if (attempt_) notes = notes_on(*attempt_, event_.time);
        for (auto& each : notes_on(late_, event_.time)) notes.push_back(std::move(each));
        for (auto& each : notes_on(event_, occurrence_.count, knowledge_.policy()))
            notes.push_back(std::move(each));
        if (released_ || (attempt_ && attempt_->emergency)) {
            notes.push_back({"MANUAL_REVIEW", Severity::info,
                             "The doors stood released: badges say nothing of that time", std::nullopt});
        }
        if (attempt_ && verdict_.row.value_or(0) >= 12 && verdict_.outcome != Outcome::undetermined &&
            verdict_.reason != "UNKNOWN_TIME" && stay.from < stay.to) {
            for (auto& gap : uncovered_stay(*attempt_, event_, *host_, stay, knowledge_))
                notes.push_back(std::move(gap));
        }
        // Those that were worse go first.
        sort_stably(notes, [](const Note& a, const Note& b) { return a.severity > b.severity; });
    }

    // One step up for what it did, one down for what was never let in. What is no incident stays none.
    void weigh() {
        if (verdict_.severity == Severity::info) return;
        const auto bound = [&](DeviceKind kind) {
            return std::ranges::find(event_.bound, kind) != event_.bound.end();
        };
        auto level = static_cast<int>(verdict_.severity);
        if (event_.mounted || event_.written || event_.dma || bound(DeviceKind::hid) ||
            bound(DeviceKind::network))
            ++level;
        if (!event_.authorized) --level;
        verdict_.severity = static_cast<Severity>(std::clamp(level, 1, static_cast<int>(Severity::critical)));
    }

    const Occurrence& occurrence_;
    DeviceEvent event_;  // its interval narrowed where the kernel says how
    const Knowledge& knowledge_;
    Millis now_;
    const Host* host_ = nullptr;
    const Host* now_there_ = nullptr;  // the same, as the inventory has it now
    std::optional<Attempt> attempt_;
    bool released_ = false;  // and no order covers the event
    TooLate late_;
    std::set<Input> inputs_;
    Verdict verdict_;
};

}  // namespace

Verdict judge(const Occurrence& occurrence, const Knowledge& knowledge, Millis now) {
    return Judgement(occurrence, knowledge, now).run();
}

std::vector<Verdict> judge_all(const std::vector<Occurrence>& occurrences, const Knowledge& knowledge,
                               Millis now) {
    std::vector<Verdict> out;
    out.reserve(occurrences.size());
    for (const auto& occurrence : occurrences) out.push_back(judge(occurrence, knowledge, now));
    return out;
}

bool is_open(const Verdict& verdict) {
    return verdict.outcome == Outcome::undetermined;
}

}  // namespace assay::accompaniment
