#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_log.h"
#include "evidence/tpm/pcr.h"

namespace assay::tcg {

/// What replay found odd. Facts, not verdicts; each is printed by name.
enum class ReplayProblem : std::uint8_t {
    startup_locality_repeated,   ///< a second StartupLocality event: ignored
    startup_locality_late,       ///< StartupLocality after an extend of PCR 0: ignored
    startup_locality_wrong_pcr,  ///< StartupLocality on another PCR than 0: ignored
    startup_locality_malformed,  ///< StartupLocality that is not 17 bytes and padding, or not locality 0, 3
                                 ///< or 4: ignored
    no_action_digest_not_zero,   ///< EV_NO_ACTION with a digest: it never extends
    hcrtm_event_late,            ///< EV_EFI_HCRTM_EVENT that is not the first extend of PCR 0
    hcrtm_event_wrong_pcr,       ///< EV_EFI_HCRTM_EVENT on another PCR than 0
    digest_missing,  ///< the first extending event without this bank's digest: such events are skipped
};
std::string_view to_string(ReplayProblem problem);  ///< "startup-locality-repeated", ...

struct ObservedReplayProblem {
    ReplayProblem id{};
    std::uint32_t event = 0;  ///< index in the log
};

struct ReplayedPcr {
    Digest start;              ///< the value before the first event
    Digest value;              ///< after the last
    std::uint32_t events = 0;  ///< extends; 0: `value` is `start`
};

/// One bank as the log says that it must be: arithmetic over claims, not yet compared with any TPM's values.
struct ReplayedBank {
    HashAlgorithm bank = HashAlgorithm::sha256;
    std::array<ReplayedPcr, kPcrCount> pcrs{};
    std::uint32_t events_without_digest = 0;  ///< skipped: this bank's values are then hardly the TPM's
};

struct ReplayedPcrs {
    std::vector<ReplayedBank> banks;               ///< in the log's order
    std::optional<std::uint8_t> startup_locality;  ///< from the one StartupLocality event that counts
    std::vector<ObservedReplayProblem> problems;   ///< in the log's order

    [[nodiscard]] const ReplayedBank* bank(HashAlgorithm algorithm) const;
    /// The PCRs that events extended, of every bank: nothing is said of the others.
    [[nodiscard]] PcrValues extended_values() const;
};

/// Extends every event. Start values: PCRs 0..16 and 23 zero; 17..22 all ones, but zero where the log has
/// events of them, since only a dynamic launch opens them; PCR 0 ends in the startup locality; in a CCEL log
/// all zero. (PFP 1.06, 3.3.2, 10.4.5.3; TPM 2.0 Part 1, 17.1, 17.3)
ReplayedPcrs replay(const ParsedEventLog& log);
/// The same for one bank alone.
ReplayedPcrs replay(const ParsedEventLog& log, HashAlgorithm bank);

/// One bank's quoted values by PCR index; empty where the quote did not select the PCR.
using QuotedBank = PcrValues::Bank;

enum class PcrAgreement : std::uint8_t {
    match,       ///< events, and they replay to the quoted value: the only agreement that verifies events
    differs,     ///< events, and they replay to another value
    untouched,   ///< no events, and the quoted value is the reset value
    unlogged,    ///< no events, yet the quoted value is not the reset value: events were dropped, or another
                 ///< log has them
    not_quoted,  ///< the quote did not select it: its events, if any, stay unverified
    no_bank,     ///< quoted, but the log has no digests of this bank
};
std::string_view to_string(
    PcrAgreement agreement);  ///< "match", "differs", "untouched", "unlogged", "not-quoted", "no-bank"

/// Another reading under which a differing PCR would match. A hint to whoever looks; never a match.
enum class DifferenceHint : std::uint8_t {
    none,
    other_startup_locality,  ///< PCR 0 fits if TPM2_Startup came from `locality`
    ends_after_event,  ///< the value is reached after `event`: later events were not yet (or never) extended
    one_event_too_many,  ///< it fits without `event`
    events_swapped,      ///< it fits with `event` and the next event of that PCR exchanged
    one_event_missing,   ///< it fits with one more event behind `event` (0: in front of all): `missing` says
                         ///< which. Only events that can be guessed are found
};
std::string_view to_string(DifferenceHint hint);

struct PcrComparison {
    std::uint32_t pcr = 0;
    PcrAgreement agreement = PcrAgreement::not_quoted;
    std::uint32_t events = 0;
    Digest replayed;
    std::optional<Digest> quoted;
    DifferenceHint hint = DifferenceHint::none;
    std::uint32_t event = 0;    ///< for the hints that name one: its index in the log
    std::uint8_t locality = 0;  ///< for other_startup_locality
    /// For one_event_missing: "a separator", an action's text; empty where the digest is that of `same_as`.
    std::string_view missing;
    std::uint32_t same_as = 0;  ///< for one_event_missing without a name: an event with that digest
};

/// A log with all that can be known of it without a TPM: replayed in one bank, its data compared with its
/// digests. This is what costs; it is the same for every host that shows the same log.
class DigestedEventLog {
  public:
    DigestedEventLog(ParsedEventLog log, HashAlgorithm bank);

