#include "verifier/judge/accompaniment/verdict/verdict.h"

namespace assay::accompaniment {
namespace {

constexpr std::array kOutcomes = {
#define OUTCOME(name, text, row, severity, sentence) OutcomeInfo{text, row, Severity::severity, sentence},
#include "verifier/judge/accompaniment/verdict/outcomes.inc"
#undef OUTCOME
};
constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 8> kCauses = {"known",     "feed",     "clock", "interval",
                                                     "emergency", "inferred", "data",  "late"};

}  // namespace

std::string_view to_string(Severity severity) {
    return kSeverities.at(static_cast<std::size_t>(severity));
}

std::string_view to_string(Cause cause) {
    return kCauses.at(static_cast<std::size_t>(cause));
}

const OutcomeInfo& info(Outcome outcome) {
    return kOutcomes.at(static_cast<std::size_t>(outcome));
}

std::span<const OutcomeInfo> outcomes() {
    return kOutcomes;
}

bool worse(const Verdict& a, const Verdict& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return a.row.value_or(0) < b.row.value_or(0);
}

}  // namespace assay::accompaniment
