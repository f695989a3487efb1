#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::tcg {

/// What real logs do that the specification does not say. The parser accepts exactly these, and reports each
/// one.
enum class EventLogQuirk : std::uint8_t {
    trailing_padding,    ///< 0x00 or 0xff up to the end of the area after the last event (CCEL, firmware
                         ///< buffers)
    pcr_index_all_ones,  ///< PCR index 0xffffffff: Windows trust-point events, extended nowhere
    cc_measurement_registers,  ///< a CCEL log: the index is a confidential-computing measurement register,
                               ///< not a PCR
    no_spec_id,               ///< the first event is no Spec ID event: the SHA-1 format of TPM 1.2 is assumed
    sha1_spec_id,             ///< a Spec ID event of version 00 or 02: the SHA-1 format of TPM 1.2
    spec_id_pcr_not_zero,     ///< the Spec ID event names another PCR than 0 (and the log is no CCEL)
    spec_id_digest_not_zero,  ///< the Spec ID event's SHA-1 digest is not zero
    unknown_algorithm,  ///< a bank of an algorithm that Assay does not know: its digests are skipped by size
    digest_missing,     ///< an event lacks the digest of a listed algorithm: that bank cannot be replayed
    spec_id_repeated,   ///< a further Spec ID event later in the log
    padded_structure,   ///< zeros behind an event's structure: records of one size (coreboot); they say
                        ///< nothing
    nv_index_events,    ///< EV_NO_ACTION under an NV index (SPDM certificates and nonces): extends no PCR
};

/// The stable name, as it appears in findings and JSON: "trailing-padding".
std::string_view to_string(EventLogQuirk quirk);
/// One sentence for a person.
std::string_view describe(EventLogQuirk quirk);

struct ObservedQuirk {
    EventLogQuirk id{};
    std::size_t offset = 0;              ///< bytes from the start of the log
    std::optional<std::uint32_t> event;  ///< index of the first event it was seen at
};

}  // namespace assay::tcg
