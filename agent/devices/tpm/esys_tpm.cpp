#include "agent/devices/tpm/esys_tpm.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "agent/devices/host/attributes.h"
#include "agent/devices/tpm/attested.h"
#include "agent/devices/tpm/device_keys.h"
#include "agent/devices/tpm/esys_journal.h"
#include "agent/devices/tpm/esys_keys.h"
#include "agent/devices/tpm/marshalled.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"

namespace assay {

namespace {

/// Extends of some PCRs above 15 do not move the update counter (TPM2_PT_PCR_NO_INCREMENT; PC Client Platform
/// TPM Profile, 4.6).
constexpr std::uint32_t kUncounted = 0xff'0000;

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

Result<TPML_PCR_SELECTION> to_tss(const tcg::PcrSelection& selection) {
    constexpr std::size_t kOctets = 3;
    TPML_PCR_SELECTION list{};
    if (selection.banks().size() > std::size(list.pcrSelections))
        return fail(ErrorCode::limit, "too many PCR banks");
    for (const auto& bank : selection.banks()) {
        auto& entry = list.pcrSelections[list.count++];
        entry.hash = static_cast<TPMI_ALG_HASH>(bank.algorithm);
        entry.sizeofSelect = kOctets;
        for (std::size_t octet = 0; octet < kOctets; ++octet)
            entry.pcrSelect[octet] = static_cast<BYTE>(bank.mask >> 8U * octet);
    }
    return list;
}

/// Takes the values of one TPM2_PCR_Read into `values` and their PCRs out of `left`. False where there were
/// none.
Result<bool> take_values(const TPML_PCR_SELECTION& read, const TPML_DIGEST& digests, TPML_PCR_SELECTION& left,
                         PcrSection& values) {
    std::size_t next = 0;
    for (std::size_t bank = 0; bank < std::min<std::size_t>(read.count, left.count); ++bank) {
        const auto& entry = read.pcrSelections[bank];
        const auto algorithm = TRY(hash_algorithm_from_id(entry.hash));
        for (std::uint32_t index = 0; index < tcg::kPcrCount; ++index) {
            const auto bit = static_cast<BYTE>(1U << index % 8);
            if ((entry.pcrSelect[index / 8] & bit) == 0) continue;
            if (next >= digests.count) return fail(ErrorCode::tpm, "PCR_Read: fewer values than PCRs");
            const auto& digest = digests.digests[next++];
            values[algorithm][index] = TRY(
                Digest::from_bytes(algorithm, std::as_bytes(std::span(digest.buffer).first(digest.size))));
            left.pcrSelections[bank].pcrSelect[index / 8] &= static_cast<BYTE>(~bit);
        }
    }
    return next > 0;
}

bool nothing_left(const TPML_PCR_SELECTION& selection) {
    return std::ranges::all_of(
        std::span(selection.pcrSelections).first(selection.count), [](const auto& bank) {
            return std::ranges::all_of(std::span(bank.pcrSelect).first(bank.sizeofSelect),
                                       [](BYTE octet) { return octet == 0; });
        });
}

}  // namespace

struct EsysTpm::State {
    struct Pcrs {
        std::uint32_t update_counter = 0;
        PcrSection values;
    };

    explicit State(EsysConnection connection) : tpm(std::move(connection)) {}

    /// Looked up once: a look-up costs round trips, making a key costs seconds on a real TPM.
    Result<EndorsementKey*> endorsement() {
        if (!ek) ek = TRY(find_endorsement_key(tpm));
        return &*ek;
    }
    Result<EsysConnection::Key*> attestation() {
        if (!ak) ak = TRY(find_attestation_key(tpm));
        return &*ak;
    }
    Result<Bytes> activate(const EndorsementKey& key, ByteView id_object, ByteView encrypted_secret);
    Result<std::optional<Pcrs>> read_once(const TPML_PCR_SELECTION& selection, const Pcrs* cached);

