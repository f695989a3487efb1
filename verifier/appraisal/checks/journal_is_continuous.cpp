#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/wire/section_names.h"
#include "verifier/appraisal/examined.h"

namespace assay {
namespace {

constexpr std::int64_t kClockSlackMs = 300'000;  // a host's clock may run ahead of the verifier's by this

Details about(std::uint64_t sequence, std::string expected, std::string actual) {
    return {.subject = fmt::format("journal record {}", sequence),
            .expected = std::move(expected),
            .actual = std::move(actual),
            .evidence = fmt::format("journal: record {}", sequence)};
}

// What the last record before this section says of time: where a span without a monitor begins.
struct Before {
    std::string boot_id;
    std::uint64_t boottime_ms = 0;
};

std::string unobserved_span(const JournalRecord& started, const Before& before) {
    if (before.boot_id == started.boot_id) {
        return fmt::format(
            "{} ms of this boot, from {} ms on",
            started.boottime_ms < before.boottime_ms ? 0 : started.boottime_ms - before.boottime_ms,
            before.boottime_ms);
    }
    return fmt::format("up to {} ms, from the start of boot {} or the last acknowledged record on",
                       started.boottime_ms, shown(started.boot_id));
}

class Walk {
  public:
    Walk(const Examined& examined, Judge& judge)
        : examined_(examined), judge_(judge), known_(examined.inputs.known_host) {}

    void run(const JournalSection& journal) {
        if (!judge_start(journal)) return;
        Digest previous = known_head();
        std::uint64_t next = known_.journal_sequence + 1;
        for (const auto& [digest, record, problem] : examined_.claims.journal_records) {
            if (!record) {
                finds(findings::journal_malformed, Tier::contraindicated,
                      about(next, "a journal record", problem));
                return;
            }
            if (record->sequence != next || record->previous != previous) {
                finds(findings::journal_chain, Tier::contraindicated,
                      about(record->sequence, fmt::format("record {} after {}", next, previous.hex()),
                            fmt::format("record {} after {}", record->sequence, record->previous.hex())));
                return;  // behind a break nothing follows from anything
            }
            judge_record(*record);
            previous = digest;
            ++next;
        }
        if (journal.head_sequence != next - 1 || journal.head != previous) {
            finds(findings::journal_chain, Tier::contraindicated,
                  about(journal.head_sequence, fmt::format("head {} {}", next - 1, previous.hex()),
                        fmt::format("head {} {}", journal.head_sequence, journal.head.hex())));
        }
    }

  private:
    void finds(const FindingKind& kind, Tier tier, Details details) {
        judge_.finds(kind, tier, examined_.basis(), std::move(details));
    }

    [[nodiscard]] Digest known_head() const {
        return Digest::from_bytes(HashAlgorithm::sha256, known_.journal_head).value_or(Digest{});
    }

    bool judge_start(const JournalSection& journal) {
        if (journal.head_sequence >= known_.journal_sequence) return true;
        finds(findings::journal_rewritten, Tier::contraindicated,
              {.subject = "journal",
               .expected = fmt::format("at least {} records", known_.journal_sequence),
               .actual = fmt::format("{} records", journal.head_sequence),
               .evidence = "journal: head"});
        return false;
    }

    void judge_record(const JournalRecord& record) {
        if (record.wall_ms > examined_.inputs.now * 1000 + kClockSlackMs) {
            finds(findings::journal_future, Tier::contraindicated,
                  about(record.sequence, fmt::format("dated until {}", utc_text(examined_.inputs.now)),
                        fmt::format("dated {}", utc_text(record.wall_ms / 1000))));
        }
        if (record.kind == DeviceEventKind::gap) {
            finds(findings::journal_gap, Tier::warning,
                  about(record.sequence, "every event",
                        record.lost == 0 ? std::string("an unknown number of events lost")
                                         : fmt::format("{} events lost", record.lost)));
        }
        // The first record of all is where observation begins: nothing was promised before.
        if (record.kind == DeviceEventKind::monitor_start && record.sequence > 1) {
            finds(findings::journal_unobserved, Tier::warning,
                  about(record.sequence, "observed without a break", unobserved_span(record, before_)));
        }
        before_ = {record.boot_id, record.boottime_ms};
    }

    const Examined& examined_;
    Judge& judge_;
    const KnownHost& known_;
    Before before_;
};

void judge_journal(const Examined& examined, Judge& judge) {
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.lacks(examined, section::kJournal);
    judge.holds(examined.basis(), fmt::format("head {}, acknowledged before {}", journal->head_sequence,
                                              examined.inputs.known_host.journal_sequence));
    Walk(examined, judge).run(*journal);
}

}  // namespace

const Check checks::journal_is_continuous{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_journal};

}  // namespace assay
