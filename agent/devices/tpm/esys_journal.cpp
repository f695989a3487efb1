#include "agent/devices/tpm/esys_journal.h"

#include <algorithm>
#include <span>

#include <fmt/core.h>

#include "agent/devices/tpm/attested.h"
#include "evidence/base/byte_reader.h"
#include "evidence/tpm/journal_index.h"
#include "evidence/tpm/nv.h"

namespace assay::agent {
namespace {

std::string named(const tcg::NvPublic& area) {
    return fmt::format("journal's NV index {:#010x}", area.index);
}

template <typename Buffer>
Result<Buffer> filled(ByteView bytes, std::string_view what) {
    Buffer out{};
    if (bytes.size() > sizeof(out.buffer))
        return fail(ErrorCode::usage, fmt::format("{}: at most {} bytes", what, sizeof(out.buffer)));
    out.size = static_cast<UINT16>(bytes.size());
    std::ranges::copy(std::span(as_uchar(bytes), bytes.size()), std::begin(out.buffer));
    return out;
}

bool is_absent(const Error& error) {
    return error.code == ErrorCode::not_found;
}

}  // namespace

Result<EsysJournal::Index> EsysJournal::index(const tcg::NvPublic& wanted) {
    const auto there = TRY(tpm_.handles(wanted.index, wanted.index));
    if (there.empty()) return fail(ErrorCode::not_found, named(wanted) + ": not defined");
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(tpm_.command(named(wanted), [&] {
        return ::Esys_TR_FromTPMPublic(tpm_.esys(), wanted.index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                       &raw);
    }));
    Index out{TssHandle(tpm_.esys(), raw, false), 0};
    TssOwned<TPM2B_NV_PUBLIC> area;
    TRY_VOID(tpm_.command(named(wanted) + ": NV_ReadPublic", [&] {
        return ::Esys_NV_ReadPublic(tpm_.esys(), raw, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    assay::agent::out(area), nullptr);
    }));
    out.attributes = area->nvPublic.attributes;
    if ((out.attributes & ~TPMA_NV_WRITTEN) != wanted.attributes || area->nvPublic.dataSize != wanted.size ||
        area->nvPublic.nameAlg != TPM2_ALG_SHA256 || area->nvPublic.authPolicy.size != 0) {
        return fail(
            ErrorCode::conflict,
            fmt::format("{} is another program's (attributes {:#x}, {} bytes); free it, for instance with "
                        "tpm2_nvundefine {:#x}",
                        named(wanted), out.attributes, area->nvPublic.dataSize, wanted.index));
    }
    return out;
}

Result<Bytes> EsysJournal::content(const Index& index, const tcg::NvPublic& area) {
    TssOwned<TPM2B_MAX_NV_BUFFER> data;
    TRY_VOID(tpm_.command(named(area) + ": NV_Read", [&] {
        return ::Esys_NV_Read(tpm_.esys(), index.handle.get(), index.handle.get(), ESYS_TR_PASSWORD,
                              ESYS_TR_NONE, ESYS_TR_NONE, area.size, 0, out(data));
    }));
    return to_bytes(std::as_bytes(std::span(data->buffer).first(data->size)));
}

Result<JournalIndices> EsysJournal::read() {
    JournalIndices out;
    const auto value = index(tcg::kJournalValueIndex);
    if (!value && !is_absent(value.error())) return std::unexpected(value.error());
    out.value_defined = value.has_value();
    if (value && (value->attributes & TPMA_NV_WRITTEN) != 0) {
        out.value =
            TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(content(*value, tcg::kJournalValueIndex))));
    }
    const auto counter = index(tcg::kJournalCounterIndex);
    if (!counter && !is_absent(counter.error())) return std::unexpected(counter.error());
    out.counter_defined = counter.has_value();
    if (counter && (counter->attributes & TPMA_NV_WRITTEN) != 0) {
        const auto bytes = TRY(content(*counter, tcg::kJournalCounterIndex));
        ByteReader in(bytes);
        out.counter = in.u64be("counter");
        if (!in.ok()) return fail(ErrorCode::tpm, named(tcg::kJournalCounterIndex) + ": fewer than 8 bytes");
    }
    return out;
}

Result<> EsysJournal::give_owner_auth(const std::string& owner_auth) {
    const auto auth = TRY(filled<TPM2B_AUTH>(as_view(owner_auth), "the owner's authorisation value"));
    return tpm_.command("owner's authorisation value",
                        [&] { return ::Esys_TR_SetAuth(tpm_.esys(), ESYS_TR_RH_OWNER, &auth); });
}

