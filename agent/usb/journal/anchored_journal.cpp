#include "agent/usb/journal/anchored_journal.h"

#include <array>
#include <chrono>

#include <fmt/core.h>

#include "evidence/base/fault.h"
#include "evidence/base/text.h"
#include "evidence/tpm/journal_index.h"

namespace assay::agent {
namespace {

using State = AnchorStatus::State;

constexpr std::string_view kNoIndices =
    "the TPM has no indices for the journal; set them up with: assay-agent journal init";
constexpr std::string_view kForeign =
    "the TPM vouches for another journal than this one: records are missing or were changed, or its indices "
    "were written to "
    "by something else. The verifier will say so. Keep a copy of the journal for the investigation; "
    "afterwards: assay-agent "
    "journal init --renew";

std::unexpected<Error> injected_in_tpm() {
    return fail(ErrorCode::tpm, "an injected fault");
}

}  // namespace

std::string_view to_string(AnchorStatus::State state) {
    static constexpr std::array<std::string_view, 5> kNames{"absent", "anchored", "behind", "foreign",
                                                            "unknown"};  // in the order of State
    return kNames.at(static_cast<std::size_t>(state));
}

AnchorStatus anchor_status(const std::filesystem::path& folder, Tpm& tpm) {
    AnchorStatus status;
    const auto because = [&](State state, std::string reason) {
        status.state = state;
        status.reason = std::move(reason);
        return status;
    };
    const auto journal = load_journal(folder);
    if (!journal) return because(State::unknown, describe(journal.error()));
    status.head = journal->scan.head.sequence;
    const auto indices = tpm.journal_indices();
    if (!indices) return because(State::unknown, describe(indices.error()));
    status.counter = indices->counter;
    status.value = indices->value;
    const auto from = anchor_point::load(folder);
    if (!from) return because(State::foreign, describe(from.error()));
    if (!indices->value_defined || !indices->counter) return because(State::absent, std::string(kNoIndices));
    const auto place = *from ? anchor_point::find(journal->scan, **from, indices->value.value_or(Digest{}),
                                                  *indices->counter)
                             : std::nullopt;
    if (!place) return because(State::foreign, std::string(kForeign));
    status.through = place->point.sequence;
    status.state = status.through == status.head && !place->uncounted ? State::anchored : State::behind;
    return status;
}

Result<std::string> read_boot_id(Host& host) {
    constexpr std::size_t kBootIdFile = 64;
    return std::string(trimmed(as_text(TRY(host.read("/proc/sys/kernel/random/boot_id", kBootIdFile)))));
}

Result<JournalRecord> new_record(Host& host) {
    JournalRecord record;
    record.boot_id = TRY(read_boot_id(host));
    const auto clock = TRY(host.clock());
    record.wall_ms = clock.wall_ms;
    record.boottime_ms = clock.boottime_ms;
    return record;
}

AnchoredJournal::AnchoredJournal(Journal journal, std::filesystem::path folder, Tpm* tpm, Error no_tpm)
    : journal_(std::move(journal)), folder_(std::move(folder)), tpm_(tpm) {
    if (tpm_ == nullptr) keep_trouble(std::unexpected(no_tpm));
}

void AnchoredJournal::keep_trouble(const Result<>& given) {
    using namespace std::chrono;
    const std::lock_guard guard(trouble_mutex_);
    if (given) return trouble_.reset();
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    trouble_ = {describe(given.error()), trouble_ ? trouble_->since_ms : now};
}

std::optional<AnchoredJournal::Trouble> AnchoredJournal::trouble() const {
    const std::lock_guard guard(trouble_mutex_);
    return trouble_;
}

Result<> AnchoredJournal::give(const Digest& record) {
    if (ASSAY_FAULT("journal: record on disk, not in the TPM")) return injected_in_tpm();
    TRY_VOID(tpm_->extend_journal(record));
    if (ASSAY_FAULT("journal: record extended, not counted")) return injected_in_tpm();
    at_->value = tcg::extended(at_->value, record);
    at_->sequence += 1;
    TRY_VOID(tpm_->count_journal());
    if (ASSAY_FAULT("journal: record counted")) return injected_in_tpm();
    at_->counter += 1;
    return {};
}

// From what the TPM has to the journal's head.
Result<> AnchoredJournal::bring_up() {
    if (tpm_ == nullptr) return fail(ErrorCode::not_found, "there is no TPM");
    if (at_ && at_->sequence == journal_.head().sequence) return {};
    at_.reset();  // after a failure only the TPM knows how far it came
    const auto from = TRY(anchor_point::load(folder_));
    const auto indices = TRY(tpm_->journal_indices());
    if (!indices.value_defined || !indices.counter)
        return fail(ErrorCode::not_found, std::string(kNoIndices));
    const auto journal = TRY(load_journal(folder_));
    const auto place =
        from ? anchor_point::find(journal.scan, *from, indices.value.value_or(Digest{}), *indices.counter)
             : std::nullopt;
    if (!place) return fail(ErrorCode::conflict, std::string(kForeign));
    at_ = place->point;
    const auto brought = [&]() -> Result<> {
        if (place->uncounted) TRY_VOID(tpm_->count_journal());
        for (auto i = place->index; i < journal.scan.frames.size(); ++i)
            TRY_VOID(give(journal.scan.frames[i].digest));
        return {};
    }();
    if (!brought) at_.reset();
    return brought;
}

void AnchoredJournal::catch_up() {
    const std::lock_guard guard(mutex_);
    keep_trouble(bring_up());
}

Result<JournalPosition> AnchoredJournal::append(JournalRecord record) {
    const std::lock_guard guard(mutex_);
    const auto head = TRY(journal_.append(std::move(record)));
    const bool next = at_ && at_->sequence + 1 == head.sequence;
    const auto given = next ? give(head.digest) : bring_up();
    if (!given) at_.reset();
    keep_trouble(given);
    return head;
}

Result<AnchoredJournal::Setup> AnchoredJournal::set_up(const std::string& owner_auth, bool renew,
                                                       JournalRecord record) {
    if (tpm_ == nullptr) return fail(ErrorCode::not_found, "there is no TPM");
    {
        const std::lock_guard guard(mutex_);
        const auto from = anchor_point::load(folder_);
        auto indices = TRY(tpm_->journal_indices());
        // Set up, but for the record: a crash came in between.
        const bool begun = from && *from && !indices.value && indices.counter == (*from)->counter &&
                           (*from)->sequence == journal_.head().sequence;
        const bool used = !begun && (indices.value.has_value() || (from && *from) || !from);
        if (used && !renew) {
            const auto status = anchor_status(folder_, *tpm_);
            if (status.state == State::anchored || status.state == State::behind) return Setup::already;
            return fail(ErrorCode::conflict,
                        status.state == State::absent
                            ? "this journal was anchored, and the TPM's indices are gone: it was cleared, or "
                              "they were removed. To set them up anew: assay-agent journal init --renew"
                            : status.reason);
        }
        if (used) TRY_VOID(tpm_->remove_journal_indices(owner_auth));
        TRY_VOID(tpm_->define_journal_indices(owner_auth));
        if (ASSAY_FAULT("journal: indices defined, point not saved")) return injected_in_tpm();
        indices = TRY(tpm_->journal_indices());
        if (!indices.counter) return fail(ErrorCode::tpm, "the journal's counter could not be set up");
        record.kind = DeviceEventKind::anchor;
        record.counter = *indices.counter;
        TRY_VOID(anchor_point::save(folder_, {journal_.head().sequence, Digest{}, *indices.counter}));
        if (ASSAY_FAULT("journal: point saved, anchor not written")) return injected_in_tpm();
        at_ = anchor_point::Point{journal_.head().sequence, Digest{}, *indices.counter};
    }
    TRY_VOID(append(std::move(record)));
    return Setup::done;
}

Result<> AnchoredJournal::prune_through(std::uint64_t sequence) {
    const std::lock_guard guard(mutex_);
    if (const auto from = anchor_point::load(folder_); from && *from && sequence > (*from)->sequence) {
        const auto journal = TRY(load_journal(folder_));
        // First the point, then the records that it was computed from.
        TRY_VOID(anchor_point::save(folder_, anchor_point::advanced(journal.scan, **from, sequence)));
    }
    if (ASSAY_FAULT("journal: point advanced, records not pruned")) return injected_in_tpm();
    return journal_.prune_through(sequence);
}

}  // namespace assay::agent
