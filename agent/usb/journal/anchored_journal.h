#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "agent/devices/host/host.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/usb/journal/anchor_point.h"
#include "agent/usb/journal/journal.h"

namespace assay::agent {

/// How a journal and the TPM's indices stand to each other.
struct AnchorStatus {
    enum class State : std::uint8_t {
        absent,    ///< the TPM has no indices for a journal
        anchored,  ///< it has every record
        behind,    ///< it lacks the newest ones
        foreign,   ///< it vouches for another journal: this one was changed, or the indices were
        unknown,   ///< the TPM could not be asked
    };
    State state = State::unknown;
    std::uint64_t through = 0;  ///< sequence of the newest record that the TPM has; for anchored and behind
    std::uint64_t head = 0;     ///< sequence of the newest record
    std::optional<std::uint64_t> counter;
    std::optional<Digest> value;
    std::string reason;  ///< why it is not anchored
};
std::string_view to_string(AnchorStatus::State state);

/// Compares; changes nothing. `folder` is the journal's.
AnchorStatus anchor_status(const std::filesystem::path& folder, Tpm& tpm);

/// The kernel's id of this boot.
Result<std::string> read_boot_id(Host& host);
/// A record with this machine's boot id and clocks; the rest is the caller's.
Result<JournalRecord> new_record(Host& host);

/// The device journal with its TPM: each record is on disk before the TPM is extended with it, and what the
/// TPM did not take (busy, worn, its owner's password set) is given to it later, in order; the journal goes
/// on meanwhile. Calls may come from any thread.
class AnchoredJournal {
  public:
    /// `tpm` may be null: then nothing is anchored. It outlives this.
    AnchoredJournal(Journal journal, std::filesystem::path folder, Tpm* tpm, Error no_tpm = {});

    /// Sets up the indices where the TPM has none and this journal was never anchored, and writes the record
    /// of kind `anchor` from which on the TPM vouches. With `renew` also where it was: what the old indices
    /// vouched for is gone then, and the verifier will say so. `already`: nothing was to be done.
    enum class Setup : std::uint8_t { done, already };
    Result<Setup> set_up(const std::string& owner_auth, bool renew, JournalRecord record);

    /// As Journal::append. An error only where the record is not on disk.
    Result<JournalPosition> append(JournalRecord record);
    /// Gives the TPM what it lacks.
    void catch_up();
    Result<> prune_through(std::uint64_t sequence);

    /// No record comes and the TPM's indices do not move while it is held: to read the journal and have it
    /// certified.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
    /// Why the newest records are not in the TPM, and since when (Unix ms); nothing where they are.
    struct Trouble {
        std::string reason;
        std::int64_t since_ms = 0;
    };
    [[nodiscard]] std::optional<Trouble> trouble() const;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::size_t size() const { return journal_.size(); }
    [[nodiscard]] JournalPosition head() const { return journal_.head(); }
    [[nodiscard]] const std::optional<TornWrite>& torn_write() const { return journal_.torn_write(); }

  private:
    Result<> give(const Digest& record);
    Result<> bring_up();
    void keep_trouble(const Result<>& given);

    Journal journal_;
    std::filesystem::path folder_;
    Tpm* tpm_;
    std::mutex mutex_;
    std::optional<anchor_point::Point> at_;  // where the TPM stands; nothing: to be found out
    mutable std::mutex trouble_mutex_;
    std::optional<Trouble> trouble_;
};

}  // namespace assay::agent
