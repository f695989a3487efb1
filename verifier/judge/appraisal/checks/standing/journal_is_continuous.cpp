#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kClockSlackMs = 300'000;  // a host's clock may run ahead of the verifier's by this

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

// What the monitor found out of that span when it started.
std::string traces(const Downtime& downtime, const JournalRecord& started) {
    if (downtime.boot_id != started.boot_id) {
        return downtime.boot_id.empty()
                   ? ""
                   : fmt::format("; last watched in boot {} until {}", shown(downtime.boot_id),
                                 utc_text(downtime.last_wall_ms / 1000));
    }
    const auto length = started.boottime_ms - std::min(started.boottime_ms, downtime.last_boottime_ms);
    // A disk that has gone again takes its number along: none that is newer says nothing.
    const auto disks =
        downtime.disks == 0 ? std::string("not known") : fmt::format("at least {}", downtime.disks);
    const bool was_read = downtime.log == "read";
    return fmt::format(
        "; watched until {} ms before; since then {} kernel events; disk numbers used: {}; USB device "
        "numbers "
        "used: {} (the kernel's log: {})",
        length, downtime.uevents, disks, was_read ? std::to_string(downtime.devnums) : "not known",
        shown(downtime.log));
}

class Walk {
  public:
    Walk(const Examined& examined, Judge& judge)
        : examined_(examined), judge_(judge), known_(examined.inputs.known_host) {}

    void run(const JournalSection& journal) {
        follow(journal);
        tell_gap();
    }

  private:
    void follow(const JournalSection& journal) {
        if (!judge_start(journal)) return;
        Digest previous = known_head();
        std::uint64_t next = known_.journal_sequence + 1;
        for (const auto& [digest, record, problem] : examined_.claims.journal_records) {
            if (!record) {
                about(next).report(findings::journal_malformed, Tier::contraindicated, "a journal record",
                                   problem);
                return;
            }
            if (record->sequence != next || record->previous != previous) {
                about(record->sequence)
                    .report(findings::journal_chain, Tier::contraindicated,
                            fmt::format("record {} after {}", next, previous.hex()),
                            fmt::format("record {} after {}", record->sequence, record->previous.hex()));
                return;  // behind a break nothing follows from anything
            }
            judge_record(*record);
            previous = digest;
            ++next;
        }
        tell_gap();
        if (journal.head_sequence != next - 1 || journal.head != previous) {
            about(journal.head_sequence)
                .report(findings::journal_chain, Tier::contraindicated,
                        fmt::format("head {} {}", next - 1, previous.hex()),
                        fmt::format("head {} {}", journal.head_sequence, journal.head.hex()));
        }
        judge_boots();
    }

    [[nodiscard]] About about(std::uint64_t sequence) {
        return judge_.about(examined_.basis(), fmt::format("journal record {}", sequence),
                            fmt::format("journal: record {}", sequence));
    }
    [[nodiscard]] About about_journal(std::string evidence) {
        return judge_.about(examined_.basis(), "journal", std::move(evidence));
    }

    [[nodiscard]] Digest known_head() const {
        return Digest::from_bytes(HashAlgorithm::sha256, known_.journal_head).value_or(Digest{});
    }

    bool judge_start(const JournalSection& journal) {
        if (journal.head_sequence >= known_.journal_sequence) return true;
        about_journal("journal: head")
            .report(findings::journal_rewritten, Tier::contraindicated,
                    fmt::format("at least {} records", known_.journal_sequence),
                    fmt::format("{} records", journal.head_sequence));
        return false;
    }

    void judge_record(const JournalRecord& record) {
        if (record.wall_ms > examined_.inputs.now * 1000 + kClockSlackMs) {
            about(record.sequence)
                .report(findings::journal_future, Tier::contraindicated,
                        fmt::format("dated until {}", utc_text(examined_.inputs.now)),
                        fmt::format("dated {}", utc_text(record.wall_ms / 1000)));
        }
        if (record.kind == DeviceEventKind::gap) lose(record);
        if (record.kind == DeviceEventKind::monitor_start) {
            if (record.resets) starts_.insert(*record.resets);
            // The first of all is where observation begins: nothing was promised before.
            if (watched_) judge_start(record);
            watched_ = true;
        }
        before_ = {record.boot_id, record.boottime_ms};
    }

