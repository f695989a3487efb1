#include "agent/devices/tpm/tpm.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/core.h>

#include "agent/devices/host/attributes.h"
#include "agent/devices/tpm/attested.h"
#include "agent/devices/tpm/device_keys.h"
#include "agent/devices/tpm/esys_journal.h"
#include "agent/devices/tpm/esys_keys.h"
#include "agent/devices/tpm/esys_pcrs.h"
#include "agent/devices/tpm/marshalled.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"

namespace assay::agent {

namespace {

template <typename T, typename Unmarshal>
Result<T> unmarshalled(ByteView bytes, Unmarshal unmarshal, std::string_view what) {
    T value{};
    std::size_t used = 0;
    if (unmarshal(as_uchar(bytes), bytes.size(), &used, &value) != TSS2_RC_SUCCESS || used != bytes.size()) {
        return fail(ErrorCode::malformed, fmt::format("{}: not a TPM2B of its kind", what));
    }
    return value;
}

/// A property's four characters (TPM 2.0 Part 2, 6.13), without the NULs at the end.
std::string characters(std::uint32_t value) {
    Bytes bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<std::byte>(value >> shift));
    while (!bytes.empty() && bytes.back() == std::byte{0}) bytes.pop_back();
    return utf8_text(bytes);
}

/// One connection, and what is looked up once on it.
struct Session {
    Session(EsysConnection connection, bool keeps) : tpm(std::move(connection)), keeps_keys(keeps) {}

    /// Looked up once: a look-up costs round trips, making a key costs seconds on a real TPM.
    Result<EndorsementKey*> endorsement() {
        if (!ek) ek = TRY(find_endorsement_key(tpm, keeps_keys));
        return &*ek;
    }
    Result<EsysConnection::Key*> attestation() {
        if (!ak) ak = TRY(find_attestation_key(tpm, keeps_keys));
        return &*ak;
    }
    Result<TpmSection> properties();
    Result<Bytes> activate(const EndorsementKey& key, ByteView id_object, ByteView encrypted_secret);
    Result<TpmQuote> certify(const FoundDeviceKey& by, ByteView qualifying_data);
    Result<TpmQuote> quote(std::string_view selection, ByteView extra_data);

