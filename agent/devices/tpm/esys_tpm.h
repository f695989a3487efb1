#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/devices/tpm/tpm.h"

namespace assay {

/// Where the AK is kept, in the range of the TCG's registry of handles for keys of the endorsement hierarchy.
inline constexpr std::uint32_t kAkHandle = 0x8101'a5a0;

/// A TPM 2.0 through tpm2-tss. The AK is a primary key of the endorsement hierarchy made from a fixed
/// template, so the same TPM gives the same AK for ever, whether it could be persisted at kAkHandle or not
/// (persisting asks for owner authorisation). One connection, one thread at a time; the keys are looked up
/// once and kept for the object's life.
class EsysTpm final : public Tpm {
  public:
    /// `conf` as tctildr takes it: "device:/dev/tpmrm0", "swtpm:path=/run/tpm.sock",
    /// "mssim:host=...,port=...". Empty: /dev/tpmrm0, then /dev/tpm0. `not_found` where there is no TPM,
    /// `refused` where there is no permission; both say the remedy.
    static Result<std::unique_ptr<EsysTpm>> open(const std::string& conf);
    ~EsysTpm() override;
    EsysTpm(const EsysTpm&) = delete;
    EsysTpm& operator=(const EsysTpm&) = delete;

    Result<TpmSection> properties() override;
    Result<TpmIdentity> identity() override;
    Result<Bytes> activate(ByteView id_object, ByteView encrypted_secret) override;
    Result<std::vector<FurtherEk>> further_eks() override;
    Result<Bytes> activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) override;
    Result<DeviceKeys> device_keys() override;
    Result<TpmQuote> certify(tcg::TpmKeyRole role, ByteView qualifying_data) override;
    Result<TpmQuote> quote(std::string_view selection, ByteView extra_data) override;
    /// One round trip where the TPM's update counter has not moved since the last read of the same selection.
    Result<PcrSection> read_pcrs(std::string_view selection) override;
    Result<JournalIndices> journal_indices() override;
    Result<> define_journal_indices(const std::string& owner_auth) override;
    Result<> remove_journal_indices(const std::string& owner_auth) override;
    Result<> extend_journal(const Digest& record) override;
    Result<> count_journal() override;
    Result<JournalProof> certify_journal(ByteView qualifying_data,
                                         std::optional<std::uint64_t> rests_at) override;
    Result<std::uint32_t> reset_count() override;

    /// Commands sent to the TPM so far.
    [[nodiscard]] std::uint64_t round_trips() const;

  private:
    struct State;
    explicit EsysTpm(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace assay
