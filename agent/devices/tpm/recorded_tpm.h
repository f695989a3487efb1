#pragma once

#include <memory>

#include "agent/devices/recording.h"
#include "agent/devices/tpm/tpm.h"

namespace assay {

/// A Tpm that gives the answers of a recording. It holds no key: `quote` answers only for the very selection
/// and extra data that were recorded, and `activate` never; both are `refused` otherwise, and say why.
class RecordedTpm final : public Tpm {
  public:
    explicit RecordedTpm(Recording recording) : recording_(std::move(recording)) {}

    Result<TpmSection> properties() override;
    Result<TpmIdentity> identity() override;
    Result<Bytes> activate(ByteView id_object, ByteView encrypted_secret) override;
    Result<std::vector<FurtherEk>> further_eks() override;
    Result<Bytes> activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) override;
    Result<DeviceKeys> device_keys() override;
    Result<TpmQuote> certify(tcg::TpmKeyRole role, ByteView qualifying_data) override;
    Result<TpmQuote> quote(std::string_view selection, ByteView extra_data) override;
    Result<PcrSection> read_pcrs(std::string_view selection) override;
    Result<JournalIndices> journal_indices() override;
    Result<> define_journal_indices(const std::string& owner_auth) override;
    Result<> remove_journal_indices(const std::string& owner_auth) override;
    Result<> extend_journal(const Digest& record) override;
    Result<> count_journal() override;
    Result<JournalProof> certify_journal(ByteView qualifying_data,
                                         std::optional<std::uint64_t> rests_at) override;
    Result<std::uint32_t> reset_count() override;

  private:
    Recording recording_;
};

/// Passes every call to another Tpm and keeps its answer. Secrets do not pass: `activate` is not recorded.
/// Borrows both.
class RecordingTpm final : public Tpm {
  public:
    RecordingTpm(Tpm& tpm, Recording& recording) : tpm_(tpm), recording_(recording) {}

    Result<TpmSection> properties() override;
    Result<TpmIdentity> identity() override;
    Result<Bytes> activate(ByteView id_object, ByteView encrypted_secret) override;
    Result<std::vector<FurtherEk>> further_eks() override;
    Result<Bytes> activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) override;
    Result<DeviceKeys> device_keys() override;
    Result<TpmQuote> certify(tcg::TpmKeyRole role, ByteView qualifying_data) override;
    Result<TpmQuote> quote(std::string_view selection, ByteView extra_data) override;
    Result<PcrSection> read_pcrs(std::string_view selection) override;
    Result<JournalIndices> journal_indices() override;
    Result<> define_journal_indices(const std::string& owner_auth) override;
    Result<> remove_journal_indices(const std::string& owner_auth) override;
    Result<> extend_journal(const Digest& record) override;
    Result<> count_journal() override;
    Result<JournalProof> certify_journal(ByteView qualifying_data,
                                         std::optional<std::uint64_t> rests_at) override;
    Result<std::uint32_t> reset_count() override;

  private:
    Tpm& tpm_;
    Recording& recording_;
};

/// A RecordedTpm over `load_recording(folder)`.
Result<std::unique_ptr<Tpm>> open_recorded_tpm(const std::filesystem::path& folder);

}  // namespace assay