    // One overrun may be told twice: as it is noticed, and as the kernel's count says of how many events.
    void lose(const JournalRecord& record) {
        const bool is_same =
            gap_ && gap_->boot_id == record.boot_id && record.since_ms && *record.since_ms <= gap_->until_ms;
        if (!is_same) {
            tell_gap();
            gap_ = Gap{.boot_id = record.boot_id, .first = record.sequence};
        }
        gap_->last = record.sequence;
        gap_->until_ms = record.boottime_ms;
        gap_->lost += record.lost;
        gap_->is_counted = gap_->is_counted && record.lost != 0;
    }
    void tell_gap() {
        if (!gap_) return;
        const auto lost = gap_->is_counted ? fmt::format("{} events lost", gap_->lost)
                          : gap_->lost == 0
                              ? std::string("an unknown number of events lost")
                              : fmt::format("at least {} events lost, and an unknown number", gap_->lost);
        about(gap_->first)
            .report(
                findings::journal_gap, Tier::warning, "every event",
                lost + (gap_->last == gap_->first ? "" : fmt::format("; told up to record {}", gap_->last)));
        gap_.reset();
    }

    // A span without a monitor. That the kernel sent no event meanwhile is proof that nothing came or went.
    void judge_start(const JournalRecord& record) {
        if (record.downtime && record.downtime->quiet && record.downtime->boot_id == record.boot_id) {
            judge_.covered(
                examined_.basis(), 1,
                fmt::format("record {}: the monitor did not run for a while, and the kernel sent no event",
                            record.sequence));
            return;
        }
        about(record.sequence)
            .report(
                findings::journal_unobserved, Tier::warning, "observed without a break",
                unobserved_span(record, before_) + (record.downtime ? traces(*record.downtime, record) : ""));
    }

    // Each start of the machine since the last attestation has a monitor_start, by the TPM's count.
    void judge_boots() {
        constexpr std::uint32_t kShown = 3;
        const auto& verified = examined_.authentication.verified;
        if (!verified || starts_.empty() || known_.last_clock_ms == 0) return;
        const auto now = verified->quote().clock_info.reset_count;
        std::uint32_t missing = 0;
        std::string which;
        for (auto boot = known_.last_reset_count; boot < now; ++boot) {
            if (starts_.contains(boot + 1)) continue;
            if (++missing <= kShown) which += fmt::format("{}{}", which.empty() ? "" : ", ", boot + 1);
            if (boot + 1 - known_.last_reset_count > limits::kJournalRecords) break;
        }
        if (missing == 0) return;
        about_journal("quote: resetCount")
            .report(
                findings::journal_missing_boot, Tier::warning,
                fmt::format("a monitor_start in each boot from {} to {}", known_.last_reset_count + 1, now),
                fmt::format("none in {} of them: {}{}", missing, which, missing > kShown ? ", ..." : ""));
    }

    const Examined& examined_;
    Judge& judge_;
    const KnownHost& known_;
    struct Gap {
        std::string boot_id;
        std::uint64_t first = 0, last = 0;
        std::uint64_t until_ms = 0;  // CLOCK_BOOTTIME: up to then
        std::uint64_t lost = 0;
        bool is_counted = true;
    };
    std::optional<Gap> gap_;
    Before before_;
    bool watched_ = known_.journal_sequence > 0;
    std::set<std::uint32_t> starts_;  // by the TPM's reset count
};

void judge_journal(const Examined& examined, Judge& judge) {
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.report_absent(examined, section::kJournal);
    // The head is there to be compared with the acknowledged one also where no record came.
    const std::size_t head = journal->head_sequence == 0 ? 0 : 1;
    judge.covered(examined.basis(), examined.claims.journal_records.size() + head,
                  "the records since the last acknowledged one, and the journal's head");
    Walk(examined, judge).run(*journal);
}

}  // namespace

const Check checks::journal_is_continuous{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_journal};

}  // namespace assay::judge
