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

}  // namespace

Input input_of(const BadgeRow& row) {
    return {"badge", row.source + "/" + row.event_id, row.digest, row.receipt.hand, row.receipt.at};
}

std::string row_late_text(const BadgeRow& row) {
    return fmt::format(
        "Badge row {} of {} came at {}{}, when feed {} had said that nothing more of then comes",
        printable(row.event_id), instant_text(row.occurred.from), instant_text(row.receipt.at),
        row.receipt.hand.empty() ? "" : " from " + printable(row.receipt.hand), printable(row.source));
}

std::vector<Note> notes_on(const Attempt& attempt) {
    std::vector<Note> out;
    if (attempt.late && attempt.conditions.at(kSignature).value == Tri::yes)
        add(out, "LATE_ATTEST", Severity::info, attempt.conditions.at(kSignature).reason);
    if (attempt.edited_after) {
        add(out, "ORDER_EDITED", Severity::medium,
            fmt::format("Order {} was changed after the event", printable(attempt.order)));
    }
    if (!attempt.order_late.empty()) {
        add(out, "ORDER_LATE", Severity::medium,
            fmt::format("Order {}: {}", printable(attempt.order), attempt.order_late));
    }
    if (!attempt.rows_late.empty())
        add(out, "ROW_LATE", Severity::medium, fmt::format("{}", fmt::join(attempt.rows_late, "; ")));
    if (!attempt.directory_late.empty()) {
        add(out, "LATE_DIRECTORY", Severity::medium,
            fmt::format("{}", fmt::join(attempt.directory_late, "; ")));
    }
    for (const auto& hand : attempt.sole_word) add(out, "SOLE_WORD", Severity::info, hand.text);
    if (!attempt.exception.empty()) add(out, "EXCEPTION", Severity::info, attempt.exception);
    if (attempt.cloned) {
        add(out, "CREDENTIAL_CLONE", Severity::high,
            "A badge of the technician or escort was in two sites within the travel time");
    }
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
