#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

std::string_view to_string(ReplayProblem problem) {
    switch (problem) {
        case ReplayProblem::startup_locality_repeated:
            return "startup-locality-repeated";
        case ReplayProblem::startup_locality_late:
            return "startup-locality-late";
        case ReplayProblem::startup_locality_wrong_pcr:
            return "startup-locality-wrong-pcr";
        case ReplayProblem::startup_locality_malformed:
            return "startup-locality-malformed";
        case ReplayProblem::no_action_digest_not_zero:
            return "no-action-digest-not-zero";
        case ReplayProblem::hcrtm_event_late:
            return "hcrtm-event-late";
        case ReplayProblem::hcrtm_event_wrong_pcr:
            return "hcrtm-event-wrong-pcr";
        case ReplayProblem::digest_missing:
            return "digest-missing";
    }
    return "unknown";
}

std::string_view to_string(PcrAgreement agreement) {
    switch (agreement) {
        case PcrAgreement::match:
            return "match";
        case PcrAgreement::differs:
            return "differs";
        case PcrAgreement::untouched:
            return "untouched";
        case PcrAgreement::unlogged:
            return "unlogged";
        case PcrAgreement::not_quoted:
            return "not-quoted";
        case PcrAgreement::no_bank:
            return "no-bank";
    }
    return "unknown";
}

std::string_view to_string(DifferenceHint hint) {
    switch (hint) {
        case DifferenceHint::none:
            return "none";
        case DifferenceHint::other_startup_locality:
            return "other-startup-locality";
        case DifferenceHint::ends_after_event:
            return "ends-after-event";
        case DifferenceHint::one_event_too_many:
            return "one-event-too-many";
        case DifferenceHint::events_swapped:
            return "events-swapped";
        case DifferenceHint::one_event_missing:
            return "one-event-missing";
    }
    return "none";
}

}  // namespace assay::tcg