Result<> EsysJournal::define(const tcg::NvPublic& area) {
    const TPM2B_AUTH nobody{};
    TPM2B_NV_PUBLIC wanted{};
    wanted.nvPublic.nvIndex = area.index;
    wanted.nvPublic.nameAlg = TPM2_ALG_SHA256;
    wanted.nvPublic.attributes = area.attributes;
    wanted.nvPublic.dataSize = area.size;
    ESYS_TR raw = ESYS_TR_NONE;
    TRY_VOID(tpm_.command(named(area) + ": NV_DefineSpace", [&] {
        return ::Esys_NV_DefineSpace(tpm_.esys(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &nobody, &wanted, &raw);
    }));
    const TssHandle closed(tpm_.esys(), raw, false);
    return {};
}

Result<> EsysJournal::define(const std::string& owner_auth) {
    TRY_VOID(give_owner_auth(owner_auth));
    const auto there = TRY(read());
    if (!there.counter_defined) TRY_VOID(define(tcg::kJournalCounterIndex));
    if (!there.counter) TRY_VOID(increment());
    if (!there.value_defined) TRY_VOID(define(tcg::kJournalValueIndex));
    return {};
}

Result<> EsysJournal::undefine(const tcg::NvPublic& area) {
    const auto found = index(area);
    if (!found && is_absent(found.error())) return {};
    if (!found) return std::unexpected(found.error());
    return tpm_.command(named(area) + ": NV_UndefineSpace", [&] {
        return ::Esys_NV_UndefineSpace(tpm_.esys(), ESYS_TR_RH_OWNER, found->handle.get(), ESYS_TR_PASSWORD,
                                       ESYS_TR_NONE, ESYS_TR_NONE);
    });
}

Result<> EsysJournal::remove(const std::string& owner_auth) {
    TRY_VOID(give_owner_auth(owner_auth));
    TRY_VOID(undefine(tcg::kJournalValueIndex));
    return undefine(tcg::kJournalCounterIndex);
}

Result<> EsysJournal::extend(const Digest& record) {
    const auto value = TRY(index(tcg::kJournalValueIndex));
    const auto data = TRY(filled<TPM2B_MAX_NV_BUFFER>(record.view(), "a record's digest"));
    return tpm_.command(named(tcg::kJournalValueIndex) + ": NV_Extend", [&] {
        return ::Esys_NV_Extend(tpm_.esys(), value.handle.get(), value.handle.get(), ESYS_TR_PASSWORD,
                                ESYS_TR_NONE, ESYS_TR_NONE, &data);
    });
}

Result<> EsysJournal::increment() {
    const auto counter = TRY(index(tcg::kJournalCounterIndex));
    return tpm_.command(named(tcg::kJournalCounterIndex) + ": NV_Increment", [&] {
        return ::Esys_NV_Increment(tpm_.esys(), counter.handle.get(), counter.handle.get(), ESYS_TR_PASSWORD,
                                   ESYS_TR_NONE, ESYS_TR_NONE);
    });
}

Result<TpmQuote> EsysJournal::certify(ESYS_TR ak, const tcg::NvPublic& area, ByteView qualifying_data) {
    const auto found = TRY(index(area));
    const auto data = TRY(qualifying(qualifying_data));
    TPMT_SIG_SCHEME the_keys_own{};
    the_keys_own.scheme = TPM2_ALG_NULL;
    TssOwned<TPM2B_ATTEST> attest;
    TssOwned<TPMT_SIGNATURE> signature;
    TRY_VOID(tpm_.command(named(area) + ": NV_Certify", [&] {
        return ::Esys_NV_Certify(tpm_.esys(), ak, found.handle.get(), found.handle.get(), ESYS_TR_PASSWORD,
                                 ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &the_keys_own, area.size, 0,
                                 out(attest), out(signature));
    }));
    return attested(*attest, *signature);
}

Result<JournalProof> EsysJournal::certify(ESYS_TR ak, ByteView qualifying_data,
                                          std::optional<std::uint64_t> rests_at) {
    auto counter = TRY(certify(ak, tcg::kJournalCounterIndex, qualifying_data));
    JournalProof proof;
    const auto certified = TRY(tcg::parse_nv_certification(counter.quote));
    ByteReader number(certified.contents);
    // A signature takes 100 to 500 ms on a real TPM.
    if (!rests_at || number.u64be("counter") != *rests_at || !number.ok()) {
        auto value = TRY(certify(ak, tcg::kJournalValueIndex, qualifying_data));
        proof.value_attest = std::move(value.quote);
        proof.value_signature = std::move(value.signature);
    }
    proof.counter_attest = std::move(counter.quote);
    proof.counter_signature = std::move(counter.signature);
    return proof;
}

}  // namespace assay::agent
