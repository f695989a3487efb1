#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/eventlog/event_log_quirks.h"
#include "evidence/eventlog/event_type.h"
#include "evidence/tpm/pcr.h"

namespace assay::tcg {

/// crypto_agile: TCG_PCR_EVENT2, a digest per bank ("Spec ID Event03").
/// sha1: TCG_PCR_EVENT throughout, one SHA-1 digest an event. (PFP 1.06, 10.2)
enum class EventLogFormat : std::uint8_t { crypto_agile, sha1 };

/// "crypto-agile", "sha1".
std::string_view to_string(EventLogFormat format);

/// One algorithm of the Spec ID event. `known` is empty for an algorithm that Assay skips.
struct LogAlgorithm {
    std::uint16_t id = 0;    ///< TPM_ALG_ID
    std::uint16_t size = 0;  ///< digest bytes
    std::optional<HashAlgorithm> known;
};

/// TCG_EfiSpecIDEvent (PFP 1.06, 10.4.5.1), as claimed by the log: covered by no digest.
struct SpecIdEvent {
    std::uint32_t platform_class = 0;  ///< 0 client, 1 server
    std::uint8_t version_major = 0;
    std::uint8_t version_minor = 0;
    std::uint8_t errata = 0;
    std::uint8_t uintn_size = 0;           ///< 1 = 32 bit, 2 = 64 bit
    std::vector<LogAlgorithm> algorithms;  ///< in the log's order
    ByteView vendor_info;
};

/// One event as the log has it. Nothing of it is verified: `pcr` and `digests` are once its PCR replays to a
/// quoted value (ReplayedEventLog), `unverified_data` once a digest covers it (verified_data),
/// `unverified_type` never.
struct ParsedEvent {
    std::uint32_t index = 0;  ///< 0 is the log's first record (the Spec ID event where there is one)
    std::size_t offset = 0;   ///< bytes from the start of the log to the record
    std::uint32_t pcr = 0;    ///< 0..23; 0xffffffff as quirk (also of an NV index); a measurement register's
                              ///< index in a CCEL log
    std::uint32_t unverified_type = 0;  ///< EventType, or any other number
    std::span<const Digest> digests;    ///< of known algorithms only, in the record's order, none twice
    ByteView unverified_data;

    /// This event's digest in `bank`; null where the record has none.
    [[nodiscard]] const Digest* digest_in(HashAlgorithm bank) const;
    /// EV_NO_ACTION and PCR index 0xffffffff extend nothing. (PFP 1.06, 10.4.1)
    [[nodiscard]] bool extends() const { return unverified_type != EV_NO_ACTION && pcr != kNoPcr; }

    static constexpr std::uint32_t kNoPcr = 0xffffffff;
};

/// A log that has the form of a log. *Parsed is not verified*: an attacker writes such a log at will. Only
/// ReplayedEventLog (replay.h) may be believed, and only as far as it says.
///
/// Borrows: the log's bytes must outlive it and every view taken from it. Movable, not copyable (events point
/// into it).
class ParsedEventLog {
  public:
    ParsedEventLog(ParsedEventLog&&) = default;
    ParsedEventLog& operator=(ParsedEventLog&&) = default;
    ParsedEventLog(const ParsedEventLog&) = delete;
    ParsedEventLog& operator=(const ParsedEventLog&) = delete;
    ~ParsedEventLog() = default;

    [[nodiscard]] EventLogFormat format() const { return format_; }
    /// Present in a crypto-agile log.
    [[nodiscard]] const std::optional<SpecIdEvent>& spec_id() const { return spec_id_; }
    [[nodiscard]] std::span<const ParsedEvent> unverified_events() const { return events_; }
    /// The known banks that the log has digests of, in its order.
    [[nodiscard]] std::span<const HashAlgorithm> banks() const { return banks_; }
    [[nodiscard]] bool has_bank(HashAlgorithm bank) const;
    [[nodiscard]] std::span<const ObservedQuirk> quirks() const { return quirks_; }
    [[nodiscard]] bool has_quirk(EventLogQuirk quirk) const;
    /// The indices name measurement registers (CCEL: 0 MRTD, 1..4 RTMR 0..3), not PCRs.
    [[nodiscard]] bool is_ccel() const { return has_quirk(EventLogQuirk::cc_measurement_registers); }

  private:
    friend class EventLogParser;
    ParsedEventLog() = default;

    EventLogFormat format_ = EventLogFormat::sha1;
    std::optional<SpecIdEvent> spec_id_;
    std::vector<Digest> digests_;
    std::vector<ParsedEvent> events_;
    std::vector<HashAlgorithm> banks_;
    std::vector<ObservedQuirk> quirks_;
};

/// Parses a whole boot event log (binary_bios_measurements, WBCL, CCEL; PFP 1.06, 10). Little-endian
/// throughout. Limits: limits::kEventLog, kEvents, kEventData, 16 algorithms. Errors carry the offset:
/// `truncated` where a record ends behind the log, `malformed` for a Spec ID event whose sizes are not its
/// algorithms', an index above 23, a digest count of 0 or more than listed, an algorithm that is not listed
/// or given twice; `limit`; an empty log is `truncated`.
Result<ParsedEventLog> parse_event_log(ByteView log);

}  // namespace assay::tcg
