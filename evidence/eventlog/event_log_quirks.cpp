#include "evidence/eventlog/event_log_quirks.h"

#include <array>

namespace assay::tcg {
namespace {

struct QuirkText {
    EventLogQuirk id;
    std::string_view name;
    std::string_view sentence;
};

constexpr std::array kQuirks{
    QuirkText{EventLogQuirk::trailing_padding, "trailing-padding",
              "After the last event the area is filled with 0x00 or 0xff."},
    QuirkText{EventLogQuirk::pcr_index_all_ones, "pcr-index-all-ones",
              "Events of PCR index 0xffffffff (Windows trust points) are listed; they extend nothing."},
    QuirkText{EventLogQuirk::cc_measurement_registers, "cc-measurement-registers",
              "The indices are measurement registers of a confidential guest (CCEL), not PCRs."},
    QuirkText{EventLogQuirk::no_spec_id, "no-spec-id",
              "The first event is no Spec ID event: the log is read in the SHA-1 format of TPM 1.2."},
    QuirkText{EventLogQuirk::sha1_spec_id, "sha1-spec-id",
              "The Spec ID event is of the TPM 1.2 kind: every event has one SHA-1 digest."},
    QuirkText{EventLogQuirk::spec_id_pcr_not_zero, "spec-id-pcr-not-zero",
              "The Spec ID event names another PCR than 0."},
    QuirkText{EventLogQuirk::spec_id_digest_not_zero, "spec-id-digest-not-zero",
              "The Spec ID event carries a digest, which must be zero and is extended nowhere."},
    QuirkText{EventLogQuirk::unknown_algorithm, "unknown-algorithm",
              "A bank's algorithm is not known to Assay: its digests are skipped by their size."},
    QuirkText{EventLogQuirk::digest_missing, "digest-missing",
              "An event lacks the digest of an algorithm that the log lists: that bank cannot be replayed."},
    QuirkText{EventLogQuirk::spec_id_repeated, "spec-id-repeated",
              "A Spec ID event stands later in the log too."},
    QuirkText{
        EventLogQuirk::padded_structure, "padded-structure",
        "An event's structure is followed by zeros, as where all records have one size; they say nothing."},
    QuirkText{EventLogQuirk::nv_index_events, "nv-index-events",
              "Events of NV indices (SPDM certificate chains and nonces) are listed; they extend no PCR."},
};

const QuirkText& text_of(EventLogQuirk quirk) {
    return kQuirks.at(static_cast<std::size_t>(quirk));
}

consteval bool in_order() {
    for (std::size_t i = 0; i < kQuirks.size(); ++i) {
        if (static_cast<std::size_t>(kQuirks[i].id) != i) return false;
    }
    return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(EventLogQuirk quirk) {
    return text_of(quirk).name;
}
std::string_view describe(EventLogQuirk quirk) {
    return text_of(quirk).sentence;
}

}  // namespace assay::tcg
