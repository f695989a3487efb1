#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "agent/devices/tpm/tpm.h"

namespace assay {

/// One TPM for several threads: one call at a time. It is opened at the first call, and anew after one that
/// failed, so that a TPM that was away (or a resource manager that was restarted) is found again.
class SharedTpm final : public Tpm {
  public:
    using Open = std::function<Result<std::unique_ptr<Tpm>>()>;
    explicit SharedTpm(Open open) : open_(std::move(open)) {}

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
    template <typename Call>
    std::invoke_result_t<Call, Tpm&> with_tpm(Call call);

    Open open_;
    std::mutex mutex_;
    std::unique_ptr<Tpm> tpm_;
};

}  // namespace assay