    EsysConnection tpm;  // first, so that it outlives the handles below
    std::optional<EndorsementKey> ek;
    std::optional<EsysConnection::Key> ak;
    std::vector<const EkTemplate*> further;         // as further_eks gave them
    std::vector<FoundDeviceKey> device_keys;        // as device_keys gave them
    std::map<std::string, Pcrs, std::less<>> pcrs;  // by selection
};

EsysTpm::EsysTpm(std::unique_ptr<State> state) : state_(std::move(state)) {}
EsysTpm::~EsysTpm() = default;

Result<std::unique_ptr<EsysTpm>> EsysTpm::open(const std::string& conf) {
    auto state = std::make_unique<State>(TRY(EsysConnection::open(conf)));
    return std::unique_ptr<EsysTpm>(
        new EsysTpm(std::move(state)));  // NOLINT(*-owning-memory): private constructor
}

std::uint64_t EsysTpm::round_trips() const {
    return state_->tpm.round_trips();
}

Result<TpmSection> EsysTpm::properties() {
    TpmSection section;
    std::array<std::string, 4> vendor;
    for (const auto& [tag, value] : TRY(state_->tpm.fixed_properties())) {
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

Result<TpmIdentity> EsysTpm::identity() {
    const auto* ek = TRY(state_->endorsement());
    const auto* ak = TRY(state_->attestation());
    auto ek_public = TRY(marshalled(ek->key.area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
    auto ak_public = TRY(marshalled(ak->area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
    return TpmIdentity{std::move(ek_public), ek->certificates, std::move(ak_public)};
}

Result<Bytes> EsysTpm::activate(ByteView id_object, ByteView encrypted_secret) {
    return state_->activate(*TRY(state_->endorsement()), id_object, encrypted_secret);
}

Result<std::vector<FurtherEk>> EsysTpm::further_eks() {
    const auto* used = TRY(state_->endorsement());
    std::vector<FurtherEk> out;
    state_->further.clear();
    for (const auto& ek : ek_templates()) {
        if (&ek == used->origin) continue;
        const auto key = further_endorsement_key(state_->tpm, ek);
        if (!key && key.error().code != ErrorCode::tpm) return std::unexpected(key.error());
        if (!key) continue;  // a curve or size that this TPM does not have
        auto area = TRY(marshalled(key->key.area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
        out.push_back({std::move(area), key->certificates.empty() ? Bytes{} : key->certificates.front()});
        state_->further.push_back(&ek);
    }
    return out;
}

Result<Bytes> EsysTpm::activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret) {
    if (index >= state_->further.size()) return fail(ErrorCode::usage, "this TPM showed no such further EK");
    const auto key = TRY(further_endorsement_key(state_->tpm, *state_->further[index]));
    return state_->activate(key, id_object, encrypted_secret);
}

Result<Bytes> EsysTpm::State::activate(const EndorsementKey& key, ByteView id_object,
                                       ByteView encrypted_secret) {
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

Result<DeviceKeys> EsysTpm::device_keys() {
    auto found = TRY(find_device_keys(state_->tpm));
    DeviceKeys out{{}, std::move(found.trouble)};
    for (const auto& each : found.keys) out.keys.push_back(each.shown);
    state_->device_keys = std::move(found.keys);
    return out;
}

Result<TpmQuote> EsysTpm::certify(tcg::TpmKeyRole role, ByteView qualifying_data) {
    const auto data = TRY(qualifying(qualifying_data));
    const auto found = std::ranges::find(state_->device_keys, role,
                                         [](const FoundDeviceKey& each) { return each.shown.role; });
    if (found == state_->device_keys.end())
        return fail(ErrorCode::not_found, fmt::format("this TPM showed no {}", to_string(role)));
    const auto* ak = TRY(state_->attestation());
    const auto signer = TRY(load_device_key(state_->tpm, *found));
    const auto scheme = certify_scheme(signer.area);
    TssOwned<TPM2B_ATTEST> attest;
    TssOwned<TPMT_SIGNATURE> signature;
    TRY_VOID(state_->tpm.command(fmt::format("Certify by the {}", to_string(role)), [&] {
        return ::Esys_Certify(state_->tpm.esys(), ak->handle.get(), signer.handle.get(), ESYS_TR_PASSWORD,
                              ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &scheme, out(attest), out(signature));
    }));
    return attested(*attest, *signature);
}

Result<TpmQuote> EsysTpm::quote(std::string_view selection, ByteView extra_data) {
    const auto list = TRY(to_tss(TRY(tcg::pcr_selection_from_text(selection))));
    const auto data = TRY(qualifying(extra_data));
    const auto* ak = TRY(state_->attestation());
    TPMT_SIG_SCHEME the_keys_own{};
    the_keys_own.scheme = TPM2_ALG_NULL;
    TssOwned<TPM2B_ATTEST> attest;
    TssOwned<TPMT_SIGNATURE> signature;
    TRY_VOID(state_->tpm.command("Quote", [&] {
        return ::Esys_Quote(state_->tpm.esys(), ak->handle.get(), ESYS_TR_PASSWORD, ESYS_TR_NONE,
                            ESYS_TR_NONE, &data, &the_keys_own, &list, out(attest), out(signature));
    }));
    return attested(*attest, *signature);
}

/// All of `selection`, at most 8 PCRs a command; nothing where a PCR moved in between. With a `cached` whose
/// counter has not moved, that.
Result<std::optional<EsysTpm::State::Pcrs>> EsysTpm::State::read_once(const TPML_PCR_SELECTION& selection,
                                                                      const Pcrs* cached) {
    TPML_PCR_SELECTION left = selection;
    Pcrs pcrs;
    for (bool first = true; !nothing_left(left); first = false) {
        std::uint32_t counter = 0;
        TssOwned<TPML_PCR_SELECTION> read;
        TssOwned<TPML_DIGEST> digests;
        TRY_VOID(tpm.command("PCR_Read", [&] {
            return ::Esys_PCR_Read(tpm.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &left, &counter,
                                   out(read), out(digests));
        }));
        if (first) pcrs.update_counter = counter;
        if (counter != pcrs.update_counter) return std::nullopt;
        if (!TRY(take_values(*read, *digests, left, pcrs.values))) {
            return fail(ErrorCode::tpm, "PCR_Read: a bank of the selection is not active in this TPM");
        }
        if (first && cached != nullptr && cached->update_counter == counter) return *cached;
    }
    return pcrs;
}

Result<PcrSection> EsysTpm::read_pcrs(std::string_view selection) {
    constexpr int kTries = 16;
    const auto parsed = TRY(tcg::pcr_selection_from_text(selection));
    const auto list = TRY(to_tss(parsed));
    const bool counted =
        std::ranges::all_of(parsed.banks(), [](const auto& bank) { return (bank.mask & kUncounted) == 0; });
    for (int i = 0; i < kTries; ++i) {
        const auto cached = state_->pcrs.find(selection);
        const bool usable = counted && cached != state_->pcrs.end();
        auto pcrs = TRY(state_->read_once(list, usable ? &cached->second : nullptr));
        if (!pcrs) continue;
        return state_->pcrs.insert_or_assign(std::string(selection), std::move(*pcrs)).first->second.values;
    }
    return fail(ErrorCode::conflict, fmt::format("the PCRs were extended during each of {} reads", kTries));
}

Result<JournalIndices> EsysTpm::journal_indices() {
    return EsysJournal(state_->tpm).read();
}

Result<> EsysTpm::define_journal_indices(const std::string& owner_auth) {
    return EsysJournal(state_->tpm).define(owner_auth);
}

Result<> EsysTpm::remove_journal_indices(const std::string& owner_auth) {
    return EsysJournal(state_->tpm).remove(owner_auth);
}

Result<> EsysTpm::extend_journal(const Digest& record) {
    return EsysJournal(state_->tpm).extend(record);
}

Result<> EsysTpm::count_journal() {
    return EsysJournal(state_->tpm).increment();
}

Result<JournalProof> EsysTpm::certify_journal(ByteView qualifying_data,
                                              std::optional<std::uint64_t> rests_at) {
    const auto* ak = TRY(state_->attestation());
    return EsysJournal(state_->tpm).certify(ak->handle.get(), qualifying_data, rests_at);
}

Result<std::uint32_t> EsysTpm::reset_count() {
    TssOwned<TPMS_TIME_INFO> time;
    TRY_VOID(state_->tpm.command("ReadClock", [&] {
        return ::Esys_ReadClock(state_->tpm.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out(time));
    }));
    return time->clockInfo.resetCount;
}

}  // namespace assay
