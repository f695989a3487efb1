#include "evidence/eventlog/replay/replay.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "evidence/base/stable_sort.h"
#include "evidence/eventlog/payload/padding.h"
#include "evidence/eventlog/replay/replay_difference.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr auto kStartupLocality = "StartupLocality\0"sv;  // PFP 1.06, 10.4.5.3
constexpr std::uint8_t kHcrtmLocality = 4;

// PC Client Platform TPM Profile 1.05, 4.6.2: PCRs 17..22 begin as all ones, the others as zero.
bool is_dynamic(std::uint32_t pcr) {
    return pcr >= 17 && pcr <= 22;
}

std::byte reset_byte(std::uint32_t pcr, bool ccel) {
    return !ccel && is_dynamic(pcr) ? std::byte{0xff} : std::byte{0};
}

// What StartupLocality and H-CRTM events say of PCR 0's start, and what is odd about them: the same for every
// bank.
class StartOfPcr0 {
  public:
    explicit StartOfPcr0(const ParsedEventLog& log) {
        for (const auto& event : log.unverified_events()) {
            if (event.unverified_type == EV_NO_ACTION) {
                no_action(event);
            } else if (event.unverified_type == EV_EFI_HCRTM_EVENT) {
                hcrtm(event);
            }
            extended_ = extended_ || (event.pcr == 0 && event.extends());
        }
        // Without a StartupLocality event the H-CRTM event itself says it. (TPM 2.0 Part 1, 11.2.3: H-CRTM
        // before Startup)
        if (!locality_ && hcrtm_first_) locality_ = kHcrtmLocality;
    }

    [[nodiscard]] std::optional<std::uint8_t> locality() const { return locality_; }
    [[nodiscard]] std::vector<ObservedReplayProblem> take_problems() { return std::move(problems_); }

  private:
    void problem(ReplayProblem id, const ParsedEvent& event) { problems_.push_back({id, event.index}); }

    void no_action(const ParsedEvent& event) {
        const bool zero =
            std::ranges::all_of(event.digests, [](const auto& d) { return d.is_filled_with(std::byte{0}); });
        if (!zero && event.pcr != ParsedEvent::kNoPcr)
            problem(ReplayProblem::no_action_digest_not_zero, event);
        const auto text = as_text(without_padding(EV_NO_ACTION, event.unverified_data));
        if (!text.starts_with(kStartupLocality)) return;
        if (event.pcr != 0) return problem(ReplayProblem::startup_locality_wrong_pcr, event);
        if (extended_) return problem(ReplayProblem::startup_locality_late, event);
        if (seen_) return problem(ReplayProblem::startup_locality_repeated, event);
        const auto locality =
            text.size() == kStartupLocality.size() + 1 ? static_cast<std::uint8_t>(text.back()) : 0xffU;
        if (locality != 0 && locality != 3 && locality != kHcrtmLocality) {
            return problem(ReplayProblem::startup_locality_malformed, event);
        }
        seen_ = true;
        locality_ = static_cast<std::uint8_t>(locality);
    }

    void hcrtm(const ParsedEvent& event) {
        if (event.pcr != 0) return problem(ReplayProblem::hcrtm_event_wrong_pcr, event);
        if (extended_) return problem(ReplayProblem::hcrtm_event_late, event);
        hcrtm_first_ = true;
    }

    std::optional<std::uint8_t> locality_;
    std::vector<ObservedReplayProblem> problems_;
    bool seen_ = false;
    bool extended_ = false;
    bool hcrtm_first_ = false;
};

Digest pcr0_start(HashAlgorithm bank, std::uint8_t locality) {
    std::array<std::byte, Digest::kMaxSize> bytes{};
    const auto size = digest_size(bank);
    bytes.at(size - 1) = std::byte{locality};
    return *Digest::from_bytes(bank, ByteView(bytes).first(size));  // of the bank's own size: never refused
}

ReplayedBank replay_bank(const ParsedEventLog& log, HashAlgorithm bank, std::optional<std::uint8_t> locality,
                         std::vector<ObservedReplayProblem>& problems) {
    ReplayedBank replayed{bank, {}, 0};
    for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
        const bool from_locality = pcr == 0 && locality && !log.is_ccel();
        replayed.pcrs[pcr].start = from_locality ? pcr0_start(bank, *locality)
                                                 : Digest::filled(bank, reset_byte(pcr, log.is_ccel()));
        replayed.pcrs[pcr].value = replayed.pcrs[pcr].start;
    }
    for (const auto& event : log.unverified_events()) {
        if (!event.extends()) continue;
        auto& pcr = replayed.pcrs.at(event.pcr);
        // Only a dynamic launch opens these, and it sets them to zero first. (TPM 2.0 Part 1, 17.3)
        if (pcr.events == 0 && is_dynamic(event.pcr))
            pcr.start = pcr.value = Digest::filled(bank, std::byte{0});
        if (const auto* digest = event.digest_in(bank)) {
            pcr.value = extend(pcr.value, *digest);
            ++pcr.events;
        } else if (replayed.events_without_digest++ == 0) {
            problems.push_back({ReplayProblem::digest_missing, event.index});
        }
    }
    return replayed;
}