    [[nodiscard]] const ParsedEventLog& log() const { return log_; }
    [[nodiscard]] HashAlgorithm bank() const { return bank_; }
    [[nodiscard]] const ReplayedPcrs& replayed() const { return replayed_; }  ///< of `bank` alone
    [[nodiscard]] const std::vector<CoverageResult>& coverage() const { return coverage_; }  ///< by index

  private:
    ParsedEventLog log_;
    HashAlgorithm bank_;
    ReplayedPcrs replayed_;
    std::vector<CoverageResult> coverage_;
};

/// An event of a PCR that replays to its quoted value, with what the TPM vouches for: `digest`, and `data`
/// where the digest covers it. The rest of `event`, its type too, stays unverified.
struct VerifiedEvent {
    const ParsedEvent& event;
    const Digest& digest;
    std::optional<ByteView> data;
};

/// A log held against the values that a TPM quoted. Made only by `against`. For a PCR in agreement `match`,
/// and for no other, its events' order, number and digests are as the TPM saw them; their types stay
/// unverified for ever.
class ReplayedEventLog {
  public:
    /// `quoted` must come from a verified quote: what it holds is believed.
    static ReplayedEventLog against(std::shared_ptr<const DigestedEventLog> log, const QuotedBank& quoted);
    static ReplayedEventLog against(ParsedEventLog log, HashAlgorithm bank, const QuotedBank& quoted);
    static ReplayedEventLog against(ParsedEventLog log, HashAlgorithm bank, const PcrValues& quoted);

    [[nodiscard]] const ParsedEventLog& log() const { return digested_->log(); }
    [[nodiscard]] HashAlgorithm bank() const { return digested_->bank(); }
    /// One entry for each PCR 0..23.
    [[nodiscard]] std::span<const PcrComparison> comparisons() const { return comparisons_; }
    [[nodiscard]] const PcrComparison& comparison(std::uint32_t pcr) const { return comparisons_.at(pcr); }
    [[nodiscard]] std::span<const ObservedReplayProblem> problems() const {
        return digested_->replayed().problems;
    }
    [[nodiscard]] std::optional<std::uint8_t> startup_locality() const {
        return digested_->replayed().startup_locality;
    }

    /// At least three PCRs differ, at least as many as agree, and no hint explains any of them: as the log of
    /// another boot or of another host does. A hint to whoever looks.
    [[nodiscard]] bool looks_like_another_boot() const;

    /// The event extended a PCR that replays to its quoted value.
    [[nodiscard]] bool is_verified(const ParsedEvent& event) const;
    /// Computed once for every event of a log; by ParsedEvent::index.
    [[nodiscard]] const CoverageResult& coverage(const ParsedEvent& event) const;
    /// The bytes that the TPM vouches for: the PCR replays and the digest covers them. Empty otherwise.
    [[nodiscard]] std::optional<ByteView> verified_data(const ParsedEvent& event) const;

    /// Every event that is_verified, in the log's order: what a judgement should walk. Refers into
    /// this object.
    [[nodiscard]] auto verified() const {
        return log().unverified_events() |
               std::views::filter([this](const ParsedEvent& event) { return is_verified(event); }) |
               std::views::transform([this](const ParsedEvent& event) { return vouched_for(event); });
    }
    /// Those of one PCR.
    [[nodiscard]] auto verified(std::uint32_t pcr) const {
        return log().unverified_events() | std::views::filter([this, pcr](const ParsedEvent& event) {
                   return event.pcr == pcr && is_verified(event);
               }) |
               std::views::transform([this](const ParsedEvent& event) { return vouched_for(event); });
    }

  private:
    explicit ReplayedEventLog(std::shared_ptr<const DigestedEventLog> log) : digested_(std::move(log)) {}

    /// Of an event that is_verified, and of no other.
    [[nodiscard]] VerifiedEvent vouched_for(const ParsedEvent& event) const {
        return {event, *event.digest_in(bank()), covered_data(event)};
    }
    [[nodiscard]] std::optional<ByteView> covered_data(const ParsedEvent& event) const;

    std::shared_ptr<const DigestedEventLog> digested_;  // never null
    std::array<PcrComparison, kPcrCount> comparisons_{};
};

}  // namespace assay::tcg
