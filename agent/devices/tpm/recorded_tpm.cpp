#include "agent/devices/tpm/recorded_tpm.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"

namespace assay {

namespace {

constexpr std::string_view kProperties = "tpm_properties";
constexpr std::string_view kIdentity = "tpm_identity";
constexpr std::string_view kQuote = "tpm_quote";
constexpr std::string_view kPcrs = "tpm_pcrs";
constexpr std::string_view kJournal = "tpm_journal";

std::unexpected<Error> no_key(std::string_view over, ByteView asked) {
    return fail(ErrorCode::refused,
                fmt::format("a recorded TPM holds no key: it signed over {}, and is asked for {}", over,
                            to_hex(asked)));
}
std::unexpected<Error> not_in_a_recording() {
    return fail(ErrorCode::refused, "a recorded TPM cannot be changed");
}

using Fields = std::vector<std::string>;

Result<Fields> at_least(Recording::Answer answer, std::size_t count) {
    if (answer && answer->size() < count)
        return fail(ErrorCode::malformed, fmt::format("recording: fewer than {} fields", count));
    return answer;
}

}  // namespace

Result<TpmSection> RecordedTpm::properties() {
    const auto fields = TRY(at_least(recording_.answer(kProperties, ""), 1));
    return decode_tpm_section(TRY(from_hex(fields[0], limits::kText)));
}

Result<TpmIdentity> RecordedTpm::identity() {
    const auto fields = TRY(at_least(recording_.answer(kIdentity, ""), 2));
    TpmIdentity identity;
    identity.ek_public = TRY(from_hex(fields[0], limits::kPublicArea));
    identity.ak_public = TRY(from_hex(fields[1], limits::kPublicArea));
    if (fields.size() - 2 > limits::kCertificates)
        return fail(ErrorCode::limit, "recording: too many certificates");
    for (std::size_t i = 2; i < fields.size(); ++i) {
        identity.ek_certificates.push_back(TRY(from_hex(fields[i], limits::kCertificate)));
    }
    return identity;
}

Result<Bytes> RecordedTpm::activate(ByteView, ByteView) {
    return fail(ErrorCode::refused,
                "a recorded TPM holds no key: it cannot activate a credential, so it cannot be enrolled");
}

Result<std::vector<FurtherEk>> RecordedTpm::further_eks() {
    return std::vector<FurtherEk>{};
}

Result<Bytes> RecordedTpm::activate_further(std::size_t, ByteView id_object, ByteView encrypted_secret) {
    return activate(id_object, encrypted_secret);
}

Result<DeviceKeys> RecordedTpm::device_keys() {
    return DeviceKeys{};
}

Result<TpmQuote> RecordedTpm::certify(tcg::TpmKeyRole, ByteView) {
    return fail(ErrorCode::refused, "a recording holds no key: it cannot certify one");
}

Result<TpmQuote> RecordedTpm::quote(std::string_view selection, ByteView extra_data) {
    const auto fields = TRY(at_least(recording_.answer(kQuote, selection), 3));
    if (fields[0] != to_hex(extra_data)) {
        return no_key(fields[0], extra_data);
    }
    auto attest = TRY(from_hex(fields[1], limits::kQuote));
    auto signature = TRY(from_hex(fields[2], limits::kSignature));
    return TpmQuote{std::move(attest), std::move(signature)};
}

Result<PcrSection> RecordedTpm::read_pcrs(std::string_view selection) {
    const auto fields = TRY(at_least(recording_.answer(kPcrs, selection), 1));
    return decode_pcr_section(TRY(from_hex(fields[0], limits::kSection)));
}

Result<JournalIndices> RecordedTpm::journal_indices() {
    return fail(ErrorCode::not_found,
                "a recording does not have the journal's indices, only what they certified");
}
Result<> RecordedTpm::define_journal_indices(const std::string&) {
    return not_in_a_recording();
}
Result<> RecordedTpm::remove_journal_indices(const std::string&) {
    return not_in_a_recording();
}
Result<> RecordedTpm::extend_journal(const Digest&) {
    return not_in_a_recording();
}
Result<> RecordedTpm::count_journal() {
    return not_in_a_recording();
}

Result<JournalProof> RecordedTpm::certify_journal(ByteView qualifying_data, std::optional<std::uint64_t>) {
    const auto fields = TRY(at_least(recording_.answer(kJournal, ""), 5));
    if (fields[0] != to_hex(qualifying_data)) return no_key(fields[0], qualifying_data);
    auto value = TRY(from_hex(fields[1], limits::kQuote));
    auto value_signature = TRY(from_hex(fields[2], limits::kSignature));
    auto counter = TRY(from_hex(fields[3], limits::kQuote));
    auto counter_signature = TRY(from_hex(fields[4], limits::kSignature));
    return JournalProof{std::move(value), std::move(value_signature), std::move(counter),
                        std::move(counter_signature)};
}

Result<std::uint32_t> RecordedTpm::reset_count() {
    return fail(ErrorCode::not_found, "a recording does not have the TPM's clock, only what it signed");
}

Result<TpmSection> RecordingTpm::properties() {
    return recording_.keep(kProperties, "", tpm_.properties(), [](const TpmSection& section) {
        return Fields{to_hex(encode_tpm_section(section))};
    });
}

Result<TpmIdentity> RecordingTpm::identity() {
    return recording_.keep(kIdentity, "", tpm_.identity(), [](const TpmIdentity& identity) {
        Fields fields{to_hex(identity.ek_public), to_hex(identity.ak_public)};
        for (const auto& certificate : identity.ek_certificates) fields.push_back(to_hex(certificate));
        return fields;
    });
}

Result<Bytes> RecordingTpm::activate(ByteView id_object, ByteView encrypted_secret) {
    return tpm_.activate(id_object, encrypted_secret);
}

Result<std::vector<FurtherEk>> RecordingTpm::further_eks() {
    return tpm_.further_eks();
}

Result<Bytes> RecordingTpm::activate_further(std::size_t index, ByteView id_object,
                                             ByteView encrypted_secret) {
    return tpm_.activate_further(index, id_object, encrypted_secret);
}

Result<DeviceKeys> RecordingTpm::device_keys() {
    return tpm_.device_keys();
}

Result<TpmQuote> RecordingTpm::certify(tcg::TpmKeyRole role, ByteView qualifying_data) {
    return tpm_.certify(role, qualifying_data);
}

Result<TpmQuote> RecordingTpm::quote(std::string_view selection, ByteView extra_data) {
    return recording_.keep(kQuote, selection, tpm_.quote(selection, extra_data), [&](const TpmQuote& quote) {
        return Fields{to_hex(extra_data), to_hex(quote.quote), to_hex(quote.signature)};
    });
}

Result<PcrSection> RecordingTpm::read_pcrs(std::string_view selection) {
    return recording_.keep(kPcrs, selection, tpm_.read_pcrs(selection), [](const PcrSection& section) {
        return Fields{to_hex(encode_pcr_section(section))};
    });
}

Result<JournalIndices> RecordingTpm::journal_indices() {
    return tpm_.journal_indices();
}
Result<> RecordingTpm::define_journal_indices(const std::string& owner_auth) {
    return tpm_.define_journal_indices(owner_auth);
}
Result<> RecordingTpm::remove_journal_indices(const std::string& owner_auth) {
    return tpm_.remove_journal_indices(owner_auth);
}
Result<> RecordingTpm::extend_journal(const Digest& record) {
    return tpm_.extend_journal(record);
}
Result<> RecordingTpm::count_journal() {
    return tpm_.count_journal();
}

Result<JournalProof> RecordingTpm::certify_journal(ByteView qualifying_data, std::optional<std::uint64_t>) {
    return recording_.keep(
        kJournal, "", tpm_.certify_journal(qualifying_data, std::nullopt), [&](const JournalProof& proof) {
            return Fields{to_hex(qualifying_data), to_hex(proof.value_attest), to_hex(proof.value_signature),
                          to_hex(proof.counter_attest), to_hex(proof.counter_signature)};
        });
}

Result<std::uint32_t> RecordingTpm::reset_count() {
    return tpm_.reset_count();
}

Result<std::unique_ptr<Tpm>> open_recorded_tpm(const std::filesystem::path& folder) {
    return std::make_unique<RecordedTpm>(TRY(load_recording(folder)));
}

}  // namespace assay