    EsysConnection tpm;  // first, so that it outlives the handles below
    bool keeps_keys = true;
    std::optional<EndorsementKey> ek;
    std::optional<EsysConnection::Key> ak;
    EsysPcrs pcrs{tpm};
};

Result<TpmSection> Session::properties() {
    TpmSection section;
    std::array<std::string, 4> vendor;
    for (const auto& [tag, value] : TRY(tpm.fixed_properties())) {
        switch (tag) {
            case TPM2_PT_FAMILY_INDICATOR:
                section.family = characters(value);
                break;
            case TPM2_PT_REVISION:
                section.revision = value;
                break;
            case TPM2_PT_MANUFACTURER:
                section.manufacturer = std::string(trimmed(characters(value)));
                break;
            case TPM2_PT_VENDOR_STRING_1:
            case TPM2_PT_VENDOR_STRING_2:
            case TPM2_PT_VENDOR_STRING_3:
            case TPM2_PT_VENDOR_STRING_4:
                vendor[tag - TPM2_PT_VENDOR_STRING_1] = characters(value);
                break;  // NOLINT
            case TPM2_PT_FIRMWARE_VERSION_1:
                section.firmware_version_1 = value;
                break;
            case TPM2_PT_FIRMWARE_VERSION_2:
                section.firmware_version_2 = value;
                break;
            default:
                break;
        }
    }
    for (const auto& part : vendor) section.vendor_string += part;
    section.vendor_string = std::string(trimmed(section.vendor_string));
    return section;
}

Result<Bytes> Session::activate(const EndorsementKey& key, ByteView id_object, ByteView encrypted_secret) {
    const auto blob =
        TRY(unmarshalled<TPM2B_ID_OBJECT>(id_object, ::Tss2_MU_TPM2B_ID_OBJECT_Unmarshal, "id_object"));
    const auto secret = TRY(unmarshalled<TPM2B_ENCRYPTED_SECRET>(
        encrypted_secret, ::Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal, "encrypted_secret"));
    const auto* ak = TRY(attestation());
    // Keys of the profile's low range are used by policy, those of the high range by their empty
    // authorisation value too.
    const bool by_policy = (key.key.area.objectAttributes & TPMA_OBJECT_USERWITHAUTH) == 0;
    const auto session = by_policy ? TRY(tpm.endorsement_policy_session()) : TssHandle();
    TssOwned<TPM2B_DIGEST> answer;
    TRY_VOID(tpm.command("ActivateCredential", [&] {
        return ::Esys_ActivateCredential(tpm.esys(), ak->handle.get(), key.key.handle.get(), ESYS_TR_PASSWORD,
                                         by_policy ? session.get() : ESYS_TR_PASSWORD, ESYS_TR_NONE, &blob,
                                         &secret, out(answer));
    }));
    return to_bytes(std::as_bytes(std::span(answer->buffer).first(answer->size)));
}

Result<TpmQuote> Session::certify(const FoundDeviceKey& by, ByteView qualifying_data) {
    const auto data = TRY(qualifying(qualifying_data));
    const auto* attested_key = TRY(attestation());
    const auto signer = TRY(load_device_key(tpm, by));
    const auto scheme = certify_scheme(signer.area);
    TssOwned<TPM2B_ATTEST> attest;
    TssOwned<TPMT_SIGNATURE> signature;
    TRY_VOID(tpm.command(fmt::format("Certify by the {}", to_string(by.shown.role)), [&] {
        return ::Esys_Certify(tpm.esys(), attested_key->handle.get(), signer.handle.get(), ESYS_TR_PASSWORD,
                              ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &scheme, out(attest), out(signature));
    }));
    return attested(*attest, *signature);
}

Result<TpmQuote> Session::quote(std::string_view selection, ByteView extra_data) {
    const auto list = TRY(tss_selection(TRY(tcg::pcr_selection_from_text(selection))));
    const auto data = TRY(qualifying(extra_data));
    const auto* signer = TRY(attestation());
    TPMT_SIG_SCHEME the_keys_own{};
    the_keys_own.scheme = TPM2_ALG_NULL;
    TssOwned<TPM2B_ATTEST> attest;
    TssOwned<TPMT_SIGNATURE> signature;
    TRY_VOID(tpm.command("Quote", [&] {
        return ::Esys_Quote(tpm.esys(), signer->handle.get(), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                            &data, &the_keys_own, &list, out(attest), out(signature));
    }));
    return attested(*attest, *signature);
}

}  // namespace

struct Tpm::State {
    State(Connect way, TpmAccess how) : connect(std::move(way)), access(std::move(how)) {}

    Connect connect;
    TpmAccess access;
    std::mutex mutex;
    std::optional<Session> session;
    std::vector<const EkTemplate*> further;   // as further_eks gave them
    std::vector<FoundDeviceKey> device_keys;  // as device_keys gave them

    Result<> connected() {
        if (session) return {};
        auto opened = TRY(EsysConnection::open(TRY(connect())));
        if (!access.endorsement_auth.empty()) TRY_VOID(opened.give_endorsement_auth(access.endorsement_auth));
        session.emplace(std::move(opened), access.keeps_keys);
        return {};
    }
    template <typename Call>
    std::invoke_result_t<Call, Session&> with(Call call) {
        const std::lock_guard guard(mutex);
        TRY_VOID(connected());
        auto result = call(*session);
        const bool broken =
            !result && (result.error().code == ErrorCode::io || result.error().code == ErrorCode::tpm);
        if (broken) session.reset();
        return result;
    }
};

Tpm::Tpm(Connect connect, TpmAccess access)
    : state_(std::make_unique<State>(std::move(connect), std::move(access))) {}
Tpm::~Tpm() = default;

Result<std::unique_ptr<Tpm>> Tpm::open(const std::string& conf, TpmAccess access) {
    auto tpm = std::make_unique<Tpm>([conf] { return open_tcti(conf); }, std::move(access));
    TRY_VOID(tpm->connect());
    return tpm;
}

Result<> Tpm::connect() {
    return state_->with([](Session&) -> Result<> { return {}; });
}

std::uint64_t Tpm::round_trips() const {
    const std::lock_guard guard(state_->mutex);
    return state_->session ? state_->session->tpm.round_trips() : 0;
}

Result<TpmSection> Tpm::properties() {
    return state_->with([](Session& on) { return on.properties(); });
}

