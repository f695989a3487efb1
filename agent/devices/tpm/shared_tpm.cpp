#include "agent/devices/tpm/shared_tpm.h"

namespace assay {

template <typename Call>
std::invoke_result_t<Call, Tpm&> SharedTpm::with_tpm(Call call) {
    const std::lock_guard guard(mutex_);
    if (!tpm_) tpm_ = TRY(open_());
    auto result = call(*tpm_);
    const bool broken =
        !result && (result.error().code == ErrorCode::io || result.error().code == ErrorCode::tpm);
    if (broken) tpm_.reset();
    return result;
}

Result<TpmSection> SharedTpm::properties() {
    return with_tpm([](Tpm& tpm) { return tpm.properties(); });
}
Result<TpmIdentity> SharedTpm::identity() {
    return with_tpm([](Tpm& tpm) { return tpm.identity(); });
}
Result<Bytes> SharedTpm::activate(ByteView id_object, ByteView encrypted_secret) {
    return with_tpm([&](Tpm& tpm) { return tpm.activate(id_object, encrypted_secret); });
}
Result<std::vector<FurtherEk>> SharedTpm::further_eks() {
    return with_tpm([](Tpm& tpm) { return tpm.further_eks(); });
}
Result<Bytes> SharedTpm::activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) {
    return with_tpm([&](Tpm& tpm) { return tpm.activate_further(index, id_object, encrypted_secret); });
}
Result<DeviceKeys> SharedTpm::device_keys() {
    return with_tpm([](Tpm& tpm) { return tpm.device_keys(); });
}
Result<TpmQuote> SharedTpm::certify(tcg::TpmKeyRole role, ByteView qualifying_data) {
    return with_tpm([&](Tpm& tpm) { return tpm.certify(role, qualifying_data); });
}
Result<TpmQuote> SharedTpm::quote(std::string_view selection, ByteView extra_data) {
    return with_tpm([&](Tpm& tpm) { return tpm.quote(selection, extra_data); });
}
Result<PcrSection> SharedTpm::read_pcrs(std::string_view selection) {
    return with_tpm([&](Tpm& tpm) { return tpm.read_pcrs(selection); });
}
Result<JournalIndices> SharedTpm::journal_indices() {
    return with_tpm([](Tpm& tpm) { return tpm.journal_indices(); });
}
Result<> SharedTpm::define_journal_indices(const std::string& owner_auth) {
    return with_tpm([&](Tpm& tpm) { return tpm.define_journal_indices(owner_auth); });
}
Result<> SharedTpm::remove_journal_indices(const std::string& owner_auth) {
    return with_tpm([&](Tpm& tpm) { return tpm.remove_journal_indices(owner_auth); });
}
Result<> SharedTpm::extend_journal(const Digest& record) {
    return with_tpm([&](Tpm& tpm) { return tpm.extend_journal(record); });
}
Result<> SharedTpm::count_journal() {
    return with_tpm([](Tpm& tpm) { return tpm.count_journal(); });
}
Result<JournalProof> SharedTpm::certify_journal(ByteView qualifying_data,
                                                std::optional<std::uint64_t> rests_at) {
    return with_tpm([&](Tpm& tpm) { return tpm.certify_journal(qualifying_data, rests_at); });
}
Result<std::uint32_t> SharedTpm::reset_count() {
    return with_tpm([](Tpm& tpm) { return tpm.reset_count(); });
}

}  // namespace assay
