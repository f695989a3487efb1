#include "agent/devices/tpm/esys_connection.h"

#include <algorithm>
#include <span>

#include <fmt/core.h>

#include "evidence/base/fault.h"

namespace assay::agent {

namespace {

constexpr std::uint32_t kManyHandles = 254;

}  // namespace

Result<EsysConnection> EsysConnection::open(Tcti tcti) {
    TssOwned<ESYS_CONTEXT> esys;
    TSS2_ABI_VERSION version TSS2_ABI_VERSION_CURRENT;
    if (const auto code = ::Esys_Initialize(out(esys), tcti.get(), &version); code != TSS2_RC_SUCCESS) {
        return std::unexpected(tss_error(code, "ESYS"));
    }
    return EsysConnection(std::move(tcti), std::move(esys));
}

bool EsysConnection::fault_is_due() {
    return ASSAY_FAULT("tpm");
}

Result<TssOwned<TPMS_CAPABILITY_DATA>> EsysConnection::capability(TPM2_CAP kind, std::uint32_t first,
                                                                  std::uint32_t count, std::string_view what,
                                                                  bool* more) {
    TssOwned<TPMS_CAPABILITY_DATA> data;
    TPMI_YES_NO more_data = 0;
    TRY_VOID(command(what, [&] {
        return ::Esys_GetCapability(esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, kind, first, count,
                                    &more_data, out(data));
    }));
    if (more != nullptr) *more = more_data != 0;
    return data;
}

Result<std::vector<TPM2_HANDLE>> EsysConnection::handles(TPM2_HANDLE first, TPM2_HANDLE last) {
    std::vector<TPM2_HANDLE> found;
    bool more = true;
    while (more) {
        const auto data =
            TRY(capability(TPM2_CAP_HANDLES, first, kManyHandles, "GetCapability handles", &more));
        const auto& list = data->data.handles;
        for (const auto handle :
             std::span(list.handle).first(std::min<std::size_t>(list.count, std::size(list.handle)))) {
            if (handle < first || handle > last) return found;
            found.push_back(handle);
            first = handle + 1;
        }
        if (list.count == 0) more = false;
    }
    return found;
}

Result<std::vector<TPMS_TAGGED_PROPERTY>> EsysConnection::fixed_properties() {
    const auto data = TRY(capability(TPM2_CAP_TPM_PROPERTIES, TPM2_PT_FIXED, TPM2_MAX_TPM_PROPERTIES,
                                     "GetCapability properties"));
    const auto& list = data->data.tpmProperties;
    const auto all =
        std::span(list.tpmProperty).first(std::min<std::size_t>(list.count, std::size(list.tpmProperty)));
    return std::vector<TPMS_TAGGED_PROPERTY>(all.begin(), all.end());
}

Result<bool> EsysConnection::has_curve(TPM2_ECC_CURVE curve) {
    const auto data = TRY(capability(TPM2_CAP_ECC_CURVES, curve, 1, "GetCapability curves"));
    return data->data.eccCurves.count > 0 && data->data.eccCurves.eccCurves[0] == curve;
}

Result<Bytes> EsysConnection::nv_read(TPM2_HANDLE index, std::size_t limit) {
    constexpr std::size_t kChunk =
        512;  // PC Client Platform TPM Profile: TPM2_PT_NV_BUFFER_MAX is at least this
    const auto what = fmt::format("NV index {:#010x}", index);
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(command(what, [&] {
        return ::Esys_TR_FromTPMPublic(esys(), index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &raw);
    }));
    const TssHandle handle(esys(), raw, false);
    TssOwned<TPM2B_NV_PUBLIC> area;
    TRY_VOID(command(what + ": NV_ReadPublic", [&] {
        return ::Esys_NV_ReadPublic(esys(), raw, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out(area),
                                    nullptr);
    }));
    const std::size_t size = area->nvPublic.dataSize;
    if (size > limit)
        return fail(ErrorCode::limit,
                    fmt::format("{}: expected at most {} bytes, got {}", what, limit, size));
    const bool by_itself = (area->nvPublic.attributes & TPMA_NV_AUTHREAD) != 0;
    Bytes content;
    while (content.size() < size) {
        TssOwned<TPM2B_MAX_NV_BUFFER> part;
        const auto wanted = static_cast<UINT16>(std::min(kChunk, size - content.size()));
        TRY_VOID(command(what + ": NV_Read", [&] {
            return ::Esys_NV_Read(esys(), by_itself ? raw : ESYS_TR_RH_OWNER, raw, ESYS_TR_PASSWORD,
                                  ESYS_TR_NONE, ESYS_TR_NONE, wanted, static_cast<UINT16>(content.size()),
                                  out(part));
        }));
        if (part->size == 0) return fail(ErrorCode::tpm, what + ": NV_Read gave nothing");
        const auto bytes = std::as_bytes(std::span(part->buffer).first(part->size));
        content.insert(content.end(), bytes.begin(), bytes.end());
    }
    return content;
}

Result<EsysConnection::Key> EsysConnection::persistent_key(TPM2_HANDLE handle) {
    const auto what = fmt::format("key {:#010x}", handle);
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(command(what, [&] {
        return ::Esys_TR_FromTPMPublic(esys(), handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &raw);
    }));
    Key key{TssHandle(esys(), raw, false), {}};
    TssOwned<TPM2B_PUBLIC> area;
    TRY_VOID(command(what + ": ReadPublic", [&] {
        return ::Esys_ReadPublic(esys(), raw, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out(area), nullptr,
                                 nullptr);
    }));
    key.area = area->publicArea;
    return key;
}

Result<> EsysConnection::give_endorsement_auth(std::string_view auth) {
    TPM2B_AUTH value{};
    if (auth.size() > sizeof(value.buffer))
        return fail(ErrorCode::usage,
                    fmt::format("the endorsement hierarchy's authorisation value: at most {} bytes",
                                sizeof(value.buffer)));
    value.size = static_cast<UINT16>(auth.size());
    std::ranges::copy(auth, std::begin(value.buffer));
    const auto code = ::Esys_TR_SetAuth(esys(), ESYS_TR_RH_ENDORSEMENT, &value);
    if (code != TSS2_RC_SUCCESS)
        return std::unexpected(tss_error(code, "the endorsement hierarchy's authorisation value"));
    return {};
}

Result<EsysConnection::Key> EsysConnection::create_endorsement_primary(const TPMT_PUBLIC& area,
                                                                       std::string_view what) {
    TPM2B_PUBLIC wanted{};
    wanted.publicArea = area;
    const TPM2B_SENSITIVE_CREATE no_secret{};
    const TPM2B_DATA no_data{};
    const TPML_PCR_SELECTION no_pcrs{};
    ESYS_TR raw = ESYS_TR_NONE;
    TssOwned<TPM2B_PUBLIC> made;
    TRY_VOID(command(fmt::format("CreatePrimary {}", what), [&] {
        return ::Esys_CreatePrimary(esys(), ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                    ESYS_TR_NONE, &no_secret, &wanted, &no_data, &no_pcrs, &raw, out(made),
                                    nullptr, nullptr, nullptr);
    }));
    return Key{TssHandle(esys(), raw, true), made->publicArea};
}

Result<TssHandle> EsysConnection::persist(const TssHandle& key, TPM2_HANDLE handle) {
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(command(fmt::format("EvictControl {:#010x}", handle), [&] {
        return ::Esys_EvictControl(esys(), ESYS_TR_RH_OWNER, key.get(), ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                   ESYS_TR_NONE, handle, &raw);
    }));
    return TssHandle(esys(), raw, false);
}

Result<TssHandle> EsysConnection::endorsement_policy_session() {
    TPMT_SYM_DEF no_encryption{};
    no_encryption.algorithm = TPM2_ALG_NULL;
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(command("StartAuthSession", [&] {
        return ::Esys_StartAuthSession(esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                       ESYS_TR_NONE, nullptr, TPM2_SE_POLICY, &no_encryption, TPM2_ALG_SHA256,
                                       &raw);
    }));
    TssHandle session(esys(), raw, true);
    TRY_VOID(command("PolicySecret endorsement", [&] {
        return ::Esys_PolicySecret(esys(), ESYS_TR_RH_ENDORSEMENT, raw, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                   ESYS_TR_NONE, nullptr, nullptr, nullptr, 0, nullptr, nullptr);
    }));
    return session;
}

}  // namespace assay::agent