Result<TpmIdentity> Tpm::identity() {
    return state_->with([](Session& on) -> Result<TpmIdentity> {
        const auto* ek = TRY(on.endorsement());
        const auto* ak = TRY(on.attestation());
        auto ek_public = TRY(marshalled(ek->key.area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
        auto ak_public = TRY(marshalled(ak->area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
        return TpmIdentity{std::move(ek_public), ek->certificates, std::move(ak_public)};
    });
}

Result<Bytes> Tpm::activate(ByteView id_object, ByteView encrypted_secret) {
    return state_->with([&](Session& on) -> Result<Bytes> {
        return on.activate(*TRY(on.endorsement()), id_object, encrypted_secret);
    });
}

Result<std::vector<FurtherEk>> Tpm::further_eks() {
    return state_->with([this](Session& on) -> Result<std::vector<FurtherEk>> {
        const auto* used = TRY(on.endorsement());
        std::vector<FurtherEk> out;
        state_->further.clear();
        for (const auto& ek : ek_templates()) {
            if (&ek == used->origin) continue;
            const auto key = further_endorsement_key(on.tpm, ek);
            if (!key && key.error().code != ErrorCode::tpm) return std::unexpected(key.error());
            if (!key) continue;  // a curve or size that this TPM does not have
            auto area = TRY(marshalled(key->key.area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
            out.push_back({std::move(area), key->certificates.empty() ? Bytes{} : key->certificates.front()});
            state_->further.push_back(&ek);
        }
        return out;
    });
}

Result<Bytes> Tpm::activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) {
    return state_->with([&](Session& on) -> Result<Bytes> {
        if (index >= state_->further.size())
            return fail(ErrorCode::usage, "this TPM showed no such further EK");
        const auto key = TRY(further_endorsement_key(on.tpm, *state_->further[index]));
        return on.activate(key, id_object, encrypted_secret);
    });
}

Result<DeviceKeys> Tpm::device_keys() {
    return state_->with([this](Session& on) -> Result<DeviceKeys> {
        auto found = TRY(find_device_keys(on.tpm));
        DeviceKeys out{{}, std::move(found.trouble)};
        for (const auto& each : found.keys) out.keys.push_back(each.shown);
        state_->device_keys = std::move(found.keys);
        return out;
    });
}

Result<TpmQuote> Tpm::certify(tcg::TpmKeyRole role, ByteView qualifying_data) {
    return state_->with([&](Session& on) -> Result<TpmQuote> {
        const auto& keys = state_->device_keys;
        const auto found = std::ranges::find(keys, role, [](const auto& each) { return each.shown.role; });
        if (found == keys.end())
            return fail(ErrorCode::not_found, fmt::format("this TPM showed no {}", to_string(role)));
        return on.certify(*found, qualifying_data);
    });
}

Result<TpmQuote> Tpm::quote(std::string_view selection, ByteView extra_data) {
    return state_->with([&](Session& on) { return on.quote(selection, extra_data); });
}

Result<PcrSection> Tpm::read_pcrs(std::string_view selection) {
    return state_->with([&](Session& on) { return on.pcrs.read(selection); });
}

Result<JournalIndices> Tpm::journal_indices() {
    return state_->with([](Session& on) { return EsysJournal(on.tpm).read(); });
}

Result<> Tpm::define_journal_indices(const std::string& owner_auth) {
    return state_->with([&](Session& on) { return EsysJournal(on.tpm).define(owner_auth); });
}

Result<> Tpm::remove_journal_indices(const std::string& owner_auth) {
    return state_->with([&](Session& on) { return EsysJournal(on.tpm).remove(owner_auth); });
}

Result<> Tpm::extend_journal(const Digest& record) {
    return state_->with([&](Session& on) { return EsysJournal(on.tpm).extend(record); });
}

Result<> Tpm::count_journal() {
    return state_->with([](Session& on) { return EsysJournal(on.tpm).increment(); });
}

Result<JournalProof> Tpm::certify_journal(ByteView qualifying_data, std::optional<std::uint64_t> rests_at) {
    return state_->with([&](Session& on) -> Result<JournalProof> {
        const auto* ak = TRY(on.attestation());
        return EsysJournal(on.tpm).certify(ak->handle.get(), qualifying_data, rests_at);
    });
}

Result<std::uint32_t> Tpm::reset_count() {
    return state_->with([](Session& on) -> Result<std::uint32_t> {
        TssOwned<TPMS_TIME_INFO> time;
        TRY_VOID(on.tpm.command("ReadClock", [&] {
            return ::Esys_ReadClock(on.tpm.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out(time));
        }));
        return time->clockInfo.resetCount;
    });
}

}  // namespace assay::agent
