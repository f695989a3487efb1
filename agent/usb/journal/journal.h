#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "agent/usb/journal/journal_frames.h"
#include "evidence/wire/section/journal.h"

namespace assay::agent {

using JournalPosition = journal_frames::Position;

/// What a crash left behind the last good record, as `Journal::open` found it.
struct TornWrite {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::filesystem::path kept;  ///< where they are kept
};

/// The writer of the hash-chained device journal: docs/formats/journal-file.md. One at a time, in any
/// process; its calls may come from any thread. What the TPM is to anchor is the head that `append` returns:
/// there is the place to do it.
class Journal {
  public:
    /// Makes `folder` (0700) and the journal where they are missing, takes the lock and cuts off a torn
    /// write. `conflict` where another process writes; `malformed` where the file is damaged: it stays as it
    /// is, and the error says what to do.
    static Result<Journal> open(const std::filesystem::path& folder);
    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) noexcept;
    ~Journal();

    /// Gives the record its sequence and `previous`, and returns the new head when it is on disk. On an error
    /// (`io`: the disk is full; `limit`: the journal is) the journal is what it was before.
    Result<JournalPosition> append(JournalRecord record);

    /// Drops the records up to `sequence`, which the verifier has acknowledged. What is not there yet is not
    /// dropped.
    Result<void> prune_through(std::uint64_t sequence);

    [[nodiscard]] JournalPosition head() const;
    [[nodiscard]] std::size_t size() const;  ///< bytes of the file
    [[nodiscard]] const std::optional<TornWrite>& torn_write() const;

  private:
    struct State;
    explicit Journal(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// The records after `sequence` as the section to send; reads the file beside its writer. At most
/// limits::kJournalRecords records and `max_bytes` of them: then `head` is the last one given, and the next
/// submission goes on from there. An empty section where no journal was ever written.
Result<JournalSection> read_journal(const std::filesystem::path& folder, std::uint64_t sequence,
                                    std::size_t max_bytes);

/// The file as it is, for who compares it with the TPM. Empty, from record 1 on, where no journal was ever
/// written.
struct LoadedJournal {
    Bytes bytes;  ///< what `scan` refers to
    journal_frames::Scan scan;
};
Result<LoadedJournal> load_journal(const std::filesystem::path& folder);

/// Whether a process writes this journal now: whether events are being recorded.
Result<bool> journal_has_writer(const std::filesystem::path& folder);

}  // namespace assay::agent
