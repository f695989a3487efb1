#include "verifier/judge/accompaniment/judging/notes.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

constexpr std::size_t kSignature = 4;
constexpr Millis kMinute = 60'000;

void add(std::vector<Note>& notes, std::string id, Severity severity, std::string text) {
    notes.push_back({std::move(id), severity, std::move(text), std::nullopt});
}

// What came too late is told beside the time that it came too late for.
template <typename Texts>
std::string at_event(const Span& event, const Texts& texts) {
    return fmt::format("Event of {}{}: {}", instant_text(event.from),
                       event.from == event.to ? "" : " to " + instant_text(event.to), fmt::join(texts, "; "));
}

}  // namespace

Input input_of(const BadgeRow& row) {
    return {"badge", row.source + "/" + row.event_id, row.digest, row.receipt.hand, row.receipt.at};
}

void add_row(TooLate& late, const BadgeRow& row) {
    late.rows.insert(fmt::format(
        "badge row {}, dated {}, was received {}, when feed {} had said that nothing more of then comes",
        printable(row.event_id), instant_text(row.occurred.from), in_words(row.receipt),
        printable(row.source)));
}

void add_entries(Attempt& attempt, const Scene& scene, const std::vector<std::size_t>& rows) {
    auto& texts = attempt.too_late.directory;
    if (texts.empty()) return;
    const auto& directory = scene.knowledge.directory();
    const auto add = [&](std::string_view kind, const auto* entry) {
        if (entry == nullptr || in_time(entry->known.receipt, scene.as_of)) return;
        texts.insert(fmt::format("the entry of {} {} was received {}", kind, printable(entry->id),
                                 in_words(entry->known)));
    };
    for (const auto& id : {attempt.technician, attempt.escort}) {
        const auto* person = directory.person(id);
        add("person", person);
        if (person != nullptr) add("entity", directory.entity(person->employer));
    }
    add("zone", directory.zone(scene.zone));
    for (const auto row : rows)
        add("reader", directory.reader(scene.knowledge.presences().data().rows[row].reader));
}

std::vector<Note> notes_on(const Attempt& attempt, const Span& event) {
    std::vector<Note> out;
    if (attempt.late && attempt.conditions.at(kSignature).value == Tri::yes)
        add(out, "LATE_ATTEST", Severity::info, attempt.conditions.at(kSignature).reason);
    if (attempt.edited_after) {
        add(out, "ORDER_EDITED", Severity::medium,
            fmt::format("Order {} was changed after the event", printable(attempt.order)));
    }
    std::vector<std::string> words;
    for (const auto& hand : attempt.sole_word) words.push_back(hand.text);
    if (!words.empty()) add(out, "SOLE_WORD", Severity::info, at_event(event, words));
    if (!attempt.exception.empty()) add(out, "EXCEPTION", Severity::info, attempt.exception);
    if (attempt.cloned) {
        add(out, "CREDENTIAL_CLONE", Severity::high,
            "A badge of the technician or escort was in two sites within the travel time");
    }
    return out;
}

std::vector<Note> notes_on(const TooLate& late, const Span& event) {
    std::vector<Note> out;
    if (!late.orders.empty()) add(out, "ORDER_LATE", Severity::medium, at_event(event, late.orders));
    if (!late.rows.empty()) add(out, "ROW_LATE", Severity::medium, at_event(event, late.rows));
    if (!late.directory.empty())
        add(out, "LATE_DIRECTORY", Severity::medium, at_event(event, late.directory));
    return out;
}

std::vector<Note> notes_on(const DeviceEvent& event, std::size_t count, const Policy& policy) {
    std::vector<Note> out;
    if (event.received_at && *event.received_at - event.time.to > policy.late_delivery) {
        add(out, "LATE_DELIVERY", Severity::info,
            fmt::format("Received {} min after it happened; judged at its own time",
                        (*event.received_at - event.time.to) / kMinute));
    }
    if (event.clock_stepped) {
        add(out, "CLOCK_STEP", Severity::low,
            "The host's wall clock was wrong; its time was mapped by its boot clock");
    }
    if (event.lost) add(out, "EVIDENCE_GAP", Severity::medium, fmt::format("drops={}", *event.lost));
    if (!event.authorized) add(out, "ATTEMPT", Severity::info, "The device was never authorised");
    if (count > 1)
        add(out, "FLAP", Severity::info, fmt::format("{} insertions of one device on one port", count));
    return out;
}

}  // namespace assay::accompaniment
