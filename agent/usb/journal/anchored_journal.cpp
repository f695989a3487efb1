#include "agent/usb/journal/anchored_journal.h"

#include <chrono>

#include <fmt/core.h>

#include "evidence/base/fault.h"
#include "evidence/tpm/journal_index.h"

namespace assay {
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
    switch (state) {
        case State::absent:
            return "absent";
        case State::anchored:
            return "anchored";
        case State::behind:
            return "behind";
        case State::foreign:
            return "foreign";
        case State::unknown:
            return "unknown";
    }
    return "unknown";
}

AnchorStatus anchor_status(const std::filesystem::path& folder, Tpm& tpm) {
    AnchorStatus status;
    const auto journal = load_journal(folder);
    if (!journal) {
        status.reason = describe(journal.error());
        return status;
    }
    status.head = journal->scan.head.sequence;
    const auto indices = tpm.journal_indices();
    if (!indices) {
        status.reason = describe(indices.error());
        return status;
    }
    status.counter = indices->counter;
    status.value = indices->value;
    const auto from = anchor_point::load(folder);
    if (!from) {
        status.state = State::foreign;
        status.reason = describe(from.error());
        return status;
    }
    if (!indices->value_defined || !indices->counter) {
        status.state = State::absent;
        status.reason = kNoIndices;
        return status;
    }
    const auto place = *from ? anchor_point::find(journal->scan, **from, indices->value.value_or(Digest{}),
                                                  *indices->counter)
                             : std::nullopt;
    if (!place) {
        status.state = State::foreign;
        status.reason = kForeign;
        return status;
    }
    status.through = place->point.sequence;
    status.state = status.through == status.head && !place->uncounted ? State::anchored : State::behind;
    return status;
}

AnchoredJournal::AnchoredJournal(Journal journal, std::filesystem::path folder, Tpm* tpm, Error no_tpm)
    : journal_(std::move(journal)), folder_(std::move(folder)), tpm_(tpm) {
    if (tpm_ == nullptr) troubled(no_tpm);
}

void AnchoredJournal::troubled(const Error& error) {
    using std::chrono::system_clock;
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
    const std::lock_guard guard(trouble_mutex_);
    if (trouble_) {
        trouble_->reason = describe(error);
    } else {
        trouble_ = {describe(error), now};
    }
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
    const auto brought = bring_up();
    if (!brought) return troubled(brought.error());
    const std::lock_guard trouble_guard(trouble_mutex_);
    trouble_.reset();
}

Result<JournalPosition> AnchoredJournal::append(JournalRecord record) {
    const std::lock_guard guard(mutex_);
    const auto head = TRY(journal_.append(std::move(record)));
    const bool next = at_ && at_->sequence + 1 == head.sequence;
    const auto given = next ? give(head.digest) : bring_up();
    if (given) {
        const std::lock_guard trouble_guard(trouble_mutex_);
        trouble_.reset();
    } else {
        at_.reset();
        troubled(given.error());
    }
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

}  // namespace assay