ReplayedPcrs replay_banks(const ParsedEventLog& log, std::span<const HashAlgorithm> banks) {
    StartOfPcr0 start(log);
    ReplayedPcrs replayed;
    if (!log.is_ccel()) replayed.startup_locality = start.locality();
    replayed.problems = start.take_problems();
    replayed.banks.reserve(banks.size());
    for (const auto bank : banks) {
        replayed.banks.push_back(replay_bank(log, bank, replayed.startup_locality, replayed.problems));
    }
    sort_stably(replayed.problems, {}, &ObservedReplayProblem::event);
    return replayed;
}

PcrAgreement agreement_of(const PcrComparison& compared, const ReplayedPcr& replayed, bool has_bank) {
    if (!compared.quoted) return PcrAgreement::not_quoted;
    if (!has_bank) return PcrAgreement::no_bank;
    if (replayed.events != 0)
        return replayed.value == *compared.quoted ? PcrAgreement::match : PcrAgreement::differs;
    return replayed.start == *compared.quoted ? PcrAgreement::untouched : PcrAgreement::unlogged;
}

}  // namespace

const ReplayedBank* ReplayedPcrs::bank(HashAlgorithm algorithm) const {
    const auto found = std::ranges::find(banks, algorithm, &ReplayedBank::bank);
    return found == banks.end() ? nullptr : &*found;
}

PcrValues ReplayedPcrs::extended_values() const {
    PcrValues values;
    for (const auto& replayed : banks) {
        for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
            // An index below 24 is never refused.
            if (replayed.pcrs[pcr].events != 0) static_cast<void>(values.set(pcr, replayed.pcrs[pcr].value));
        }
    }
    return values;
}

ReplayedPcrs replay(const ParsedEventLog& log) {
    return replay_banks(log, log.banks());
}

ReplayedPcrs replay(const ParsedEventLog& log, HashAlgorithm bank) {
    return replay_banks(log, std::span(&bank, 1));
}

DigestedEventLog::DigestedEventLog(ParsedEventLog log, HashAlgorithm bank)
    : log_(std::move(log)), bank_(bank), replayed_(replay(log_, bank)) {
    coverage_.reserve(log_.unverified_events().size());
    for (const auto& event : log_.unverified_events()) coverage_.push_back(data_coverage(event, bank));
}

ReplayedEventLog ReplayedEventLog::against(ParsedEventLog log, HashAlgorithm bank, const QuotedBank& quoted) {
    return against(std::make_shared<const DigestedEventLog>(std::move(log), bank), quoted);
}

ReplayedEventLog ReplayedEventLog::against(std::shared_ptr<const DigestedEventLog> log,
                                           const QuotedBank& quoted) {
    ReplayedEventLog held(std::move(log));
    const auto bank = held.bank();
    const bool has_bank = held.log().has_bank(bank);
    const auto& pcrs = held.digested_->replayed().banks.front().pcrs;
    DifferenceExplainer explainer(held.log(), bank);
    for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
        auto& compared = held.comparisons_[pcr];
        compared.pcr = pcr;
        compared.events = pcrs[pcr].events;
        compared.replayed = pcrs[pcr].value;
        // A value of another algorithm is no value of this bank.
        if (quoted[pcr] && quoted[pcr]->algorithm() == bank) compared.quoted = quoted[pcr];
        compared.agreement = agreement_of(compared, pcrs[pcr], has_bank);
        if (compared.agreement == PcrAgreement::differs) explainer.explain(compared, pcrs[pcr].start);
    }
    // The long search comes last, so that it cannot take the budget from a cheap answer.
    for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
        auto& compared = held.comparisons_[pcr];
        if (compared.agreement == PcrAgreement::differs && compared.hint == DifferenceHint::none)
            explainer.look_for_a_missing_event(compared, pcrs[pcr].start);
    }
    return held;
}

ReplayedEventLog ReplayedEventLog::against(ParsedEventLog log, HashAlgorithm bank, const PcrValues& quoted) {
    const auto found = quoted.banks().find(bank);
    return against(std::move(log), bank, found == quoted.banks().end() ? QuotedBank{} : found->second);
}

bool ReplayedEventLog::looks_like_another_boot() const {
    constexpr std::ptrdiff_t kLeast = 3;
    const auto differing = std::ranges::count(comparisons_, PcrAgreement::differs, &PcrComparison::agreement);
    const auto agreeing = std::ranges::count(comparisons_, PcrAgreement::match, &PcrComparison::agreement);
    const bool explained = std::ranges::any_of(
        comparisons_, [](const auto& compared) { return compared.hint != DifferenceHint::none; });
    return !explained && differing >= kLeast && differing >= agreeing;
}

bool ReplayedEventLog::is_verified(const ParsedEvent& event) const {
    return event.extends() && comparisons_.at(event.pcr).agreement == PcrAgreement::match &&
           event.digest_in(bank()) != nullptr;
}

const CoverageResult& ReplayedEventLog::coverage(const ParsedEvent& event) const {
    return digested_->coverage().at(event.index);
}

std::optional<ByteView> ReplayedEventLog::covered_data(const ParsedEvent& event) const {
    const auto& result = coverage(event);
    return result.coverage == DataCoverage::covered ? std::optional(result.covered) : std::nullopt;
}

std::optional<ByteView> ReplayedEventLog::verified_data(const ParsedEvent& event) const {
    return is_verified(event) ? covered_data(event) : std::nullopt;
}

}  // namespace assay::tcg
