#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/receipt.h"
#include "verifier/judge/accompaniment/time.h"
#include "verifier/judge/accompaniment/tri.h"

namespace assay::accompaniment {

enum class Severity : std::uint8_t { info, low, medium, high, critical };
/// "info", "low", "medium", "high", "critical".
std::string_view to_string(Severity severity);

enum class Outcome : std::uint8_t {
#define OUTCOME(name, text, row, severity, sentence) name,
#include "verifier/judge/accompaniment/verdict/outcomes.inc"
#undef OUTCOME
};

struct OutcomeInfo {
    std::string_view name;  ///< "UNACCOMPANIED"; never changes its meaning
    int row = -1;           ///< of the decision table, docs/accompaniment.md; -1: an edge case of its own
    Severity severity = Severity::critical;  ///< before the modifiers
    std::string_view sentence;
};
const OutcomeInfo& info(Outcome outcome);
/// All of them, in the order of the table.
std::span<const OutcomeInfo> outcomes();

/// A thing worth knowing beside the verdict: "LATE_ATTEST", "ORDER_EDITED", "UNACCOMPANIED_INTERVAL", ...
struct Note {
    std::string id;
    Severity severity = Severity::info;
    std::string text;
    std::optional<Span> time;  ///< for what lasts

    bool operator==(const Note&) const = default;
};

/// What the verdict stands on: the same digests give the same verdict.
struct Input {
    /// "event", "order", "badge", "session", "late-attestation", "directory", "policy"; "person": a version
    /// of an entry of the directory, one for each hand behind it.
    std::string kind;
    std::string id;
    std::string digest;                  ///< SHA-256, hex; empty where only the id is known
    std::string hand = {};               ///< who delivered it, "person:ID" of a signature; empty: its own
    Millis received_at = kAtItsOwnTime;  ///< by the verifier's clock

    auto operator<=>(const Input&) const = default;
};

/// The verdict was worse before, in rows 3 to 11 or high: what it was, and what made it better. It stays with
/// the verdict until somebody who delivered none of these inputs has acknowledged it.
struct Improved {
    std::int64_t version = 0;  ///< number of the verdict before, as it is stored
    Outcome outcome = Outcome::undetermined;
    std::optional<int> row;
    Severity severity = Severity::critical;
    Millis at = 0;              ///< when it became better, by the verifier's clock
    std::vector<Input> inputs;  ///< that are new since; sorted

    bool operator==(const Improved&) const = default;
};

inline constexpr std::size_t kConditions = 6;

struct Verdict {
    std::string event;
    std::string host;
    std::optional<int> row;
    Outcome outcome = Outcome::undetermined;
    std::string reason;  ///< "NO_ORDER", "ESCORT_ABSENT", "ISSUER", "A3,A4": empty where the outcome says all
    Severity severity = Severity::critical;
    std::string text;                               ///< one or two sentences for a reviewer
    std::array<Condition, kConditions> conditions;  ///< A1 to A6
    Span time;
    std::optional<Span> stay;  ///< from the insertion to the removal, or to now
    std::string order;         ///< the order that came nearest; empty: none
    std::string technician;    ///< likewise
    std::string escort;
    std::vector<std::string> people;  ///< who was, or may have been, there; where no order names anybody
    std::size_t count = 1;            ///< insertions that are this one: a cable that wiggled
    std::string group;                ///< the first event of its insertion group
    std::vector<Note> notes;
    std::vector<Input> inputs;           ///< sorted
    std::vector<std::string> sole_word;  ///< a single-handed site: on whose word alone it stands
    std::optional<Improved> improved;

    bool operator==(const Verdict&) const = default;
};

/// Worst first by severity, then by row.
bool worse(const Verdict& a, const Verdict& b);

}  // namespace assay::accompaniment
